/** How each kind of device is made: its ends in the emulator, the device itself, and what the guest needs for it. */
import { constants, copyFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Architecture } from "./architecture.js";
import { type Backend, escaped } from "./backends.js";
import type { Bench, DeviceConfig, InjectedError } from "./bench-file.js";
import { gamepadDescriptor, mostFingers, touchDescriptor, touchReport } from "./hid-descriptor.js";
import type { HidIdentity } from "./hid-device.js";
import type { Arguments } from "./monitor.js";

export interface DevicePlan {
  readonly name: string;
  readonly config: DeviceConfig;
  /** In the order in which they are made. */
  readonly backends: readonly Backend[];
  /** In the same order; the last one is the device, with the device's name as its id. */
  readonly devices: readonly Arguments[];
  /** The emulator's words for what is part of a board, instead of a device. */
  readonly words?: readonly string[];
  /** Kernel modules of the guest. */
  readonly modules: readonly string[];
  /** A script that completes it within the guest. */
  readonly script?: string;
  /** What it is, if it is made within the guest, out of reports. */
  readonly hid?: HidIdentity;
  /** Folders of the guest's /sys where its nodes are; "*" stands for a name. */
  readonly places: readonly string[];
}

/** A place for a USB device: how the emulator names it, and the folder of the guest's /sys. */
export interface UsbPort {
  readonly bus: string;
  readonly port: string;
  readonly place: string;
}

/** Places for devices on the machine's buses. */
export interface Slots {
  /** The name of the board that the machine is, if it is one: that has places of its own. */
  readonly board: string | undefined;
  /** A slot of the PCI bus. */
  pci(): number;
  /** A port of the USB controller. */
  usb(): UsbPort;
  /** The device at the port of this name is gone. */
  usbGone(port: string): void;
  /** One of the serial ports beside the console, from 1. */
  serial(): number;
  /** For addresses that must differ. */
  number(): number;
}

type Planned = Omit<DevicePlan, "name" | "config">;
interface Context<Kind extends DeviceConfig["kind"]> {
  readonly name: string;
  readonly config: DeviceConfig<Kind>;
  readonly folder: string;
  readonly slots: Slots;
  /** Whether it comes while the machine runs: `port` is then the free slot that it takes. */
  readonly port: { readonly bus: string; readonly slot: number } | undefined;
}

const hexadecimal = (value: number, digits = 2): string => value.toString(16).padStart(digits, "0");

export function pciPlace(slot: number): string {
  return `/sys/bus/pci/devices/0000:00:${hexadecimal(slot)}.0`;
}

/** A slot of its own behind a bridge, from which it can be pulled. */
export function rootPort(id: string, slot: number): Arguments {
  return { driver: "pcie-root-port", id, chassis: slot, addr: `0x${hexadecimal(slot)}` };
}

interface PciPlanning {
  readonly name: string;
  readonly slots: Slots;
  readonly port: Context<"disk">["port"];
}

/** A PCI device: on a free slot, behind a bridge of its own, or fixed to the machine. */
function pci(
  { name, slots, port }: PciPlanning,
  device: Arguments,
  removable: boolean,
): Pick<Planned, "devices" | "places"> {
  if (port !== undefined) return { devices: [{ ...device, bus: port.bus }], places: [pciPlace(port.slot)] };
  const slot = slots.pci();
  const places = [pciPlace(slot)];
  if (!removable) return { devices: [{ ...device, addr: `0x${hexadecimal(slot)}` }], places };
  return { devices: [rootPort(`${name}-port`, slot), { ...device, bus: `${name}-port` }], places };
}

function usb({ slots }: { readonly slots: Slots }, device: Arguments): Pick<Planned, "devices" | "places"> {
  const { bus, port, place } = slots.usb();
  return { devices: [{ ...device, bus, port }], places: [place] };
}

