/** A bus, be it the kernel's or the stand-in. */
import { type I2cSegment, i2cTakesAny, setI2cTimeout, transactI2c } from "../../bindings/i2c.js";
import type { HostGrant } from "../../sessions/platform/index.js";

export interface Bus {
  /** What it is, for people. */
  readonly description: string;
  /** Does all segments in one transaction, and returns what those that read have read. Throws what the kernel would. */
  transact(address: number, segments: readonly I2cSegment[]): Uint8Array[];
  close(): void;
}

/** Takes over the grant; `timeout` in milliseconds. Throws ENOTTY where it is no I2C bus. */
export function kernelBus(grant: HostGrant, timeout: number): Bus {
  const { descriptor, path } = grant;
  setI2cTimeout(descriptor, timeout);
  const kind = i2cTakesAny(descriptor) ? "any transaction" : "the transfers of SMBus only";
  return {
    description: `${path}: ${kind}`,
    transact: (address, segments) => transactI2c(descriptor, address, segments),
    close: () => grant.close(),
  };
}

const registers = 256;

/** Memory behind a pointer: the first byte written sets it, and each byte written or read after that moves it on. */
class SimulatedChip {
  readonly #registers = new Uint8Array(registers);
  #pointer = 0;

  write(bytes: Uint8Array): void {
    const [pointer, ...values] = bytes;
    if (pointer === undefined) return;
    this.#pointer = pointer;
    for (const value of values) {
      this.#registers[this.#pointer] = value;
      this.#pointer = (this.#pointer + 1) % registers;
    }
  }

  read(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => {
      const value = this.#registers[this.#pointer] ?? 0;
      this.#pointer = (this.#pointer + 1) % registers;
      return value;
    });
  }
}

export function simulatedBus(addresses: readonly number[]): Bus {
  const chips = new Map(addresses.map((address) => [address, new SimulatedChip()]));
  return {
    description: `a simulated bus with ${chips.size} chips`,
    transact(address, segments) {
      const chip = chips.get(address);
      if (chip === undefined)
        throw Object.assign(new Error("Cannot do a transaction on the simulated bus: no chip acknowledged"), {
          code: "ENXIO",
        });
      return segments.flatMap((segment) => {
        if ("read" in segment) return [chip.read(segment.read)];
        chip.write(segment.write);
        return [];
      });
    },
    close() {},
  };
}
