// Generated from pin-control.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Reader } from "../../base/message.js";
import { s } from "../../base/schema.js";

const pinControlErrors: readonly string[] = [];

export type PinControlArgs = Record<string, never>;

/**
 * A session of the service PinControl, as its client sees it.
 * One pin, driven. Until the first `state`, after `yield` and after the session the pin drives nothing.
 */
export interface PinControlClient {
  /** Drives the pin to be active, or not. */
  state(active: boolean, options?: CallOptions): Promise<void>;
  /** Drives it no more: a line becomes an input, whatever else goes back to what it was. */
  yield(options?: CallOptions): Promise<void>;
}

/** What a server of PinControl implements; a handler answers at once or with a promise. */
export interface PinControlHandlers {
  /** Drives the pin to be active, or not. */
  state(active: boolean, call: Call): void | Promise<void>;
  /** Drives it no more: a line becomes an input, whatever else goes back to what it was. */
  yield(call: Call): void | Promise<void>;
}

function decodePinControlStateReply(reader: Reader): void {
  reader.end();
}

function decodePinControlYieldReply(reader: Reader): void {
  reader.end();
}

class PinControlProxy implements PinControlClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  state(active: boolean, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(0);
      writer.bool(active);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(pinControlErrors, 0, decodePinControlStateReply, options);
  }

  yield(options?: CallOptions): Promise<void> {
    this.#port.begin(1);
    return this.#port.call(pinControlErrors, 0, decodePinControlYieldReply, options);
  }
}

/** One pin, driven. Until the first `state`, after `yield` and after the session the pin drives nothing. */
export const PinControl: Interface<PinControlClient, PinControlHandlers, PinControlArgs> = {
  name: "PinControl",
  version: 1,
  ramQuota: 49152,
  capQuota: 3,
  args: s.object({}),
  errors: pinControlErrors,
  signals: [],
  operations: new Map<number, Operation<PinControlHandlers>>([
    [0, {
      opcode: 0,
      name: "state",
      kind: "call",
      requestBytes: 1,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const active = reader.bool();
        reader.end();
        return handlers.state(active, call);
      },
    }],
    [1, {
      opcode: 1,
      name: "yield",
      kind: "call",
      requestBytes: 0,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.yield(call);
      },
    }],
  ]),
  client: (port) => new PinControlProxy(port),
};