/** Whether it is plugged into a USB port. */
export function onUsb({ devices }: Pick<DevicePlan, "devices">): boolean {
  return devices.some(({ port }) => port !== undefined);
}

const usbInput = ["usbhid", "hid-generic", "evdev"];
const virtioInput = ["virtio_input", "evdev"];

function input(
  context: Context<"keyboard" | "pointer" | "tablet">,
  drivers: { readonly usb: string; readonly virtio: string; readonly wacom?: string },
): Planned {
  const { name, config } = context;
  const driver = drivers[config.bus as "usb"];
  const device = { driver, id: name, ...(config.display !== undefined && { display: config.display }) };
  if (config.bus === "virtio") return { backends: [], ...pci(context, device, false), modules: virtioInput };
  return {
    backends: [],
    // The Wacom tablet belongs to no display.
    ...usb(context, config.bus === "wacom" ? { driver, id: name } : device),
    modules: config.bus === "wacom" ? [...usbInput, "wacom"] : usbInput,
  };
}

/** A layer above `image` whose accesses fail as asked. */
export function faultyNode(
  name: string,
  image: unknown,
  errors: readonly InjectedError[],
): Arguments & { "node-name": string } {
  return {
    driver: "blkdebug",
    "node-name": name,
    image,
    "inject-error": errors.map(({ sector, operation, error, once }) => ({
      event: "none",
      iotype: operation,
      errno: { EIO: 5, EPERM: 1, ENOSPC: 28 }[error],
      once,
      ...(sector !== undefined && { sector }),
    })),
  };
}

function disk(context: Context<"disk">): Planned {
  const { name, config, folder } = context;
  const file = join(folder, `${name}.img`);
  if (config.image !== undefined) copyFileSync(config.image, file, constants.COPYFILE_FICLONE);
  else {
    writeFileSync(file, "");
    truncateSync(file, config.size);
  }
  const store = { driver: "file", filename: file, discard: "unmap" };
  const node =
    config.errors.length > 0
      ? faultyNode(`${name}-node`, store, config.errors)
      : { driver: "raw", "node-name": `${name}-node`, file: store };
  const backends: Backend[] = [{ kind: "blockdev", options: node }];
  const common = { id: name, drive: node["node-name"] };
  const sectors = { logical_block_size: Number(config.sectorSize), physical_block_size: Number(config.sectorSize) };
  const report = { werror: "report", rerror: "report" };
  switch (config.bus) {
    case "virtio":
      return {
        backends,
        ...pci(
          context,
          { driver: "virtio-blk-pci", ...common, ...sectors, ...report, serial: name.slice(0, 20) },
          true,
        ),
        modules: ["virtio_blk"],
      };
    case "nvme":
      return { backends, ...pci(context, { driver: "nvme", ...common, serial: name }, true), modules: ["nvme"] };
    case "usb":
      return {
        backends,
        ...usb(context, { driver: "usb-storage", ...common, ...report, removable: true, serial: name }),
        modules: ["usb-storage", "sd_mod"],
      };
    case "scsi": {
      const controller = pci(context, { driver: "virtio-scsi-pci", id: `${name}-controller` }, false);
      const device = { driver: "scsi-hd", ...common, ...sectors, ...report, bus: `${name}-controller.0`, serial: name };
      return { backends, ...controller, devices: [...controller.devices, device], modules: ["virtio_scsi", "sd_mod"] };
    }
    case "sd": {
      if (context.slots.board !== undefined) {
        const options = `if=sd,driver=raw,node-name=${name}-node,file.driver=file,file.filename=${escaped(file)}`;
        const places = ["/sys/devices/platform/soc/3f202000.mmc"];
        return { backends: [], devices: [], words: ["-drive", options], modules: ["bcm2835"], places };
      }
      const controller = pci(context, { driver: "sdhci-pci", id: `${name}-controller` }, false);
      const devices = [...controller.devices, { driver: "sd-card", ...common, bus: "sd-bus" }];
      return { backends, ...controller, devices, modules: ["sdhci-pci", "mmc_block"] };
    }
  }
}

