/** Transactions on I2C buses: descriptors of `/dev/i2c-N` that were granted. */
import { native as addon } from "./native.js";

interface I2cAddon {
  i2cFunctions(bus: number): number;
  i2cSetTimeout(bus: number, milliseconds: number): void;
  i2cTransact(bus: number, address: number, plan: Uint32Array, bytes: Uint8Array): void;
}

const native = addon as unknown as I2cAddon;

const rawTransfers = 1;

/** Whether the adapter puts any segments on the wires; else it does the transfers of SMBus only. */
export function i2cTakesAny(bus: number): boolean {
  return (native.i2cFunctions(bus) & rawTransfers) !== 0;
}

/** How long the adapter waits for a chip, in milliseconds; the kernel counts tens of them. */
export function setI2cTimeout(bus: number, milliseconds: number): void {
  native.i2cSetTimeout(bus, milliseconds);
}

/** As many as a transaction has at most. */
export const mostI2cSegments = 42;

/** One part of a transaction: bytes to write, or how many to read. */
export type I2cSegment = { readonly write: Uint8Array } | { readonly read: number };

const readMark = 0x10000;

/**
 * Does the segments in one transaction, with one stop at its end, and returns what each of those that read has read.
 * Waits for the bus. Throws ENXIO, EREMOTEIO or ENODEV where no chip acknowledged, EOPNOTSUPP where the adapter cannot
 * do it, EBUSY where a driver of the kernel has the address.
 */
export function transactI2c(bus: number, address: number, segments: readonly I2cSegment[]): Uint8Array[] {
  const length = (segment: I2cSegment): number => ("read" in segment ? segment.read : segment.write.length);
  const bytes = new Uint8Array(segments.reduce((sum, segment) => sum + length(segment), 0));
  const places = segments.map((segment, index) => {
    const start = segments.slice(0, index).reduce((sum, before) => sum + length(before), 0);
    if ("write" in segment) bytes.set(segment.write, start);
    return bytes.subarray(start, start + length(segment));
  });
  const plan = Uint32Array.from(segments, (segment) => length(segment) + ("read" in segment ? readMark : 0));
  native.i2cTransact(bus, address, plan, bytes);
  return places.filter((_, index) => "read" in (segments[index] as I2cSegment));
}
