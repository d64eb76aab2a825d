/**
 * Marshalling of RPC messages: the layout of docs/wire-format.md, section "Payload".
 *
 * Values follow each other without padding, little-endian. A string or byte sequence is a u16 length and
 * its bytes; a bounded array is a u16 count and its elements; a fixed array is its elements; an optional
 * is a u8 0 or 1 and the value. Capabilities travel beside the payload; the payload holds a u8 index.
 *
 * A Reader always works on a private copy of the message, never on shared memory: the peer may change
 * shared memory at any time, and V8's text and JSON decoders are not safe against that.
 */
import { peerError, SessionError } from "./errors.js";

/** The largest payload of one message, in bytes. */
export const maxPayloadBytes = 1024;
/** The most capabilities that one message carries. */
export const maxCapabilities = 4;

/**
 * A capability in transit: descriptors of the kernel, unforgeable, with what they stand for.
 * `dataspace`: [memfd]; `channel`: [socket, memfd] of one end of a session; `file`: [any descriptor that the host granted].
 */
export interface Capability {
  readonly kind: CapabilityKind;
  readonly descriptors: readonly number[];
  /** True when our descriptors are closed once the message is sent: the capability moves instead of being copied. */
  readonly move?: boolean;
}
export type CapabilityKind = "dataspace" | "channel" | "file";
export const capabilityKinds: readonly CapabilityKind[] = ["dataspace", "channel", "file"];
/** How many descriptors a capability of each kind carries. */
export const descriptorsOfKind: Readonly<Record<CapabilityKind, number>> = { dataspace: 1, channel: 2, file: 1 };

const none: readonly Capability[] = [];
const noSlots: (Capability | undefined)[] = [];
const noClaims: Capability[] = [];
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Up to so many characters, looking at each is faster than calling V8's encoder or decoder. */
const shortText = 128;

function malformed(message: string): SessionError {
  return peerError("Malformed", message);
}

function invalid(what: string, value: unknown): SessionError {
  return new SessionError("InvalidArgument", `Cannot encode ${String(value)} as ${what}`);
}

/** Writes one message's payload into a buffer of its own. Reused: {@link reset} empties it. */
export class Writer {
  readonly buffer = new ArrayBuffer(maxPayloadBytes);
  readonly bytes = new Uint8Array(this.buffer);
  /** The same bytes as words; see {@link pad}. */
  readonly words = new Int32Array(this.buffer);
  readonly #view = new DataView(this.buffer);
  #length = 0;
  capabilities: Capability[] = [];

  get length(): number {
    return this.#length;
  }

  reset(): this {
    this.#length = 0;
    if (this.capabilities.length > 0) this.capabilities = [];
    return this;
  }

  /** Becomes a copy of another message; the capabilities are shared, not duplicated. */
  take(other: Writer): void {
    this.bytes.set(other.bytes.subarray(0, other.length));
    this.#length = other.length;
    this.capabilities = other.capabilities;
  }

  /** Zeroes what follows the payload in its last word, so that no earlier message shows through. */
  pad(): void {
    for (let at = this.#length; (at & 3) !== 0; ++at) this.bytes[at] = 0;
  }

  #reserve(count: number): number {
    const at = this.#length;
    if (count > maxPayloadBytes - at) {
      throw new SessionError("InvalidArgument", `Cannot encode a message over ${maxPayloadBytes} bytes`);
    }
    this.#length = at + count;
    return at;
  }