function network(context: Context<"network">): Planned {
  const { name, config, folder, slots } = context;
  const netdev = `${name}-wire`;
  const backends: Backend[] = [
    { kind: "netdev", id: netdev, path: join(folder, netdev) },
    ...(config.capture
      ? [{ kind: "capture" as const, id: `${name}-capture`, netdev, path: join(folder, `${name}.pcap`) }]
      : []),
  ];
  const mac = config.mac ?? `02:00:00:00:00:${hexadecimal(slots.number())}`;
  const device = { id: name, netdev, mac };
  if (config.card === "usb")
    return { backends, ...usb(context, { driver: "usb-net", ...device }), modules: ["cdc_ether", "rndis_host"] };
  const [driver, module] = (
    {
      virtio: ["virtio-net-pci", "virtio_net"],
      e1000: ["e1000", "e1000"],
      e1000e: ["e1000e", "e1000e"],
      rtl8139: ["rtl8139", "8139cp"],
    } as const
  )[config.card];
  // Its own boot program would only take time.
  return { backends, ...pci(context, { driver, ...device, romfile: "" }, true), modules: [module] };
}

function uart(context: Context<"uart">): Planned {
  const { name, config, folder, slots } = context;
  const backends: Backend[] = [{ kind: "chardev", id: `${name}-wire`, path: join(folder, `${name}-wire`) }];
  const device = { id: name, chardev: `${name}-wire` };
  if (config.port === "usb")
    return {
      backends,
      ...usb(context, { driver: "usb-serial", ...device, "always-plugged": true }),
      modules: ["ftdi_sio"],
    };
  if (config.port === "pci")
    return { backends, ...pci(context, { driver: "pci-serial", ...device }, false), modules: ["8250_pci"] };
  if (config.port === "mini")
    return {
      backends,
      devices: [],
      // The first one is the console.
      words: ["-serial", `chardev:${name}-wire`],
      modules: [],
      places: ["/sys/class/tty/ttyS1"],
    };
  const index = slots.serial();
  return {
    backends,
    devices: [{ driver: "isa-serial", ...device, index }],
    modules: [],
    places: [`/sys/class/tty/ttyS${index}`],
  };
}

function display(context: Context<"display">): Planned {
  const { name, config } = context;
  const { width: xres, height: yres } = config;
  // The kernel's own driver finds it.
  if (config.adapter === "firmware")
    return { backends: [], devices: [], modules: [], places: ["/sys/class/graphics/fb0"] };
  const [device, module] = {
    virtio: [{ driver: "virtio-gpu-pci", xres, yres }, "virtio-gpu"] as const,
    bochs: [{ driver: "bochs-display", xres, yres }, "bochs"] as const,
    vga: [{ driver: "VGA", xres, yres, romfile: "" }, "bochs"] as const,
    cirrus: [{ driver: "cirrus-vga", romfile: "" }, "cirrus"] as const,
  }[config.adapter];
  return { backends: [], ...pci(context, { ...device, id: name }, false), modules: [module] };
}

function sound(context: Context<"sound">): Planned {
  const { name, config, folder } = context;
  const audiodev = `${name}-sound`;
  const backends: Backend[] = [{ kind: "audiodev", id: audiodev, path: join(folder, `${name}.wav`) }];
  if (config.card === "usb")
    return { backends, ...usb(context, { driver: "usb-audio", id: name, audiodev }), modules: ["snd-usb-audio"] };
  if (config.card === "ac97")
    return { backends, ...pci(context, { driver: "AC97", id: name, audiodev }, false), modules: ["snd-intel8x0"] };
  const controller = pci(context, { driver: "intel-hda", id: `${name}-controller` }, false);
  const devices = [...controller.devices, { driver: "hda-duplex", id: name, audiodev, bus: `${name}-controller.0` }];
  return { backends, ...controller, devices, modules: ["snd-hda-intel", "snd-hda-codec-generic"] };
}

