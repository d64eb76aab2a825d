/**
 * Input devices that this process plays, on a descriptor of `/dev/uinput` that was granted: say what the device has,
 * create it, and send its events by {@link import("./evdev.js").giveInputEvents}. It is gone when the descriptor is closed.
 */
import { native as addon } from "./native.js";

interface UinputAddon {
  uinputAllow(device: number, type: number, code: number): void;
  uinputAllowAxis(device: number, code: number, bounds: Int32Array): void;
  uinputCreate(device: number, name: string, identity: Uint32Array): void;
  uinputDestroy(device: number): void;
  uinputName(device: number): string;
}

const native = addon as unknown as UinputAddon;

/** An absolute axis: its bounds, and steps a millimetre, or 0. */
export interface MadeAxis {
  readonly code: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly resolution?: number;
}

/** What a device will have, by the numbers of Linux. */
export interface MadeDevice {
  readonly name: string;
  readonly bus: number;
  readonly vendor: number;
  readonly product: number;
  readonly properties?: Iterable<number>;
  readonly keys?: Iterable<number>;
  readonly relative?: Iterable<number>;
  readonly absolute?: Iterable<MadeAxis>;
  readonly lights?: Iterable<number>;
}

const types = { properties: 0, keys: 1, relative: 2, lights: 17 } as const;

/** Makes the device. Throws EINVAL for what the kernel does not know. Returns its name in sysfs, such as `input12`. */
export function createInput(uinput: number, device: MadeDevice): string {
  for (const kind of ["properties", "keys", "relative", "lights"] as const)
    for (const code of device[kind] ?? []) native.uinputAllow(uinput, types[kind], code);
  for (const { code, minimum, maximum, resolution = 0 } of device.absolute ?? [])
    native.uinputAllowAxis(uinput, code, Int32Array.of(minimum, maximum, resolution));
  native.uinputCreate(uinput, device.name, Uint32Array.of(device.bus, device.vendor, device.product, 1));
  return native.uinputName(uinput);
}

/** Takes the device away; another one can be made then. */
export function destroyInput(uinput: number): void {
  native.uinputDestroy(uinput);
}
