/** The client half of I2c: transactions with one chip. */
import type { Env } from "../../base/env.js";
import type { CallOptions } from "../../base/interface.js";
import type { Session, SessionOptions, SessionType } from "../../base/session.js";
import { type I2cArgs, type I2cClient, type I2cHandlers, I2c as I2cInterface } from "./i2c.generated.js";

export type I2cOptions = SessionOptions;

/** One part of a transaction: bytes to write, or how many to read. */
export type I2cPart = { readonly write: Uint8Array | readonly number[] } | { readonly read: number };

/** Bytes that a transaction writes at most, and that it reads at most. */
export const mostI2cBytes = 768;

/**
 * One chip on an I2C bus. When the driver dies during a transaction, that rejects with `Disconnected` and is not
 * repeated: the chip may have seen it. The next one finds the session opened anew.
 */
export class I2cConnection implements AsyncDisposable {
  readonly #session: Session<I2cClient, I2cHandlers, I2cArgs>;

  constructor(session: Session<I2cClient, I2cHandlers, I2cArgs>) {
    this.#session = session;
  }

  /**
   * Does up to 42 parts in one transaction: a start before each, one stop after the last. Returns what each part that
   * reads has read. An empty part asks only whether the chip answers.
   * @throws SessionError `NotAcknowledged`, `Unsupported`, `Device`
   */
  async transact(parts: readonly I2cPart[], options?: CallOptions): Promise<Uint8Array[]> {
    const segments = parts.map((part) =>
      "read" in part ? { read: true, length: part.read } : { read: false, length: part.write.length },
    );
    const written = Uint8Array.from(parts.flatMap((part) => ("write" in part ? [...part.write] : [])));
    const bytes = await this.#session.client.transact(segments, written, options);
    let at = 0;
    return segments
      .filter(({ read }) => read)
      .map(({ length }) => {
        const piece = bytes.slice(at, at + length);
        at += length;
        return piece;
      });
  }

  async write(bytes: Uint8Array | readonly number[], options?: CallOptions): Promise<void> {
    await this.transact([{ write: bytes }], options);
  }

  async read(length: number, options?: CallOptions): Promise<Uint8Array> {
    const [bytes = new Uint8Array(0)] = await this.transact([{ read: length }], options);
    return bytes;
  }

  /** Writes the number of a register and then, without a stop in between, reads from there on. */
  async readRegister(register: number, length = 1, options?: CallOptions): Promise<Uint8Array> {
    const [bytes = new Uint8Array(0)] = await this.transact([{ write: [register] }, { read: length }], options);
    return bytes;
  }

  async writeRegister(register: number, bytes: Uint8Array | readonly number[], options?: CallOptions): Promise<void> {
    await this.write([register, ...bytes], options);
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** One chip on an I2C bus. */
export const I2c: SessionType<I2cOptions, I2cConnection> = {
  interface: I2cInterface,
  async open(env: Env, options: I2cOptions): Promise<I2cConnection> {
    return new I2cConnection(await env.session(I2cInterface, {}, options));
  },
};