function gadget({ name, config, slots }: Context<"gadget">): Planned {
  const port = slots.number();
  const folder = `/sys/kernel/config/usb_gadget/${name}`;
  const script = [
    "set -e",
    "mountpoint -q /sys/kernel/config || mount -t configfs config /sys/kernel/config",
    `mkdir -p ${folder}/strings/0x409 ${folder}/configs/c.1`,
    `echo 0x${hexadecimal(config.vendor, 4)} >${folder}/idVendor`,
    `echo 0x${hexadecimal(config.product, 4)} >${folder}/idProduct`,
    `echo ${name} >${folder}/strings/0x409/product`,
    `echo ${name}-${port} >${folder}/strings/0x409/serialnumber`,
    ...config.functions.flatMap((name, index) => {
      const place = `${folder}/functions/${name}.${index}`;
      return [`mkdir ${place}`, ...(name === "hid" ? hidReports(place) : []), `ln -s ${place} ${folder}/configs/c.1`];
    }),
    "for controller in $(ls /sys/class/udc); do",
    `  grep -q . /sys/class/udc/$controller/function 2>/dev/null || { echo $controller >${folder}/UDC; break; }`,
    "done",
  ].join("\n");
  return {
    backends: [],
    devices: [],
    modules: ["dummy_hcd", "libcomposite"],
    script,
    places: ["/sys/devices/platform/dummy_hcd.*"],
  };
}

/** What the other end of a gadget's function needs. */
const gadgetModules: Readonly<Record<string, readonly string[]>> = {
  acm: ["cdc_acm"],
  ecm: ["cdc_ether"],
  ncm: ["cdc_ncm"],
  hid: ["usbhid", "hid-generic"],
};

/** Reports of 64 bytes in both directions, of a kind that only its maker knows. */
function hidReports(place: string): string[] {
  const report = "06 00 ff 09 01 a1 01 15 00 26 ff 00 75 08 95 40 09 01 81 02 95 40 09 01 91 02 c0";
  return [
    `echo 64 >${place}/report_length`,
    `printf '${report
      .split(" ")
      .map((byte) => `\\${Number.parseInt(byte, 16).toString(8)}`)
      .join("")}' >${place}/report_desc`,
  ];
}

/** The guest's kernel chooses among its drivers by the descriptor. */
function hid(
  { name, slots }: Pick<Context<"hid">, "name" | "slots">,
  { product = 0x0200 + slots.number(), ...facts }: Pick<HidIdentity, "descriptor" | "features"> & Partial<HidIdentity>,
): Planned {
  const identity = { vendor: 0x1d6b, ...facts, product, name };
  const place = `0003:${hexadecimal(identity.vendor, 4)}:${hexadecimal(product, 4)}`.toUpperCase();
  return {
    backends: [],
    devices: [],
    modules: ["uhid", "hid-generic", "hid-multitouch", "evdev"],
    hid: identity,
    places: [`/sys/devices/virtual/misc/uhid/${place}.*`],
  };
}

