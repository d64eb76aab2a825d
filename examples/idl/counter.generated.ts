// Generated from counter.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Reader } from "../../base/message.js";
import { s } from "../../base/schema.js";

const counterErrors: readonly string[] = [];

export type CounterArgs = Record<string, never>;

/**
 * A session of the service Counter, as its client sees it.
 * Counts. Each object has a count of its own.
 */
export interface CounterClient {
  /** Adds one; `result` is the new count. The opcode leaves room for Calc's, so that one object can answer as both. */
  increment(options?: CallOptions): Promise<number>;
}

/** What a server of Counter implements; a handler answers at once or with a promise. */
export interface CounterHandlers {
  /** Adds one; `result` is the new count. The opcode leaves room for Calc's, so that one object can answer as both. */
  increment(call: Call): number | Promise<number>;
}

function decodeCounterIncrementReply(reader: Reader): number {
  const result = reader.i32();
  reader.end();
  return result;
}

class CounterProxy implements CounterClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  increment(options?: CallOptions): Promise<number> {
    this.#port.begin(4);
    return this.#port.call(counterErrors, 4, decodeCounterIncrementReply, options);
  }
}

/** Counts. Each object has a count of its own. */
export const Counter: Interface<CounterClient, CounterHandlers, CounterArgs> = {
  name: "Counter",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: counterErrors,
  signals: [],
  operations: new Map<number, Operation<CounterHandlers>>([
    [4, {
      opcode: 4,
      name: "increment",
      kind: "call",
      requestBytes: 0,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.increment(call);
      },
      encodeReply(writer, result: number) {
        writer.i32(result);
      },
    }],
  ]),
  client: (port) => new CounterProxy(port),
};
