/**
 * Input devices: everything works on a descriptor of `/dev/input/eventN` that was granted. Numbers are those of Linux's
 * `input-event-codes.h`. Functions throw errors with code ENODEV once the device was taken away, and ENOTTY for what is
 * no input device. Watch the descriptor for reading: events make it so.
 */
import { native as addon } from "./native.js";

interface EvdevAddon {
  evdevPrepare(device: number): void;
  evdevIdentity(device: number, out: Uint32Array): [name: string, place: string, serial: string];
  evdevBits(device: number, what: number, out: Uint8Array): void;
  evdevAxis(device: number, axis: number, out: Int32Array): void;
  evdevSlots(device: number, axis: number, out: Int32Array): void;
  evdevGrab(device: number, grabbed: boolean): void;
  evdevTake(device: number, out: Int32Array): number;
  evdevGive(device: number, events: Int32Array): void;
}

const native = addon as unknown as EvdevAddon;

/** To be called first: reading does not wait from here on. */
export function prepareInput(device: number): void {
  native.evdevPrepare(device);
}

export interface InputIdentity {
  readonly name: string;
  /** Where it is plugged in, as the kernel says; empty where it says nothing. */
  readonly place: string;
  readonly serial: string;
  /** Such as 3 for USB. */
  readonly bus: number;
  readonly vendor: number;
  readonly product: number;
  readonly version: number;
}

export function inputIdentity(device: number): InputIdentity {
  const numbers = new Uint32Array(4);
  const [name, place, serial] = native.evdevIdentity(device, numbers);
  const [bus = 0, vendor = 0, product = 0, version = 0] = numbers;
  return { name, place, serial, bus, vendor, product, version };
}

/** What a device has, and what is so now. In the order of their numbers. */
const sets = ["properties", "types", "keys", "relative", "absolute", "lights", "pressed", "lit"] as const;
export type InputSet = (typeof sets)[number];

/** The kernel's own bound of keys, which are the most of all. */
const setBytes = 96;

/** The members of a set; `pressed` and `lit` as they are at this moment. */
export function inputSet(device: number, what: InputSet): ReadonlySet<number> {
  const bits = new Uint8Array(setBytes);
  native.evdevBits(device, sets.indexOf(what), bits);
  const members = new Set<number>();
  for (const [place, byte] of bits.entries())
    for (let bit = 0; bit < 8; bit += 1) if (((byte >> bit) & 1) === 1) members.add(8 * place + bit);
  return members;
}

export interface InputAxis {
  readonly value: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly fuzz: number;
  /** What is as good as the middle, in both directions. */
  readonly flat: number;
  /** Steps a millimetre, or a radian of what turns; 0: unknown. */
  readonly resolution: number;
}

export function inputAxis(device: number, axis: number): InputAxis {
  const numbers = new Int32Array(6);
  native.evdevAxis(device, axis, numbers);
  const [value = 0, minimum = 0, maximum = 0, fuzz = 0, flat = 0, resolution = 0] = numbers;
  return { value, minimum, maximum, fuzz, flat, resolution };
}

/** The value of an `ABS_MT_` axis in each of the first `count` slots, which are 64 at most. */
export function inputSlots(device: number, axis: number, count: number): readonly number[] {
  const values = new Int32Array(count);
  native.evdevSlots(device, axis, values);
  return [...values];
}

/** While a device is grabbed, nobody else gets its events. Throws EBUSY where somebody else has grabbed it. */
export function grabInput(device: number, grabbed: boolean): void {
  native.evdevGrab(device, grabbed);
}

/** One event of the kernel: type, code and value. */
export type RawEvent = readonly [type: number, code: number, value: number];

const eventsAtOnce = 64;
const numbers = new Int32Array(3 * eventsAtOnce);

/** Takes up to 64 events that wait; none without waiting. */
export function takeInputEvents(device: number): RawEvent[] {
  const count = native.evdevTake(device, numbers);
  return Array.from({ length: count }, (_, place) => {
    const at = 3 * place;
    return [numbers[at] as number, numbers[at + 1] as number, numbers[at + 2] as number];
  });
}

/** Sends events to a device: lights to switch, or what a device made by uinput is to do. */
export function giveInputEvents(device: number, events: readonly RawEvent[]): void {
  native.evdevGive(device, Int32Array.from(events.flat()));
}
