/** A chip of the kernel, on the descriptor that the host opened. */
import { watchDescriptor } from "../../base/event-loop.js";
import {
  configureGpioLine,
  type GpioChip,
  type GpioSettings,
  gpioActive,
  gpioChip,
  gpioLine,
  requestGpioLine,
  setGpioActive,
  takeGpioEdges,
} from "../../bindings/gpio.js";
import { native } from "../../bindings/native.js";
import type { HostGrant } from "../../sessions/platform/index.js";
import type { Chip, Line, LineListener } from "./chip.js";

/** How the kernel names us to others who want the line. */
const consumer = "bulkhead";
/** Edges that the kernel keeps while we are busy. */
const eventsKept = 512;

export class KernelChip implements Chip {
  readonly #grant: HostGrant;
  readonly #facts: GpioChip;

  /** Takes over the grant. Throws ENOTTY where it is no GPIO chip. */
  constructor(grant: HostGrant) {
    this.#grant = grant;
    this.#facts = gpioChip(grant.descriptor);
  }

  get description(): string {
    const { label, lines } = this.#facts;
    return `${this.#grant.path} (${label}): ${lines} lines`;
  }

  get label(): string {
    return this.#facts.label;
  }

  lineNamed(name: string): number | undefined {
    for (let line = 0; line < this.#facts.lines; ++line)
      if (gpioLine(this.#grant.descriptor, line).name === name) return line;
    return undefined;
  }

  open(line: number, settings: GpioSettings, listener: LineListener): Line {
    return new KernelLine(this.#request(line, settings), settings, listener);
  }

  #request(line: number, settings: GpioSettings): number {
    try {
      return requestGpioLine(this.#grant.descriptor, line, consumer, settings, eventsKept);
    } catch (error) {
      if (error instanceof Error && (error as NodeJS.ErrnoException).code === "EBUSY")
        error.message += `: "${gpioLine(this.#grant.descriptor, line).consumer}"`;
      throw error;
    }
  }

  close(): void {
    this.#grant.close();
  }
}

class KernelLine implements Line {
  readonly #descriptor: number;
  readonly #listener: LineListener;
  #endWatch: (() => void) | undefined;

  constructor(descriptor: number, settings: GpioSettings, listener: LineListener) {
    this.#descriptor = descriptor;
    this.#listener = listener;
    this.#watch(settings);
  }

  #watch({ edges }: GpioSettings): void {
    if (edges === "none") this.#endWatch = void this.#endWatch?.();
    else this.#endWatch ??= watchDescriptor(this.#descriptor, "readable", () => this.#take());
  }

  #take(): void {
    try {
      for (const edge of takeGpioEdges(this.#descriptor)) this.#listener.edge(edge);
    } catch {
      // Reading fails when the chip is no more, and for no other reason.
      this.#listener.gone();
    }
  }

  configure(settings: GpioSettings): void {
    configureGpioLine(this.#descriptor, settings);
    this.#watch(settings);
  }

  active(): boolean {
    return gpioActive(this.#descriptor);
  }

  drive(active: boolean): void {
    setGpioActive(this.#descriptor, active);
  }

  close(): void {
    this.#endWatch?.();
    native.closeDescriptor(this.#descriptor);
  }
}
