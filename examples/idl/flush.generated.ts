// Generated from flush.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Reader } from "../../base/message.js";
import { s } from "../../base/schema.js";

const flushErrors: readonly string[] = ["NoSpace"];

export type FlushArgs = Record<string, never>;

/**
 * A session of the service Flush, as its client sees it.
 * Brings what was written into memory back to where it belongs.
 */
export interface FlushClient {
  /**
   * Writes back `populated` bytes from `start` on.
   * @throws SessionError `NoSpace`
   */
  flush(start: number, populated: number, options?: CallOptions): Promise<void>;
}

/** What a server of Flush implements; a handler answers at once or with a promise. */
export interface FlushHandlers {
  /**
   * Writes back `populated` bytes from `start` on.
   * @throws SessionError `NoSpace`
   */
  flush(start: number, populated: number, call: Call): void | Promise<void>;
}

function decodeFlushFlushReply(reader: Reader): void {
  reader.end();
}

class FlushProxy implements FlushClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  flush(start: number, populated: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(8);
      writer.u64(start);
      writer.u64(populated);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(flushErrors, 0, decodeFlushFlushReply, options);
  }
}

/** Brings what was written into memory back to where it belongs. */
export const Flush: Interface<FlushClient, FlushHandlers, FlushArgs> = {
  name: "Flush",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: flushErrors,
  signals: [],
  operations: new Map<number, Operation<FlushHandlers>>([
    [8, {
      opcode: 8,
      name: "flush",
      kind: "call",
      requestBytes: 16,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const start = reader.u64();
        const populated = reader.u64();
        reader.end();
        return handlers.flush(start, populated, call);
      },
    }],
  ]),
  client: (port) => new FlushProxy(port),
};
