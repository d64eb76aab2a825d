/**
 * Lines of GPIO chips. A chip is a descriptor of `/dev/gpiochipN` that was granted; a line is a descriptor of its own,
 * which nobody else gets until it is closed. Levels are told as "active", which is high unless the line is active low.
 */
import { native as addon } from "./native.js";
import { flag, number, oneOf, PackedRecord } from "./packed-record.js";

interface GpioAddon {
  gpioChip(chip: number): GpioChip;
  gpioLine(chip: number, line: number, out: Uint32Array): [name: string, consumer: string];
  gpioRequest(chip: number, line: number, consumer: string, settings: Uint32Array, events: number): number;
  gpioConfigure(line: number, settings: Uint32Array): void;
  gpioActive(line: number): boolean;
  gpioSetActive(line: number, active: boolean): void;
  gpioTakeEdges(line: number, times: BigUint64Array, facts: Uint32Array): number;
}

const native = addon as unknown as GpioAddon;

export interface GpioChip {
  /** Such as `gpiochip0`: it changes with the order in which chips are found. */
  readonly name: string;
  /** What its driver calls it, such as `pinctrl-rp1`. */
  readonly label: string;
  readonly lines: number;
}

/** Throws ENOTTY where the descriptor is no GPIO chip. */
export function gpioChip(chip: number): GpioChip {
  return native.gpioChip(chip);
}

const biases = ["as-is", "disabled", "pull-up", "pull-down"] as const;
export type GpioBias = (typeof biases)[number];
const drives = ["push-pull", "open-drain", "open-source"] as const;
export type GpioDrive = (typeof drives)[number];
const edgeKinds = ["none", "rising", "falling", "both"] as const;
export type GpioEdges = (typeof edgeKinds)[number];

interface LineFacts {
  /** Held by somebody, or kept from everybody. */
  readonly used: boolean;
  readonly output: boolean;
  readonly activeLow: boolean;
  readonly bias: GpioBias;
  readonly drive: GpioDrive;
}

export interface GpioLine extends LineFacts {
  /** Empty where the board names no lines. */
  readonly name: string;
  /** Who holds it, as they call themselves. */
  readonly consumer: string;
}

const lineRecord = new PackedRecord<LineFacts>({
  used: flag,
  output: flag,
  activeLow: flag,
  bias: oneOf(biases),
  drive: oneOf(drives),
});

/** Throws EINVAL where the chip has no such line. */
export function gpioLine(chip: number, line: number): GpioLine {
  let names: [string, string] = ["", ""];
  const facts = lineRecord.filledBy((words) => {
    names = native.gpioLine(chip, line, words);
  });
  const [name, consumer] = names;
  return { name, consumer, ...facts };
}

export interface GpioSettings {
  readonly direction: "as-is" | "input" | "output";
  /** What an output shows from the first moment on. */
  readonly active: boolean;
  readonly activeLow: boolean;
  readonly bias: GpioBias;
  readonly drive: GpioDrive;
  /** Which are told; of an input only. */
  readonly edges: GpioEdges;
  /** Microseconds for which a level must last to count; 0: any. */
  readonly debounce: number;
}

const settingsRecord = new PackedRecord<GpioSettings>({
  direction: oneOf(["as-is", "input", "output"]),
  active: flag,
  activeLow: flag,
  bias: oneOf(biases),
  drive: oneOf(drives),
  edges: oneOf(edgeKinds),
  debounce: number,
});

/**
 * Takes a line: a descriptor, readable when edges wait. `events`: how many of them wait in the kernel at most, 1024 at
 * the most; the oldest go first. Throws EBUSY where somebody else has the line.
 */
export function requestGpioLine(
  chip: number,
  line: number,
  consumer: string,
  settings: GpioSettings,
  events: number,
): number {
  return native.gpioRequest(chip, line, consumer, settingsRecord.pack(settings), events);
}

export function configureGpioLine(line: number, settings: GpioSettings): void {
  native.gpioConfigure(line, settingsRecord.pack(settings));
}

export function gpioActive(line: number): boolean {
  return native.gpioActive(line);
}

/** Of an output. Throws EPERM for an input. */
export function setGpioActive(line: number, active: boolean): void {
  native.gpioSetActive(line, active);
}

export interface GpioEdge {
  /** Nanoseconds of CLOCK_MONOTONIC, as the kernel read it when the edge came. */
  readonly time: bigint;
  /** Counted from 1 on; one that is left out was dropped. */
  readonly number: number;
  /** The line became active. */
  readonly rising: boolean;
}

const edgesAtOnce = 64;
const times = new BigUint64Array(edgesAtOnce);
const facts = new Uint32Array(2 * edgesAtOnce);

/** Takes up to 64 edges that wait. Throws ENODEV when the chip was unplugged. */
export function takeGpioEdges(line: number): GpioEdge[] {
  const count = native.gpioTakeEdges(line, times, facts);
  return Array.from({ length: count }, (_, index) => ({
    time: times[index] ?? 0n,
    number: facts[2 * index] ?? 0,
    rising: facts[2 * index + 1] === 1,
  }));
}
