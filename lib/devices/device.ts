/** Devices of the host as documents: what the `devices` ROM holds, and what rules and policies match. */
import { type Infer, s } from "../../base/schema.js";

/**
 * Kernel subsystems whose members are devices to hand out. The classes of the `devices` ROM have the kernel's own names.
 */
export const deviceClasses = [
  "block",
  "drm",
  "gpio",
  "graphics",
  "hidraw",
  "hwmon",
  "i2c-dev",
  "iio",
  "input",
  "leds",
  "misc",
  "net",
  "rtc",
  "sound",
  "spidev",
  "tty",
  "usb",
  "video4linux",
  "watchdog",
] as const;
export type DeviceClass = (typeof deviceClasses)[number];

/** Classes whose devices are used through files of their directories in sysfs. */
export const attributeClasses: ReadonlySet<DeviceClass> = new Set(["hwmon", "iio", "leds"] as const);

const text = (doc: string) => s.string({ maxBytes: 256, doc }).optional();

/** Facts that name a device; every one may be absent, since a device tells what it has. */
const identifying = {
  bus: text("Bus of the piece of hardware, as the kernel names it: `usb`, `pci`, `virtio`, `platform`, ..."),
  driver: text("Kernel driver of the piece of hardware."),
  vendor: text("Vendor number on a USB or PCI bus, four hexadecimal digits."),
  product: text("Product number on a USB or PCI bus, four hexadecimal digits."),
  manufacturer: text("Manufacturer, as the device says."),
  model: text("Model, as the device says; of an input device, its name."),
  serial: text("Serial number, as the device says."),
  alias: text("Name that the device tree gives it, such as `serial0`."),
  compatible: text("First `compatible` string of its device-tree node."),
} as const;

export const deviceSchema = s.object({
  class: s.enumeration(deviceClasses, { doc: "Subsystem of the kernel." }),
  name: s.string({ maxBytes: 256, doc: "Name that the kernel gave it this time, such as `ttyUSB0`." }),
  node: text("Device node below `/dev`."),
  path: s.string({ maxBytes: 1024, doc: "Place in the kernel's device tree, below `/sys`." }),
  ...identifying,
  properties: s.record(s.union([s.string(), s.integer(), s.boolean()]), {
    default: {},
    doc: "Further facts of its class, such as `size` of a block device in bytes.",
  }),
});
/** A device. Its key in {@link devicesSchema} is its stable name. */
export type Device = Infer<typeof deviceSchema>;

export const devicesSchema = s.object({
  format: s.literal(1, { doc: "Form of this document." }),
  devices: s.record(deviceSchema, { keyName: "DEVICE", doc: "By stable name: see [Devices](devices.md)." }),
});
/** The content of the `devices` ROM. */
export type DevicesDocument = Infer<typeof devicesSchema>;

const pattern = (doc: string) => s.string({ maxBytes: 256, doc }).optional();

/** Conditions on a device; all that are given must hold. `*` in a text stands for any characters. */
export const deviceMatchFields = {
  device: pattern("Its stable name."),
  class: pattern("Subsystem of the kernel."),
  name: pattern("Name that the kernel gave it this time: not stable."),
  path: pattern("Place in the kernel's device tree: stable while nothing is plugged elsewhere."),
  bus: pattern("Bus of the piece of hardware."),
  driver: pattern("Kernel driver of the piece of hardware."),
  vendor: pattern("Vendor number, four hexadecimal digits."),
  product: pattern("Product number, four hexadecimal digits."),
  manufacturer: pattern("Manufacturer, as the device says."),
  model: pattern("Model, as the device says."),
  serial: pattern("Serial number, as the device says."),
  alias: pattern("Name that the device tree gives it."),
  compatible: pattern("First `compatible` string of its device-tree node."),
} as const;

export const deviceMatchSchema = s.object(deviceMatchFields);
export type DeviceMatch = Infer<typeof deviceMatchSchema>;
type MatchKey = keyof typeof deviceMatchFields;

export const deviceMatchKeys = Object.keys(deviceMatchFields) as readonly MatchKey[];

function fits(pattern: string, text: string | undefined): boolean {
  if (text === undefined) return false;
  if (!pattern.includes("*")) return pattern === text;
  const parts = pattern.split("*");
  const first = parts[0] as string;
  const last = parts.at(-1) as string;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  // Each part in between at its first place: if any choice fits, this one does.
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > text.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}

/** Whether a device meets every condition. Without any condition none does: a misspelt one must not match everything. */
export function deviceMatches(match: DeviceMatch, id: string, device: Device): boolean {
  const given = deviceMatchKeys.filter((key) => match[key] !== undefined);
  return given.length > 0 && given.every((key) => fits(match[key] as string, key === "device" ? id : device[key]));
}
