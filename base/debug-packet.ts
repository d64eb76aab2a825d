/**
 * What a component and the root say to each other while the component is debugged, on the socket that brought its
 * first message: packets of one byte that says what follows, and bytes.
 */

export const debugPacket = {
  /** Bytes of a message of the inspector protocol, which goes on in the next packet. */
  part: 0,
  /** The last bytes of a message. */
  last: 1,
  /** A debugger is there; answered by the same once the component listens to it. */
  attach: 2,
  /** The debugger is gone; answered by the same when all that it did is undone. */
  detach: 3,
} as const;

/** The most bytes of a message in one packet: several fit into a socket's buffer. */
export const largestPart = 24 * 1024;
export const largestPacket = 1 + largestPart;

export function debugPacketOf(kind: number, bytes: Uint8Array = new Uint8Array()): Uint8Array {
  const packet = new Uint8Array(1 + bytes.length);
  packet[0] = kind;
  packet.set(bytes, 1);
  return packet;
}

/** A message in parts; the last one is marked. */
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
