// Generated from timer.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Reader } from "../../base/message.js";
import { s } from "../../base/schema.js";

const timerErrors: readonly string[] = [];

export type TimerArgs = Record<string, never>;

/**
 * A session of the service Timer, as its client sees it.
 * Time that only moves forward: a monotonic clock that no change of the date touches.
 */
export interface TimerClient {
  /** Raises `timeout` once, so many microseconds from now; replaces the session's timeout. */
  triggerOnce(microseconds: number, options?: CallOptions): Promise<void>;
  /** Raises `timeout` again and again with this period; 0 ends it. Replaces the session's timeout. */
  triggerPeriodic(microseconds: number, options?: CallOptions): Promise<void>;
  /** Microseconds since the session was opened. */
  elapsed(options?: CallOptions): Promise<number>;
}

/** What a server of Timer implements; a handler answers at once or with a promise. */
export interface TimerHandlers {
  /** Raises `timeout` once, so many microseconds from now; replaces the session's timeout. */
  triggerOnce(microseconds: number, call: Call): void | Promise<void>;
  /** Raises `timeout` again and again with this period; 0 ends it. Replaces the session's timeout. */
  triggerPeriodic(microseconds: number, call: Call): void | Promise<void>;
  /** Microseconds since the session was opened. */
  elapsed(call: Call): number | Promise<number>;
}

function decodeTimerTriggerOnceReply(reader: Reader): void {
  reader.end();
}

function decodeTimerTriggerPeriodicReply(reader: Reader): void {
  reader.end();
}

function decodeTimerElapsedReply(reader: Reader): number {
  const result = reader.u64();
  reader.end();
  return result;
}

class TimerProxy implements TimerClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  triggerOnce(microseconds: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(0);
      writer.u64(microseconds);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(timerErrors, 0, decodeTimerTriggerOnceReply, options);
  }

  triggerPeriodic(microseconds: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(1);
      writer.u64(microseconds);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(timerErrors, 0, decodeTimerTriggerPeriodicReply, options);
  }

  elapsed(options?: CallOptions): Promise<number> {
    this.#port.begin(2);
    return this.#port.call(timerErrors, 8, decodeTimerElapsedReply, options);
  }
}

/** Time that only moves forward: a monotonic clock that no change of the date touches. */
export const Timer: Interface<TimerClient, TimerHandlers, TimerArgs> = {
  name: "Timer",
  version: 1,
  ramQuota: 49152,
  capQuota: 3,
  args: s.object({}),
  errors: timerErrors,
  signals: ["timeout"],
  operations: new Map<number, Operation<TimerHandlers>>([
    [0, {
      opcode: 0,
      name: "triggerOnce",
      kind: "call",
      requestBytes: 8,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const microseconds = reader.u64();
        reader.end();
        return handlers.triggerOnce(microseconds, call);
      },
    }],
    [1, {
      opcode: 1,
      name: "triggerPeriodic",
      kind: "call",
      requestBytes: 8,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const microseconds = reader.u64();
        reader.end();
        return handlers.triggerPeriodic(microseconds, call);
      },
    }],
    [2, {
      opcode: 2,
      name: "elapsed",
      kind: "call",
      requestBytes: 0,
      replyBytes: 8,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.elapsed(call);
      },
      encodeReply(writer, result: number) {
        writer.u64(result);
      },
    }],
  ]),
  client: (port) => new TimerProxy(port),
};
