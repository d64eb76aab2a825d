/** The emulator's command line for one machine. */
import { join } from "node:path";
import { agentPort } from "./agent-protocol.js";
import type { Architecture, Board } from "./architecture.js";
import { backendWords, escaped } from "./backends.js";
import type { Bench } from "./bench-file.js";
import { boardAgentPort, boardHub, type DevicePlan, onUsb } from "./device-plan.js";
import type { Arguments } from "./monitor.js";

export interface MachineFacts {
  readonly architecture: Architecture;
  readonly accelerated: boolean;
  readonly bench: Bench;
  readonly plans: readonly DevicePlan[];
  /** Bridges that wait for devices. */
  readonly ports: readonly Arguments[];
  readonly kernel: string;
  /** Of a board: a file. */
  readonly deviceTree: string | undefined;
  readonly initramfs: string;
  readonly folder: string;
  /** What the guest has as its root. */
  readonly root: string;
  readonly work: string;
  /** Folders above the root, the first one above all others. */
  readonly layers: readonly string[];
  readonly systemd: boolean;
}

/** What the guest calls the share of a layer. */
export function layerTag(number: number): string {
  return `layer${number}`;
}

function share(tag: string, path: string, options: string): string[] {
  return [
    ...["-fsdev", `local,id=${tag},path=${escaped(path)},security_model=none,multidevs=remap${options}`],
    ...["-device", JSON.stringify({ driver: "virtio-9p-pci", fsdev: tag, mount_tag: tag })],
  ];
}

/** Names of the kernel's own. Nothing here slows a measurement: there are none in a machine whose processor is a program. */
const kernelWords = ["quiet", "panic=-1", "mitigations=off", "nokaslr", "audit=0", "apparmor=0", "cryptomgr.notests"];

/**
 * systemd's own: no file system and no terminal of this machine's, and nothing that needs a console. The second version
 * of control groups alone, as it would otherwise look for what this machine has.
 */
const systemdWords = [
  "fstab=no",
  "luks=no",
  "systemd.unit=multi-user.target",
  "systemd.getty_auto=no",
  "systemd.show_status=error",
  "systemd.firstboot=off",
  "systemd.unified_cgroup_hierarchy=1",
];

export function machineWords(facts: MachineFacts): string[] {
  const { architecture, accelerated, bench, plans, folder } = facts;
  const { memory, processors, clock, timing } = bench.machine;
  const counted = timing === "counted";
  const { board } = architecture;
  const base = clock === undefined ? "utc" : new Date(clock).toISOString().slice(0, 19);
  const watchdog = Object.values(bench.devices).find(({ kind }) => kind === "watchdog");
  return [
    ...[
      "-machine",
      `${architecture.machine},accel=${accelerated ? "kvm" : "tcg"}`,
      "-cpu",
      accelerated ? "host" : architecture.processor,
    ],
    ...["-m", `size=${board?.memory ?? memory}B`, "-smp", String(board?.processors ?? processors)],
    ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"],
    ...["-rtc", `base=${base},clock=${counted ? "vm" : "host"}`],
    ...(counted ? ["-icount", "shift=1,sleep=off"] : []),
    ...["-kernel", facts.kernel, "-initrd", facts.initramfs],
    ...["-append", kernelLine(facts).join(" ")],
    ...["-chardev", `file,id=console,path=${escaped(join(folder, "console.log"))}`, "-serial", "chardev:console"],
    ...backendWords({ kind: "chardev", id: "agent", path: join(folder, "agent") }),
    ...(board === undefined ? sharingWords(facts) : boardWords(board, facts)),
    ...(watchdog?.kind === "watchdog" ? ["-action", `watchdog=${watchdog.action}`] : []),
    ...facts.ports.flatMap(deviceWords),
    ...plans.flatMap(({ backends }) => backends.flatMap(backendWords)),
    ...plans.flatMap(({ words = [] }) => words),
    ...plans.flatMap(({ devices }) => devices.flatMap(deviceWords)),
  ];
}

function kernelLine({ architecture, systemd }: MachineFacts): string[] {
  const words = [`console=${architecture.console}`, ...kernelWords, ...architecture.kernelOptions];
  return systemd ? [...words, ...systemdWords] : words;
}

function deviceWords(device: Arguments): string[] {
  return ["-device", JSON.stringify(device)];
}

/** The agent's port, the host's files, and a USB controller; one that may get devices later needs that as well. */
function sharingWords({ bench, plans, root, layers, work, folder }: MachineFacts): string[] {
  const usesUsb = bench.machine.spare > 0 || plans.some(onUsb);
  return [
    ...deviceWords({ driver: "virtio-serial-pci", id: "agents" }),
    ...deviceWords({ driver: "virtserialport", chardev: "agent", name: agentPort }),
    ...share("host", root, ",readonly=on"),
    ...layers.flatMap((layer, number) => share(layerTag(number), layer, ",readonly=on")),
    ...share("work", work, ""),
    ...share("results", folder, ""),
    ...(usesUsb ? deviceWords({ driver: "qemu-xhci", id: "usb", p2: 15, p3: 15 }) : []),
  ];
}

function boardWords({ words }: Board, { deviceTree = "" }: MachineFacts): string[] {
  const { bus, port } = boardAgentPort;
  return [
    ...words,
    ...["-dtb", deviceTree],
    ...deviceWords(boardHub),
    ...deviceWords({ driver: "usb-serial", chardev: "agent", "always-plugged": true, bus, port }),
  ];
}
