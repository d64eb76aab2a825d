/**
 * `process.stdout` and `process.stderr` of a component. Node's own are sockets of its network library, which takes 8 ms of
 * each start to load, whether anything is written or not, and which the tight filter lets nobody open later.
 */
import { writeSync } from "node:fs";
import { Writable } from "node:stream";

/** Writes to a pipe at once, as Node's own does, so that a program's last words are out before it ends. */
class PipeStream extends Writable {
  readonly fd: number;
  readonly isTTY = false;

  constructor(descriptor: number) {
    super();
    this.fd = descriptor;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    try {
      for (let written = 0; written < chunk.length; ) written += writeSync(this.fd, chunk, written);
      done();
    } catch (error) {
      done(error as Error);
    }
  }
}

/** Replaces both. They come to be at their first use. */
export function useOwnStandardOutput(): void {
  for (const [name, descriptor] of [
    ["stdout", 1],
    ["stderr", 2],
  ] as const) {
    let stream: PipeStream | undefined;
    Object.defineProperty(process, name, {
      configurable: true,
      enumerable: true,
      get: () => (stream ??= new PipeStream(descriptor)),
    });
  }
}
