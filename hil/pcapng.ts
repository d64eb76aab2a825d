/**
 * Captures in the pcapng format (IETF draft-ietf-opsawg-pcapng): one section, one Ethernet interface, a block a frame, with its direction.
 * Little-endian, times in nanoseconds.
 */

export type Direction = "in" | "out";

const blockTypes = { section: 0x0a0d0d0a, interface: 1, packet: 6 } as const;
const byteOrderMagic = 0x1a2b3c4d;
const ethernet = 1;
const options = { end: 0, name: 2, resolution: 9, application: 4, packetFlags: 2 } as const;
/** Option `if_tsresol`: a power of ten, negated. */
const nanoseconds = 9;
const directions: Readonly<Record<Direction, number>> = { in: 1, out: 2 };

function padded(length: number): number {
  return (length + 3) & ~3;
}

function option(code: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + padded(value.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, code, true);
  view.setUint16(2, value.length, true);
  bytes.set(value, 4);
  return bytes;
}

/** A block: its type and length, the body in parts, and the length again, by which readers go backwards. */
function block(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = 12 + parts.reduce((sum, part) => sum + padded(part.length), 0);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, length, true);
  let at = 8;
  for (const part of parts) {
    bytes.set(part, at);
    at += padded(part.length);
  }
  view.setUint32(at, length, true);
  return bytes;
}

function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value >>> 0, true);
  return bytes;
}

const text = new TextEncoder();
const endOfOptions = option(options.end, new Uint8Array(0));

/** What a file begins with. */
export function captureHead(interfaceName: string): Uint8Array {
  const version = 1; // 1.0, as two 16-bit words
  const section = block(
    blockTypes.section,
    words(byteOrderMagic, version, 0xffff_ffff, 0xffff_ffff),
    option(options.application, text.encode("bulkhead")),
    endOfOptions,
  );
  const described = block(
    blockTypes.interface,
    words(ethernet, 0),
    option(options.name, text.encode(interfaceName)),
    option(options.resolution, Uint8Array.of(nanoseconds)),
    endOfOptions,
  );
  return Buffer.concat([section, described]);
}

/** One frame. `time` in milliseconds since 1970. */
export function captureFrame(frame: Uint8Array, direction: Direction, time: number): Uint8Array {
  const stamp = BigInt(Math.round(time * 1000)) * 1000n;
  return block(
    blockTypes.packet,
    words(0, Number(stamp >> 32n), Number(stamp & 0xffff_ffffn), frame.length, frame.length),
    frame,
    option(options.packetFlags, words(directions[direction])),
    endOfOptions,
  );
}
