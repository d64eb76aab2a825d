/**
 * Far ends of wires that another process holds: a virtual machine's are outside of it, and the tests that need them
 * inside. What passes is one JSON object a line in each direction: {"end": "line", "bytes": base64}.
 */
import { Occurrence } from "../lib/occurrence.js";
import type { ByteStream } from "./console.js";
import type { FramePort } from "./network.js";

export interface Passed {
  readonly end: string;
  /** In base64: some bytes of a line, or one whole frame. */
  readonly bytes: string;
}

export class FarEnds {
  readonly #send: (passed: Passed) => void;
  readonly #handlers = new Map<string, (bytes: Uint8Array) => void>();

  /** `send`: takes what goes out to a far end. */
  constructor(send: (passed: Passed) => void) {
    this.#send = send;
  }

  /** Something came in from a far end. It is lost where nobody has opened that end, as on any wire. */
  came({ end, bytes }: Passed): void {
    this.#handlers.get(end)?.(Buffer.from(bytes, "base64"));
  }

  #write(end: string, bytes: Uint8Array): void {
    // private copy: these bytes are the test's own
    this.#send({ end, bytes: Buffer.from(bytes).toString("base64") });
  }

  /** The far end of a serial line. */
  stream(end: string): ByteStream {
    const changed = new Occurrence();
    let came: Uint8Array[] = [];
    const handler = (bytes: Uint8Array): void => {
      came.push(bytes);
      changed.happened();
    };
    this.#handlers.set(end, handler);
    return {
      write: async (bytes) => this.#write(end, bytes),
      async *bytes({ signal }) {
        while (!signal.aborted) {
          const seen = changed.count;
          const all = came;
          came = [];
          yield* all;
          await changed.after(seen, signal);
        }
      },
      close: () => void this.#handlers.delete(end),
    };
  }

  /** The far end of a network card's wire. */
  port(end: string): FramePort {
    return {
      send: (frame) => {
        this.#write(end, frame);
        return true;
      },
      onFrame: (handler) => void this.#handlers.set(end, handler),
      close: () => void this.#handlers.delete(end),
    };
  }
}
