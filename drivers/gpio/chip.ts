/** What a pin needs of a chip, be it the kernel's or the stand-in. */
import type { GpioEdge, GpioSettings } from "../../bindings/gpio.js";

export interface LineListener {
  edge(edge: GpioEdge): void;
  /** The chip was unplugged; the line is to be closed. */
  gone(): void;
}

/** A line that nobody else has, until it is closed. All of these throw what the kernel would. */
export interface Line {
  configure(settings: GpioSettings): void;
  active(): boolean;
  /** Of an output. */
  drive(active: boolean): void;
  close(): void;
}

export interface Chip {
  /** What it is, for people. */
  readonly description: string;
  readonly label: string;
  /** The number of the line of this name; undefined where there is none. */
  lineNamed(name: string): number | undefined;
  open(line: number, settings: GpioSettings, listener: LineListener): Line;
  close(): void;
}
