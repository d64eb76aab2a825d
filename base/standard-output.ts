/**
 * `process.stdout` and `process.stderr` of a component, and what `console` writes to. Node's own are sockets of its network
 * library, which takes 8 ms of each start to load, whether anything is written or not, and which the tight filter lets
 * nobody open later. Its streams take 4 ms, so `console` does without, and who uses `process.stdout` itself loads them.
 */
import { writeSync } from "node:fs";
import type { Writable } from "node:stream";

type Name = "stdout" | "stderr";

/** Writes to a pipe at once, as Node's own does, so that a program's last words are out before it ends. */
function writeWhole(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}

function stream(descriptor: number): Writable {
  const streams = require("node:stream") as typeof import("node:stream");
  const writable = new streams.Writable({
    write: (chunk: Buffer, _encoding, done) => {
      try {
        writeWhole(descriptor, chunk);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  return Object.assign(writable, { fd: descriptor, isTTY: false });
}

/** As much of a stream as `console` uses. What cannot be written is lost, as there. */
class ConsoleOutput {
  readonly #put: (bytes: Uint8Array) => void;

  constructor(put: (bytes: Uint8Array) => void) {
    this.#put = put;
  }

  write(text: string): boolean {
    try {
      this.#put(Buffer.from(text));
    } catch {
      // Nobody reads any more.
    }
    return true;
  }

  listenerCount(): number {
    return 0;
  }

  once(): this {
    return this;
  }

  removeListener(): this {
    return this;
  }
}

/**
 * The first line of a `console` asks whether `process.stderr` has colours, and would bring that to be. Here it finds none;
 * the question is not asked again.
 */
function answerForColours(): void {
  Object.defineProperty(process, "stderr", { configurable: true, value: { isTTY: false } });
  Object.assign(console, { _stdout: new ConsoleOutput(() => {}) });
  console.log();
}

/** Replaces both, and what `console` writes to. They come to be at their first use. */
export function useOwnStandardOutput(): void {
  answerForColours();
  const descriptors: Readonly<Record<Name, number>> = { stdout: 1, stderr: 2 };
  for (const [name, descriptor] of Object.entries(descriptors) as [Name, number][]) {
    let own: Writable | undefined;
    Object.defineProperty(process, name, {
      configurable: true,
      enumerable: true,
      get: () => (own ??= stream(descriptor)),
    });
    // Where Node.js lets itself be told; otherwise it asks for `process.stdout`.
    Object.assign(console, { [`_${name}`]: new ConsoleOutput((bytes) => writeWhole(descriptor, bytes)) });
  }
}
