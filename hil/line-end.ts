/** An end of a terminal line of the host, such as the far end of a pseudo-terminal. */
import { closeSync, constants, openSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { watchDescriptor } from "../base/event-loop.js";
import { readLine, writeLine } from "../bindings/tty.js";
import { Occurrence } from "../lib/occurrence.js";
import type { ByteStream } from "./console.js";

/** Milliseconds until a full queue is tried again. */
const retryPeriod = 2;

export class LineEnd implements ByteStream {
  readonly #descriptor: number;
  readonly #readable = new Occurrence();
  readonly #unwatch: () => void;
  readonly #chunk = new Uint8Array(4096);
  #open = true;

  /** Takes over an open terminal, or the master of a pseudo-terminal. */
  constructor(descriptor: number) {
    this.#descriptor = descriptor;
    this.#unwatch = watchDescriptor(this.#descriptor, "readable", () => this.#readable.happened());
  }

  /** Opens the terminal at `path`, as it is set. */
  static open(path: string): LineEnd {
    return new LineEnd(openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK));
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && this.#open; ) {
      const count = writeLine(this.#descriptor, bytes, at);
      if (count === undefined) throw new Error("Cannot write to the line: its other end was closed");
      at += count;
      if (count === 0) await delay(retryPeriod);
    }
  }

  async *bytes({ signal }: { readonly signal: AbortSignal }): AsyncGenerator<Uint8Array, void, undefined> {
    while (this.#open && !signal.aborted) {
      const seen = this.#readable.count;
      const count = readLine(this.#descriptor, this.#chunk);
      if (count === 0) return;
      if (count !== undefined) yield this.#chunk.slice(0, count);
      else await this.#readable.after(seen, signal);
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#unwatch();
    closeSync(this.#descriptor);
    this.#readable.happened();
  }
}
