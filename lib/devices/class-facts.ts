/** What sysfs says of a device beyond its hardware, by class, and which members of a class are devices at all. */
import { dirname } from "node:path";
import type { Device, DeviceClass } from "./device.js";
import type { Sysfs } from "./sysfs.js";

/** A member of a class. */
export interface Place {
  readonly path: string;
  readonly class: DeviceClass;
  readonly name: string;
  readonly uevent: ReadonlyMap<string, string>;
}

interface Facts {
  /** What distinguishes it from others of its class at the same piece of hardware; part of its stable name. */
  readonly part: string;
  readonly model?: string | undefined;
  readonly serial?: string | undefined;
  readonly properties: Device["properties"];
}

const sectorBytes = 512;

function virtual({ path }: Place): boolean {
  return path.startsWith("/devices/virtual/");
}

const tests: { readonly [Class in DeviceClass]?: (sysfs: Sysfs, place: Place) => boolean } = {
  // A loop or zram device without contents is a number, not a device.
  block: (sysfs, place) => !virtual(place) || (sysfs.number(`${place.path}/size`) ?? 0) > 0,
  // Connectors of a card have no node of their own.
  drm: (_sysfs, { uevent }) => uevent.has("DEVNAME"),
  // The kernel's own console on frame buffers is a member without a node.
  graphics: (_sysfs, { uevent }) => uevent.has("DEVNAME"),
  gpio: (_sysfs, { name }) => /^gpiochip[0-9]+$/.test(name),
  input: (_sysfs, { name }) => /^event[0-9]+$/.test(name),
  misc: (_sysfs, { name }) => name === "uinput" || name === "uhid",
  sound: (_sysfs, { name }) => /^card[0-9]+$/.test(name),
  // Consoles of the keyboard and ends of pseudo-terminals are no lines; an 8250 of type 0 is a place for one.
  tty: (sysfs, place) => !virtual(place) && sysfs.number(`${place.path}/type`) !== 0,
  usb: (_sysfs, { uevent }) => uevent.get("DEVTYPE") === "usb_device",
};

export function isDevice(sysfs: Sysfs, place: Place): boolean {
  return tests[place.class]?.(sysfs, place) ?? true;
}

function flag(sysfs: Sysfs, path: string): boolean {
  return sysfs.number(path) === 1;
}

/** Connectors of a graphics card that have a screen, such as `HDMI-A-1 DP-2`. */
function connectedScreens(sysfs: Sysfs, path: string, card: string): string {
  return sysfs
    .names(path)
    .filter((entry) => entry.startsWith(`${card}-`) && sysfs.text(`${path}/${entry}/status`) === "connected")
    .map((entry) => entry.slice(card.length + 1))
    .sort()
    .join(" ");
}

const facts: { readonly [Class in DeviceClass]?: (sysfs: Sysfs, place: Place) => Partial<Facts> } = {
  block(sysfs, { path, name }) {
    const partition = sysfs.number(`${path}/partition`);
    const disk = partition === undefined ? path : dirname(path);
    // A namespace of an NVMe controller, a unit of a SCSI target: several disks of one serial number.
    const unit = /n([0-9]+)(p[0-9]+)?$/.exec(name)?.[1];
    return {
      part:
        (unit === undefined || !name.startsWith("nvme") ? "" : `-n${unit}`) + (partition ? `-part${partition}` : ""),
      serial: sysfs.text(`${disk}/serial`),
      properties: {
        size: (sysfs.number(`${path}/size`) ?? 0) * sectorBytes,
        blockSize: sysfs.number(`${disk}/queue/logical_block_size`) ?? sectorBytes,
        removable: flag(sysfs, `${disk}/removable`),
        readOnly: flag(sysfs, `${path}/ro`),
        ...(partition !== undefined && { partition }),
      },
    };
  },
  drm: (sysfs, { path, name }) => ({
    part: name.startsWith("renderD") ? "-render" : "",
    // A screen that is plugged in is told of as a change of its card.
    properties: name.startsWith("card") ? { connected: connectedScreens(sysfs, path, name) } : {},
  }),
  gpio: (sysfs, { path }) => ({ model: sysfs.text(`${path}/label`) }),
  hwmon: (sysfs, { path }) => ({ model: sysfs.text(`${path}/name`) }),
  graphics: (sysfs, { path }) => ({ model: sysfs.text(`${path}/name`) }),
  iio: (sysfs, { path }) => ({ model: sysfs.text(`${path}/name`) }),
  "i2c-dev": (sysfs, { path }) => ({ model: sysfs.text(`${path}/name`) }),
  input: (sysfs, { path }) => ({ model: sysfs.text(`${dirname(path)}/name`) }),
  leds: (_sysfs, { name }) => ({ part: `-${name}` }),
  net: (sysfs, { path }) => {
    const macAddress = sysfs.text(`${path}/address`);
    return { properties: { ...(macAddress !== undefined && { macAddress }) } };
  },
  rtc: (sysfs, { path }) => ({ model: sysfs.text(`${path}/name`) }),
  sound: (sysfs, { path }) => {
    const id = sysfs.text(`${path}/id`);
    return { model: id, properties: { ...(id !== undefined && { card: id }) } };
  },
  tty(sysfs, { path }) {
    // One adapter may have several ports.
    const port = sysfs.number(`${path}/../../port_number`) ?? 0;
    // The places for old UARTs share one device.
    const address = path.includes("/serial8250/") ? sysfs.number(`${path}/port`) : undefined;
    return { part: port !== 0 ? `-port${port}` : address === undefined ? "" : `-${address.toString(16)}` };
  },
  watchdog: (sysfs, { path }) => ({ model: sysfs.text(`${path}/identity`) }),
};

export function classFacts(sysfs: Sysfs, place: Place): Facts {
  return { part: "", properties: {}, ...facts[place.class]?.(sysfs, place) };
}
