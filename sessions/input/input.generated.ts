// Generated from input.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Capability, Reader } from "../../base/message.js";
import { s } from "../../base/schema.js";

/** Events that the buffer holds. */
export const inputCapacity = 256;

const inputErrors: readonly string[] = [];

export type InputArgs = Record<string, never>;

/**
 * A session of the service Input, as its client sees it.
 * Input events, fetched by whoever they are for. RPC with a shared buffer and signals.
 *
 * The server fills the buffer during `flush` with events of 16 bytes each, whose layout is that of the Event session. A
 * client that does not fetch loses motion, and pairs of a press and its release, but never one of the two alone: what
 * it holds to be pressed after it has fetched everything is what is pressed.
 */
export interface InputClient {
  events(options?: CallOptions): Promise<Capability>;
  /** Whether `flush` would find events. */
  pending(options?: CallOptions): Promise<boolean>;
  /** Moves the oldest events into the buffer. Fewer than it holds: there were no more. */
  flush(options?: CallOptions): Promise<number>;
  /** Asks for relative motion without a pointer, for as long as this client has the focus. */
  exclusive(enabled: boolean, options?: CallOptions): Promise<void>;
}

/** What a server of Input implements; a handler answers at once or with a promise. */
export interface InputHandlers {
  events(call: Call): Capability | Promise<Capability>;
  /** Whether `flush` would find events. */
  pending(call: Call): boolean | Promise<boolean>;
  /** Moves the oldest events into the buffer. Fewer than it holds: there were no more. */
  flush(call: Call): number | Promise<number>;
  /** Asks for relative motion without a pointer, for as long as this client has the focus. */
  exclusive(enabled: boolean, call: Call): void | Promise<void>;
}

function decodeInputEventsReply(reader: Reader): Capability {
  const result = reader.capability("dataspace");
  reader.end();
  return result;
}

function decodeInputPendingReply(reader: Reader): boolean {
  const result = reader.bool();
  reader.end();
  return result;
}

function decodeInputFlushReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

function decodeInputExclusiveReply(reader: Reader): void {
  reader.end();
}

class InputProxy implements InputClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  events(options?: CallOptions): Promise<Capability> {
    this.#port.begin(16);
    return this.#port.call(inputErrors, 1, decodeInputEventsReply, options);
  }

  pending(options?: CallOptions): Promise<boolean> {
    this.#port.begin(17);
    return this.#port.call(inputErrors, 1, decodeInputPendingReply, options);
  }

  flush(options?: CallOptions): Promise<number> {
    this.#port.begin(18);
    return this.#port.call(inputErrors, 4, decodeInputFlushReply, options);
  }

  exclusive(enabled: boolean, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(19);
      writer.bool(enabled);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(inputErrors, 0, decodeInputExclusiveReply, options);
  }
}

/**
 * Input events, fetched by whoever they are for. RPC with a shared buffer and signals.
 *
 * The server fills the buffer during `flush` with events of 16 bytes each, whose layout is that of the Event session. A
 * client that does not fetch loses motion, and pairs of a press and its release, but never one of the two alone: what
 * it holds to be pressed after it has fetched everything is what is pressed.
 */
export const Input: Interface<InputClient, InputHandlers, InputArgs> = {
  name: "Input",
  version: 1,
  ramQuota: 49152,
  capQuota: 3,
  args: s.object({}),
  errors: inputErrors,
  signals: ["eventsAvailable"],
  operations: new Map<number, Operation<InputHandlers>>([
    [16, {
      opcode: 16,
      name: "events",
      kind: "call",
      requestBytes: 0,
      replyBytes: 1,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.events(call);
      },
      encodeReply(writer, result: Capability) {
        writer.capability(result);
      },
    }],
    [17, {
      opcode: 17,
      name: "pending",
      kind: "call",
      requestBytes: 0,
      replyBytes: 1,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.pending(call);
      },
      encodeReply(writer, result: boolean) {
        writer.bool(result);
      },
    }],
    [18, {
      opcode: 18,
      name: "flush",
      kind: "call",
      requestBytes: 0,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.flush(call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
    [19, {
      opcode: 19,
      name: "exclusive",
      kind: "call",
      requestBytes: 1,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const enabled = reader.bool();
        reader.end();
        return handlers.exclusive(enabled, call);
      },
    }],
  ]),
  client: (port) => new InputProxy(port),
};
