// Generated from calc_counter.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Reader } from "../../base/message.js";
import { s } from "../../base/schema.js";
import type { CalcClient, CalcHandlers } from "./calc.generated.js";
import type { CounterClient, CounterHandlers } from "./counter.generated.js";

const calcErrors: readonly string[] = ["DivisionByZero", "OutOfRange"];
const counterErrors: readonly string[] = [];

export type CalcCounterArgs = Record<string, never>;

/**
 * A session of the service CalcCounter, as its client sees it.
 * One capability that answers as Calc and as Counter.
 */
export interface CalcCounterClient extends CalcClient, CounterClient {}

/** What a server of CalcCounter implements; a handler answers at once or with a promise. */
export interface CalcCounterHandlers extends CalcHandlers, CounterHandlers {}

function decodeCalcCounterAddReply(reader: Reader): number {
  const result = reader.i32();
  reader.end();
  return result;
}

function decodeCalcCounterSubtractReply(reader: Reader): number {
  const result = reader.i32();
  reader.end();
  return result;
}

function decodeCalcCounterMultiplyReply(reader: Reader): number {
  const result = reader.i32();
  reader.end();
  return result;
}

function decodeCalcCounterDivideReply(reader: Reader): number {
  const result = reader.i32();
  reader.end();
  return result;
}

function decodeCalcCounterIncrementReply(reader: Reader): number {
  const result = reader.i32();
  reader.end();
  return result;
}

class CalcCounterProxy implements CalcCounterClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  add(left: number, right: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(0);
      writer.i32(left);
      writer.i32(right);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(calcErrors, 4, decodeCalcCounterAddReply, options);
  }

  subtract(left: number, right: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(1);
      writer.i32(left);
      writer.i32(right);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(calcErrors, 4, decodeCalcCounterSubtractReply, options);
  }

  multiply(left: number, right: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(2);
      writer.i32(left);
      writer.i32(right);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(calcErrors, 4, decodeCalcCounterMultiplyReply, options);
  }

  divide(numerator: number, denominator: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(3);
      writer.i32(numerator);
      writer.i32(denominator);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(calcErrors, 4, decodeCalcCounterDivideReply, options);
  }

  increment(options?: CallOptions): Promise<number> {
    this.#port.begin(4);
    return this.#port.call(counterErrors, 4, decodeCalcCounterIncrementReply, options);
  }
}

/** One capability that answers as Calc and as Counter. */
export const CalcCounter: Interface<CalcCounterClient, CalcCounterHandlers, CalcCounterArgs> = {
  name: "CalcCounter",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: ["DivisionByZero", "OutOfRange"],
  signals: [],
  operations: new Map<number, Operation<CalcCounterHandlers>>([
    [0, {
      opcode: 0,
      name: "add",
      kind: "call",
      errors: calcErrors,
      requestBytes: 8,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        const left = reader.i32();
        const right = reader.i32();
        reader.end();
        return handlers.add(left, right, call);
      },
      encodeReply(writer, result: number) {
        writer.i32(result);
      },
    }],
    [1, {
      opcode: 1,
      name: "subtract",
      kind: "call",
      errors: calcErrors,
      requestBytes: 8,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        const left = reader.i32();
        const right = reader.i32();
        reader.end();
        return handlers.subtract(left, right, call);
      },
      encodeReply(writer, result: number) {
        writer.i32(result);
      },
    }],
    [2, {
      opcode: 2,
      name: "multiply",
      kind: "call",
      errors: calcErrors,
      requestBytes: 8,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        const left = reader.i32();
        const right = reader.i32();
        reader.end();
        return handlers.multiply(left, right, call);
      },
      encodeReply(writer, result: number) {
        writer.i32(result);
      },
    }],
    [3, {
      opcode: 3,
      name: "divide",
      kind: "call",
      errors: calcErrors,
      requestBytes: 8,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        const numerator = reader.i32();
        const denominator = reader.i32();
        reader.end();
        return handlers.divide(numerator, denominator, call);
      },
      encodeReply(writer, result: number) {
        writer.i32(result);
      },
    }],
    [4, {
      opcode: 4,
      name: "increment",
      kind: "call",
      errors: counterErrors,
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
  client: (port) => new CalcCounterProxy(port),
};
