// Generated from i2c.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Reader, Writer } from "../../base/message.js";
import { s } from "../../base/schema.js";

export interface I2cSegment {
  readonly read: boolean;
  readonly length: number;
}

export function writeI2cSegment(writer: Writer, value: I2cSegment): void {
  writer.bool(value.read);
  writer.u16(value.length);
}

export function readI2cSegment(reader: Reader): I2cSegment {
  return { read: reader.bool(), length: reader.u16() };
}

const i2cErrors: readonly string[] = ["NotAcknowledged", "Unsupported"];

export type I2cArgs = Record<string, never>;

/**
 * A session of the service I2c, as its client sees it.
 * One chip on an I2C bus. Its address is the server's to know.
 */
export interface I2cClient {
  /**
   * Does all segments in one transaction: a start before each, one stop after the last. `written` are the bytes of the
   * segments that write, one after another; `bytes` those of the segments that read.
   * @throws SessionError `NotAcknowledged`
   * @throws SessionError `Unsupported`
   */
  transact(segments: readonly I2cSegment[], written: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
}

/** What a server of I2c implements; a handler answers at once or with a promise. */
export interface I2cHandlers {
  /**
   * Does all segments in one transaction: a start before each, one stop after the last. `written` are the bytes of the
   * segments that write, one after another; `bytes` those of the segments that read.
   * @throws SessionError `NotAcknowledged`
   * @throws SessionError `Unsupported`
   */
  transact(segments: readonly I2cSegment[], written: Uint8Array, call: Call): Uint8Array | Promise<Uint8Array>;
}

function decodeI2cTransactReply(reader: Reader): Uint8Array {
  const result = reader.data(768);
  reader.end();
  return result;
}

class I2cProxy implements I2cClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  transact(segments: readonly I2cSegment[], written: Uint8Array, options?: CallOptions): Promise<Uint8Array> {
    try {
      const writer = this.#port.begin(0);
      writer.count(segments.length, 42);
      for (const element of segments) {
        writeI2cSegment(writer, element);
      }
      writer.data(written, 768);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(i2cErrors, 770, decodeI2cTransactReply, options);
  }
}

/** One chip on an I2C bus. Its address is the server's to know. */
export const I2c: Interface<I2cClient, I2cHandlers, I2cArgs> = {
  name: "I2c",
  version: 1,
  ramQuota: 49152,
  capQuota: 3,
  args: s.object({}),
  errors: i2cErrors,
  signals: [],
  operations: new Map<number, Operation<I2cHandlers>>([
    [0, {
      opcode: 0,
      name: "transact",
      kind: "call",
      requestBytes: 898,
      replyBytes: 770,
      invoke(handlers, reader, call) {
        const segments = Array.from({ length: reader.count(42) }, () => readI2cSegment(reader));
        const written = reader.data(768);
        reader.end();
        return handlers.transact(segments, written, call);
      },
      encodeReply(writer, result: Uint8Array) {
        writer.data(result, 768);
      },
    }],
  ]),
  client: (port) => new I2cProxy(port),
};