  bool(value: boolean): void {
    this.bytes[this.#reserve(1)] = value ? 1 : 0;
  }
  u8(value: number): void {
    if (!(Number.isInteger(value) && value >= 0 && value <= 0xff)) throw invalid("uint8", value);
    this.bytes[this.#reserve(1)] = value;
  }
  i8(value: number): void {
    if (!(Number.isInteger(value) && value >= -0x80 && value <= 0x7f)) throw invalid("int8", value);
    this.#view.setInt8(this.#reserve(1), value);
  }
  u16(value: number): void {
    if (!(Number.isInteger(value) && value >= 0 && value <= 0xffff)) throw invalid("uint16", value);
    this.#view.setUint16(this.#reserve(2), value, true);
  }
  i16(value: number): void {
    if (!(Number.isInteger(value) && value >= -0x8000 && value <= 0x7fff)) throw invalid("int16", value);
    this.#view.setInt16(this.#reserve(2), value, true);
  }
  u32(value: number): void {
    if (value >>> 0 !== value) throw invalid("uint32", value);
    this.#view.setUint32(this.#reserve(4), value, true);
  }
  i32(value: number): void {
    if ((value | 0) !== value) throw invalid("int32", value);
    this.#view.setInt32(this.#reserve(4), value, true);
  }
  /** A 64-bit unsigned integer given as a number; exact up to 2^53 - 1. */
  u64(value: number): void {
    if (!(Number.isSafeInteger(value) && value >= 0)) throw invalid("uint64 (0 to 2^53 - 1)", value);
    const at = this.#reserve(8);
    this.#view.setUint32(at, value >>> 0, true);
    this.#view.setUint32(at + 4, Math.floor(value / 0x1_0000_0000), true);
  }
  /** A 64-bit signed integer given as a number; exact within ±(2^53 - 1). */
  i64(value: number): void {
    if (!Number.isSafeInteger(value)) throw invalid("int64 (-(2^53 - 1) to 2^53 - 1)", value);
    const at = this.#reserve(8);
    this.#view.setUint32(at, value >>> 0, true);
    this.#view.setInt32(at + 4, Math.floor(value / 0x1_0000_0000), true);
  }
  bigU64(value: bigint): void {
    if (typeof value !== "bigint" || value !== BigInt.asUintN(64, value)) throw invalid("uint64", value);
    this.#view.setBigUint64(this.#reserve(8), value, true);
  }
  bigI64(value: bigint): void {
    if (typeof value !== "bigint" || value !== BigInt.asIntN(64, value)) throw invalid("int64", value);
    this.#view.setBigInt64(this.#reserve(8), value, true);
  }
  f32(value: number): void {
    if (typeof value !== "number") throw invalid("float32", value);
    this.#view.setFloat32(this.#reserve(4), value, true);
  }
  f64(value: number): void {
    if (typeof value !== "number") throw invalid("float64", value);
    this.#view.setFloat64(this.#reserve(8), value, true);
  }
  /** UTF-8 text of at most `max` bytes. */
  str(value: string, max: number): void {
    if (typeof value !== "string") throw invalid("a string", value);
    const at = this.#reserve(2);
    const room = Math.min(max, maxPayloadBytes - at - 2);
    if (value.length <= Math.min(room, shortText) && this.#ascii(value, at + 2)) {
      this.#view.setUint16(at, value.length, true);
      this.#length = at + 2 + value.length;
      return;
    }
    const { read, written } = encoder.encodeInto(value, this.bytes.subarray(at + 2, at + 2 + room));
    if (read < value.length) {
      this.#length = at;
      throw new SessionError(
        "InvalidArgument",
        `Cannot encode a string of ${value.length} characters: at most ${room} bytes of UTF-8 fit`,
      );
    }
    this.#view.setUint16(at, written, true);
    this.#length = at + 2 + written;
  }
  /** Writes text of ASCII characters at `at`; false when it holds others. */
  #ascii(value: string, at: number): boolean {
    for (let i = 0; i < value.length; ++i) {
      const character = value.charCodeAt(i);
      if (character >= 0x80) return false;
      this.bytes[at + i] = character;
    }
    return true;
  }
  /** A byte sequence of at most `max` bytes. */
  data(value: Uint8Array, max: number): void {
    if (!(value instanceof Uint8Array)) throw invalid("bytes", value);
    if (value.length > max)
      throw new SessionError("InvalidArgument", `Cannot encode ${value.length} bytes: at most ${max} fit`);
    this.count(value.length, max);
    this.bytes.set(value, this.#reserve(value.length));
  }
  /** The length of a bounded array that follows. */
  count(value: number, max: number): void {
    if (value > max) throw new SessionError("InvalidArgument", `Cannot encode ${value} elements: at most ${max} fit`);
    this.u16(value);
  }
  capability(value: Capability): void {
    if (this.capabilities.length >= maxCapabilities)
      throw new SessionError("InvalidArgument", `Cannot pass more than ${maxCapabilities} capabilities`);
    this.u8(this.capabilities.length);
    this.capabilities.push(value);
  }
}

/**
 * Reads one message's payload from a private copy. Every method checks what it reads; a message that is too
 * short, too long ({@link end}) or out of range raises a `Malformed` SessionError.
 */
export class Reader {
  readonly buffer = new ArrayBuffer(maxPayloadBytes);
  readonly bytes = new Uint8Array(this.buffer);
  readonly #text = Buffer.from(this.buffer);
  readonly #view = new DataView(this.buffer);
  #at = 0;
  #length = 0;
  #capabilities: (Capability | undefined)[] = noSlots;
  // What decoding claimed belongs to the message until end() accepts the whole of it.
  #claimed: Capability[] = noClaims;

  /** Starts on the first `length` bytes of {@link bytes}, which the caller filled. */
  begin(length: number, capabilities: readonly Capability[] = none): this {
    this.#at = 0;
    this.#length = length;
    this.#capabilities = capabilities === none ? noSlots : [...capabilities];
    this.#claimed = noClaims;
    return this;
  }

  #take(count: number): number {
    const at = this.#at;
    if (count > this.#length - at)
      throw malformed(`Message ends after ${this.#length} bytes, ${count} more were expected at ${at}`);
    this.#at = at + count;
    return at;
  }

  bool(): boolean {
    const value = this.bytes[this.#take(1)];
    if (value === 0) return false;
    if (value === 1) return true;
    throw malformed(`A bool is 0 or 1, not ${value}`);
  }
  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }
  i8(): number {
    return this.#view.getInt8(this.#take(1));
  }
  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }
  i16(): number {
    return this.#view.getInt16(this.#take(2), true);
  }
  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }
  i32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }
  u64(): number {
    const at = this.#take(8);
    const value = this.#view.getUint32(at + 4, true) * 0x1_0000_0000 + this.#view.getUint32(at, true);
    if (!Number.isSafeInteger(value))
      throw malformed("A uint64 that the interface does not mark bigint exceeds 2^53 - 1");
    return value;
  }
  i64(): number {
    const at = this.#take(8);
    const value = this.#view.getInt32(at + 4, true) * 0x1_0000_0000 + this.#view.getUint32(at, true);
    if (!Number.isSafeInteger(value))
      throw malformed("An int64 that the interface does not mark bigint exceeds 2^53 - 1");
    return value;
  }
  bigU64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }
  bigI64(): bigint {
    return this.#view.getBigInt64(this.#take(8), true);
  }
  f32(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }
  f64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }
  str(max: number): string {
    const length = this.count(max);
    const at = this.#take(length);
    if (length <= shortText && this.#ascii(at, length)) return this.#text.toString("latin1", at, at + length);
    try {
      return decoder.decode(this.bytes.subarray(at, at + length));
    } catch {
      throw malformed("A string is not valid UTF-8");
    }
  }
  #ascii(at: number, length: number): boolean {
    for (let i = at; i < at + length; ++i) if ((this.bytes[i] as number) >= 0x80) return false;
    return true;
  }
  /** A copy: the reader's own buffer is reused by the next message. */
  data(max: number): Uint8Array {
    const length = this.count(max);
    const at = this.#take(length);
    return this.bytes.slice(at, at + length);
  }
  count(max: number): number {
    const value = this.u16();
    if (value > max) throw malformed(`A sequence of ${value} elements exceeds its bound of ${max}`);
    return value;
  }
  /** Each capability is claimed once; {@link unclaimed} tells the channel which have no owner. */
  capability(kind: CapabilityKind): Capability {
    const index = this.u8();
    const capability = this.#capabilities[index];
    if (capability === undefined) throw malformed(`Capability ${index} was not sent, or was claimed before`);
    if (capability.kind !== kind) throw malformed(`Capability ${index} is a ${capability.kind}, not a ${kind}`);
    this.#capabilities[index] = undefined;
    if (this.#claimed === noClaims) this.#claimed = [];
    this.#claimed.push(capability);
    return capability;
  }
  /** The capabilities that nobody owns: all of a message that was not read to its {@link end}. */
  unclaimed(): readonly Capability[] {
    if (this.#capabilities.length === 0) return none;
    return [...this.#claimed, ...this.#capabilities.filter((capability) => capability !== undefined)];
  }
  /** The message must end here, with every capability claimed; whoever reads it owns them from here on. */
  end(): void {
    if (this.#at !== this.#length) throw malformed(`Message has ${this.#length - this.#at} bytes after its end`);
    if (this.#capabilities.some((capability) => capability !== undefined))
      throw malformed("Message carries a capability that it does not name");
    this.#claimed = noClaims;
  }
}
