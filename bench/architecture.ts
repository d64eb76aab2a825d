/** The machine types of the bench: what differs between architectures, and nothing else. */
import { arch } from "node:process";

export interface Architecture {
  readonly name: string;
  /** The emulator, and the Debian package that has it. */
  readonly emulator: string;
  readonly emulatorPackage: string;
  /** Debian's name of the architecture. */
  readonly debian: string;
  /** The package that depends on the current kernel: a kernel's own name changes with each of its interfaces. */
  readonly kernelPackage: string;
  readonly machine: string;
  /** The processor, where a program stands for it. */
  readonly processor: string;
  /** Node.js's name of the architecture whose processor can run such a machine itself. */
  readonly node: string;
  /** The console, on the first serial port. */
  readonly console: string;
  /** Whether the kernel's compressed image is unpacked here, which an emulated processor would take seconds for. */
  readonly unpacks: boolean;
  /** Further words of the kernel's command line. */
  readonly kernelOptions: readonly string[];
  /** The kernel's modules without which the guest reaches neither its agent's port nor its files. */
  readonly firstModules: readonly string[];
  /** Those of the USB controller, unless they are among the first ones. */
  readonly usbModules: readonly string[];
  readonly board?: Board;
}

/**
 * A machine whose devices are given: the bench chooses among what is on it, and what is plugged into its USB port. It has
 * no way to the host's files.
 */
export interface Board {
  /** In the bench file. */
  readonly name: string;
  /** What tells the kernel what is on it; in the package of the kernel. */
  readonly deviceTree: string;
  /** Bytes. */
  readonly memory: number;
  readonly processors: number;
  /** Further words of the emulator's. */
  readonly words: readonly string[];
}

/** Modules for the agent's port and the host's files. */
const shares = ["virtio_pci", "9pnet_virtio", "9p", "overlay", "virtio_console"];

const x86: Architecture = {
  name: "x86_64",
  emulator: "qemu-system-x86_64",
  emulatorPackage: "qemu-system-x86",
  debian: "amd64",
  kernelPackage: "linux-image-amd64",
  machine: "q35",
  processor: "max",
  node: "x64",
  console: "ttyS0",
  unpacks: true,
  // More than four serial ports must be asked for, and a clock that needs no calibration saves the time for it.
  kernelOptions: ["tsc=reliable", "no_timer_check", "8250.nr_uarts=16"],
  firstModules: shares,
  usbModules: ["xhci_pci"],
};

const arm64: Architecture = {
  name: "arm64",
  emulator: "qemu-system-aarch64",
  emulatorPackage: "qemu-system-arm",
  debian: "arm64",
  kernelPackage: "linux-image-arm64",
  machine: "virt,gic-version=3",
  processor: "cortex-a72",
  node: "arm64",
  console: "ttyAMA0",
  unpacks: false,
  kernelOptions: [],
  firstModules: shares,
  usbModules: ["xhci_pci"],
};

const raspberryPi: Architecture = {
  ...arm64,
  machine: "raspi3b",
  processor: "cortex-a53",
  kernelOptions: ["maxcpus=1"],
  firstModules: ["phy-generic", "dwc2", "ftdi_sio"],
  usbModules: [],
  board: {
    name: "raspberry-pi-3",
    deviceTree: "broadcom/bcm2837-rpi-3-b.dtb",
    memory: 2 ** 30,
    processors: 4,
    // The others would wait in a loop for the kernel to call them, each as a thread that never sleeps.
    words: ["-global", "bcm2837.enabled-cpus=1"],
  },
};

export const architectures = { x86_64: x86, arm64 } as const satisfies Record<string, Architecture>;
export type ArchitectureName = keyof typeof architectures;

/** The architecture of this machine, or the one that it can always emulate. */
export function ownArchitecture(): ArchitectureName {
  const own = Object.values(architectures).find(({ node }) => node === arch);
  return (own?.name ?? "x86_64") as ArchitectureName;
}

/** The boards that there are, by their names in the bench file. */
export const boards = { "raspberry-pi-3": raspberryPi } as const satisfies Record<string, Architecture>;
export type BoardName = keyof typeof boards;
