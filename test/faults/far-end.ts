/** The far end of a serial line: reads all that comes, and writes numbered records as fast as the line takes them. */
import { closeSync, constants, openSync } from "node:fs";
import { readLine, writeLine } from "../../bindings/tty.js";
import { records } from "../support/numbered-records.js";

/** Milliseconds between two looks at the line. */
const period = 5;

/** A UART driver with two lines, and a component that writes to one and reads back from the other. */
export const linesAndTypist = {
  uart: {
    binary: "drivers/uart",
    provides: ["Uart", "Terminal"],
    ram: "16M",
    caps: 200,
    grants: { talk: { pty: true, link: "talk" }, echo: { pty: true, link: "echo" } },
    config: {
      policies: [
        { labelLast: "talk", line: "talk" },
        { labelLast: "echo", line: "echo" },
      ],
    },
  },
  typist: { binary: "test/terminal-load", ram: "8M", config: {} },
};

export class FarEnd implements Disposable {
  readonly #path: string;
  readonly #pieces: Buffer[] = [];
  readonly #chunk = new Uint8Array(65_536);
  readonly #timer: NodeJS.Timeout;
  #descriptor: number;
  /** Records are written while this is set. */
  writing: boolean;
  /** Bytes of records that the line took. */
  written = 0;
  /** When something came the last time, on the clock of performance.now(). */
  lastReceived = performance.now();

  constructor(path: string, writing: boolean) {
    this.#path = path;
    this.writing = writing;
    this.#descriptor = this.#open();
    this.#timer = setInterval(() => this.#turn(), period);
  }

  #open(): number {
    return openSync(this.#path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  }

  #turn(): void {
    for (;;) {
      const count = readLine(this.#descriptor, this.#chunk) ?? 0;
      if (count === 0) break;
      this.#pieces.push(Buffer.from(this.#chunk.slice(0, count)));
      this.lastReceived = performance.now();
    }
    if (!this.writing) return;
    const first = Math.floor(this.written / 32);
    this.written += writeLine(this.#descriptor, records(first, 20).subarray(this.written % 32)) ?? 0;
  }

  /** All that came. */
  get received(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  /** Hangs up. */
  hangUp(): void {
    clearInterval(this.#timer);
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = -1;
  }

  [Symbol.dispose](): void {
    this.hangUp();
  }
}
