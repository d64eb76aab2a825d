// Generated from calc.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Reader } from "../../base/message.js";
import { s } from "../../base/schema.js";

const calcErrors: readonly string[] = ["DivisionByZero", "OutOfRange"];

export type CalcArgs = Record<string, never>;

/**
 * A session of the service Calc, as its client sees it.
 * Integer arithmetic. Results that are no 32-bit integer are an OutOfRange error.
 */
export interface CalcClient {
  add(left: number, right: number, options?: CallOptions): Promise<number>;
  subtract(left: number, right: number, options?: CallOptions): Promise<number>;
  multiply(left: number, right: number, options?: CallOptions): Promise<number>;
  divide(numerator: number, denominator: number, options?: CallOptions): Promise<number>;
}

/** What a server of Calc implements; a handler answers at once or with a promise. */
export interface CalcHandlers {
  add(left: number, right: number, call: Call): number | Promise<number>;
  subtract(left: number, right: number, call: Call): number | Promise<number>;
  multiply(left: number, right: number, call: Call): number | Promise<number>;
  divide(numerator: number, denominator: number, call: Call): number | Promise<number>;
}

function decodeCalcAddReply(reader: Reader): number {
  const result = reader.i32();
  reader.end();
  return result;
}

function decodeCalcSubtractReply(reader: Reader): number {
  const result = reader.i32();
  reader.end();
  return result;
}

function decodeCalcMultiplyReply(reader: Reader): number {
  const result = reader.i32();
  reader.end();
  return result;
}

function decodeCalcDivideReply(reader: Reader): number {
  const result = reader.i32();
  reader.end();
  return result;
}

class CalcProxy implements CalcClient {
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
    return this.#port.call(calcErrors, 4, decodeCalcAddReply, options);
  }

  subtract(left: number, right: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(1);
      writer.i32(left);
      writer.i32(right);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(calcErrors, 4, decodeCalcSubtractReply, options);
  }

  multiply(left: number, right: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(2);
      writer.i32(left);
      writer.i32(right);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(calcErrors, 4, decodeCalcMultiplyReply, options);
  }

  divide(numerator: number, denominator: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(3);
      writer.i32(numerator);
      writer.i32(denominator);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(calcErrors, 4, decodeCalcDivideReply, options);
  }
}

/** Integer arithmetic. Results that are no 32-bit integer are an OutOfRange error. */
export const Calc: Interface<CalcClient, CalcHandlers, CalcArgs> = {
  name: "Calc",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: calcErrors,
  signals: [],
  operations: new Map<number, Operation<CalcHandlers>>([
    [0, {
      opcode: 0,
      name: "add",
      kind: "call",
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
  ]),
  client: (port) => new CalcProxy(port),
};
