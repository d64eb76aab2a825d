/**
 * What the root and a component say to each other while it is debugged.
 *
 * To the component: packets on the socket that brought its first message, of one byte that says what follows, and bytes.
 * From it: messages through a pipe that comes with the debugger, each a little-endian u32 length in bytes and text. A
 * pipe, since nobody reads a socket while there is no debugger, and descriptors that are sent into one count against
 * all processes of their user until somebody takes them.
 */

export const debugPacket = {
  /** Bytes of a message of the inspector protocol, which goes on in the next packet. */
  part: 0,
  /** The last bytes of a message. */
  last: 1,
  /** A debugger is there, and with it the pipe. The component answers with an empty message. */
  attach: 2,
  /** The debugger is gone. */
  detach: 3,
  /** And no other will come: a component that waits for one begins. */
  release: 4,
} as const;

/** The most bytes of a message in one packet: several fit into a socket's buffer. */
const largestPart = 24 * 1024;
export const largestPacket = 1 + largestPart;

export function packetOf(kind: number, bytes: Uint8Array = new Uint8Array()): Uint8Array {
  const packet = new Uint8Array(1 + bytes.length);
  packet[0] = kind;
  packet.set(bytes, 1);
  return packet;
}

/** A message to the component in parts, of which the last is marked. */
export function* messageParts(text: string): Generator<{ readonly last: boolean; readonly bytes: Uint8Array }> {
  const bytes = Buffer.from(text);
  for (let start = 0; start === 0 || start < bytes.length; start += largestPart) {
    const end = start + largestPart;
    yield { last: end >= bytes.length, bytes: bytes.subarray(start, end) };
  }
}

/** Puts the parts of messages together again. */
export class MessageParts {
  #parts: Uint8Array[] = [];

  /** The whole message, with its last part. */
  add(last: boolean, bytes: Uint8Array): string | undefined {
    this.#parts.push(bytes);
    if (!last) return undefined;
    // private copy: packets of a socket.
    const text = Buffer.concat(this.#parts).toString("utf8");
    this.#parts = [];
    return text;
  }
}

/** A message of the component as it goes through the pipe. */
export function framed(text: string): Uint8Array {
  const frame = Buffer.allocUnsafe(4 + Buffer.byteLength(text));
  frame.writeUInt32LE(frame.length - 4, 0);
  frame.write(text, 4);
  return frame;
}

/** Finds the messages in what comes out of the pipe. */
export class FrameReader {
  readonly #largest: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  /** `largest`: bytes of a message that is believed. */
  constructor(largest: number) {
    this.#largest = largest;
  }

  /** The messages that are whole now. Throws a `RangeError` for one that is too large. */
  *add(bytes: Uint8Array): Generator<string> {
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    while (this.#bytes >= 4) {
      let [first] = this.#chunks as [Uint8Array];
      if (first.length < 4) first = this.#joined();
      const length = Buffer.from(first.buffer, first.byteOffset, 4).readUInt32LE();
      if (length > this.#largest)
        throw new RangeError(`A message of ${length} bytes came, and ${this.#largest} are the most`);
      if (this.#bytes < 4 + length) return;
      const all = this.#joined();
      this.#chunks = [all.subarray(4 + length)];
      this.#bytes -= 4 + length;
      // private copy: what came out of a pipe.
      yield all.subarray(4, 4 + length).toString("utf8");
    }
  }

  #joined(): Buffer {
    const [first, ...rest] = this.#chunks as [Uint8Array];
    if (rest.length === 0) return Buffer.from(first.buffer, first.byteOffset, first.length);
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }
}