function planned(context: Context<DeviceConfig["kind"]>): Planned {
  const { config, name } = context;
  const as = <Kind extends DeviceConfig["kind"]>(): Context<Kind> => context as unknown as Context<Kind>;
  const nothing = { backends: [], devices: [], places: [] };
  switch (config.kind) {
    case "display":
      return display(as<"display">());
    case "keyboard":
      return input(as<"keyboard">(), { usb: "usb-kbd", virtio: "virtio-keyboard-pci" });
    case "pointer":
      return input(as<"pointer">(), { usb: "usb-mouse", virtio: "virtio-mouse-pci" });
    case "tablet":
      return input(as<"tablet">(), { usb: "usb-tablet", virtio: "virtio-tablet-pci", wacom: "usb-wacom-tablet" });
    case "touch":
      return hid(context, {
        descriptor: touchDescriptor(config),
        features: new Map([[touchReport.most, Uint8Array.of(mostFingers)]]),
      });
    case "gamepad":
      return hid(context, { descriptor: gamepadDescriptor() });
    case "hid":
      return hid(context, { ...config, descriptor: Buffer.from(config.descriptor.replaceAll(/\s/g, ""), "hex") });
    case "sound":
      return sound(as<"sound">());
    case "disk":
      return disk(as<"disk">());
    case "network":
      return network(as<"network">());
    case "uart":
      return uart(as<"uart">());
    case "usb": {
      const driver = { ccid: "usb-ccid", braille: "usb-braille", hub: "usb-hub" }[config.device];
      return { backends: [], ...usb(context, { driver, id: name }), modules: [] };
    }
    case "gadget":
      return gadget(as<"gadget">());
    case "i2c":
      return {
        ...nothing,
        modules: ["i2c-dev"],
        script: `modprobe i2c-stub chip_addr=${config.addresses.join(",")}`,
        places: ["/sys/class/i2c-dev/*"],
      };
    case "watchdog":
      // Their drivers do not say to the kernel where they are.
      return {
        ...nothing,
        ...(config.model === "i6300esb" && pci(context, { driver: "i6300esb", id: name }, false)),
        modules: [{ i6300esb: "i6300esb", software: "softdog", bcm2835: "bcm2835_wdt" }[config.model]],
        places: ["/sys/class/watchdog/*"],
      };
  }
}

export function planDevice(context: Context<DeviceConfig["kind"]>): DevicePlan {
  return { name: context.name, config: context.config, ...planned(context) };
}

/** The ports of a USB controller on the PCI bus. A port belongs to two hubs, of slow and of fast devices. */
const controllerPorts = Array.from({ length: 15 }, (_, index): UsbPort => {
  const port = String(index + 1);
  return { bus: "usb.0", port, place: `/sys/bus/usb/devices/[0-9]-${port}` };
});

/** A board's one port leads to a hub, whose first port is the agent's. */
export const boardHub: Arguments = { driver: "usb-hub", bus: "usb-bus.0", port: "1" };
const [agentsPort, ...boardPorts] = Array.from({ length: 8 }, (_, index): UsbPort => {
  const port = `1.${index + 1}`;
  return { bus: "usb-bus.0", port, place: `/sys/bus/usb/devices/1-${port}` };
});
export const boardAgentPort = agentsPort as UsbPort;

/** Hands out the places of one machine. */
export function machineSlots({ board }: Pick<Architecture, "board">): Slots {
  let pciSlot = 8; // the machine itself has those below
  const usbPorts = board === undefined ? controllerPorts : boardPorts;
  const freePorts = new Set(usbPorts);
  let serialPort = 1;
  let number = 1;
  return {
    board: board?.name,
    pci: () => {
      if (pciSlot > 0x1d) throw new Error("The machine has no more slots for PCI devices");
      return pciSlot++;
    },
    usb: () => {
      const port = usbPorts.find((one) => freePorts.has(one));
      if (port === undefined) throw new Error(`The machine has no more USB ports: it has ${usbPorts.length}`);
      freePorts.delete(port);
      return port;
    },
    usbGone: (name) => {
      const port = usbPorts.find((one) => one.port === name);
      if (port !== undefined) freePorts.add(port);
    },
    serial: () => serialPort++,
    number: () => number++,
  };
}

/** Everything about devices that is said at the emulator's start. */
export function planDevices({ devices }: Bench, folder: string, slots: Slots): DevicePlan[] {
  // Displays first: what belongs to one names it.
  const entries = Object.entries(devices).sort(
    ([, first], [, second]) => Number(second.kind === "display") - Number(first.kind === "display"),
  );
  return entries.map(([name, config]) => planDevice({ name, config, folder, slots, port: undefined }));
}
