/** The far end of a serial line. */
import type { WaitOptions } from "./deadline.js";
import type { Monitor } from "./monitor.js";
import type { Wire } from "./wire.js";

export class SerialEnd {
  readonly #wire: Wire;
  readonly #monitor: Monitor;
  readonly #name: string;

  constructor(wire: Wire, monitor: Monitor, name: string) {
    this.#wire = wire;
    this.#monitor = monitor;
    this.#name = name;
  }

  write(bytes: Uint8Array | string, options: WaitOptions = {}): Promise<void> {
    return this.#wire.write(bytes, options);
  }

  /** Waits for `count` bytes, and takes just these. */
  read(count: number, options: WaitOptions = {}): Promise<Buffer> {
    return this.#wire.read(count, options);
  }

  /** Waits for `text`, and takes what came up to its end. */
  readUntil(text: string, options: WaitOptions = {}): Promise<Buffer> {
    return this.#wire.readUntil(text, options);
  }

  /** Takes what has come, without waiting. */
  take(): Buffer {
    return this.#wire.take();
  }

  /** Sends a break. It overtakes bytes that the guest has not taken yet. */
  async sendBreak(): Promise<void> {
    await this.#monitor.execute("chardev-send-break", { id: `${this.#name}-wire` });
  }
}
