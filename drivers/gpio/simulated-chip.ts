/**
 * The stand-in for a chip: lines in memory, some of which are wired together. Edges come as from the kernel: with the
 * time, numbered, debounced.
 */
import type { GpioSettings } from "../../bindings/gpio.js";
import type { Chip, Line, LineListener } from "./chip.js";
import type { SimulatedConfig } from "./config.js";

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** Lines that are one wire. Levels are true for high. */
class Wire {
  readonly lines = new Set<SimulatedLine>();
  /** A wire that nobody holds keeps its charge. */
  #level = false;

  get level(): boolean {
    return this.#level;
  }

  /** After anything that may change the level. */
  settle(): void {
    const held = (levels: readonly (boolean | undefined)[]): boolean | undefined =>
      // Low wins where two are in each other's way, as it mostly does.
      levels.includes(false) ? false : levels.includes(true) ? true : undefined;
    const lines = [...this.lines];
    const level = held(lines.map((line) => line.driven)) ?? held(lines.map((line) => line.pulled)) ?? this.#level;
    if (level === this.#level) return;
    this.#level = level;
    for (const line of lines) line.changed(level);
  }
}

class SimulatedLine implements Line {
  readonly #wire: Wire;
  readonly #listener: LineListener;
  #settings: GpioSettings;
  #active: boolean;
  #edges = 0;
  /** What an input shows: behind the wire's level while it is debounced. */
  #seen: boolean;
  #debouncing: NodeJS.Timeout | undefined;

  constructor(wire: Wire, settings: GpioSettings, listener: LineListener) {
    this.#wire = wire;
    this.#listener = listener;
    this.#settings = settings;
    this.#active = settings.active;
    wire.lines.add(this);
    wire.settle();
    this.#seen = wire.level;
  }

  /** The level that it drives; undefined: none. */
  get driven(): boolean | undefined {
    const { direction, activeLow, drive } = this.#settings;
    if (direction !== "output") return undefined;
    const level = this.#active !== activeLow;
    if ((drive === "open-drain" && level) || (drive === "open-source" && !level)) return undefined;
    return level;
  }

  /** The level to which its resistor pulls; undefined: none. */
  get pulled(): boolean | undefined {
    const { bias } = this.#settings;
    return bias === "pull-up" ? true : bias === "pull-down" ? false : undefined;
  }

  configure(settings: GpioSettings): void {
    if (settings.direction === "output" && settings.edges !== "none")
      throw systemError("EINVAL", "Cannot set a simulated line: an output has no edges");
    this.#settings = settings;
    this.#active = settings.active;
    this.#wire.settle();
  }

  active(): boolean {
    return this.#seen !== this.#settings.activeLow;
  }

  drive(active: boolean): void {
    if (this.#settings.direction !== "output")
      throw systemError("EPERM", "Cannot drive a simulated line: it is an input");
    this.#active = active;
    this.#wire.settle();
  }

  /** The wire has another level. */
  changed(level: boolean): void {
    const { debounce, direction } = this.#settings;
    clearTimeout(this.#debouncing);
    if (debounce === 0 || direction !== "input") return this.#see(level);
    this.#debouncing = setTimeout(() => this.#see(this.#wire.level), debounce / 1000);
  }

  #see(level: boolean): void {
    if (level === this.#seen) return;
    this.#seen = level;
    const rising = level !== this.#settings.activeLow;
    const { edges } = this.#settings;
    if (edges !== "both" && edges !== (rising ? "rising" : "falling")) return;
    this.#edges += 1;
    this.#listener.edge({ time: process.hrtime.bigint(), number: this.#edges, rising });
  }

  close(): void {
    clearTimeout(this.#debouncing);
    this.#wire.lines.delete(this);
    this.#wire.settle();
  }
}

export class SimulatedChip implements Chip {
  readonly label = "simulated";
  readonly #wires: readonly Wire[];
  readonly #taken = new Set<number>();

  constructor({ lines, wires }: SimulatedConfig) {
    const all = Array.from({ length: lines }, () => new Wire());
    for (const wire of wires) {
      // Wires that share a line are one.
      const joined = new Set(wire.map((line) => all[line]));
      const one = new Wire();
      for (const [line, old] of all.entries()) if (joined.has(old)) all[line] = one;
    }
    this.#wires = all;
  }

  get description(): string {
    return `a simulated chip: ${this.#wires.length} lines in memory`;
  }

  /** Whatever a board calls its lines, their names mostly end in their numbers. */
  lineNamed(name: string): number | undefined {
    const number = /[0-9]+$/.exec(name)?.[0];
    return number !== undefined && Number(number) < this.#wires.length ? Number(number) : undefined;
  }

  open(line: number, settings: GpioSettings, listener: LineListener): Line {
    const wire = this.#wires[line];
    if (wire === undefined)
      throw systemError("EINVAL", `Cannot take a simulated line: there are ${this.#wires.length}, from 0 on`);
    if (this.#taken.has(line)) throw systemError("EBUSY", "Cannot take a simulated line: another pin has it");
    const opened = new SimulatedLine(wire, settings, listener);
    this.#taken.add(line);
    return {
      configure: (next) => opened.configure(next),
      active: () => opened.active(),
      drive: (active) => opened.drive(active),
      close: () => {
        this.#taken.delete(line);
        opened.close();
      },
    };
  }

  close(): void {}
}
