// Generated from event.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Capability, Reader } from "../../base/message.js";
import { s } from "../../base/schema.js";

/** Events that the buffer holds. */
export const eventCapacity = 256;

const eventErrors: readonly string[] = [];

export type EventArgs = Record<string, never>;

/**
 * A session of the service Event, as its client sees it.
 * Input events, from whoever makes them (a driver, a filter, a script) to whoever takes them. RPC with a shared buffer.
 *
 * The client fills the buffer with events of 16 bytes each, whose layout `event-record.ts` has, and submits them. The
 * server touches the buffer only while such a call is under way. What a session holds pressed or touched is released
 * for it when it ends, so that a driver may die at any time.
 */
export interface EventClient {
  dataspace(options?: CallOptions): Promise<Capability>;
  /** Takes the first `count` events, in their order, as one: nobody sees some of them without the others. */
  submitBatch(count: number, options?: CallOptions): Promise<void>;
}

/** What a server of Event implements; a handler answers at once or with a promise. */
export interface EventHandlers {
  dataspace(call: Call): Capability | Promise<Capability>;
  /** Takes the first `count` events, in their order, as one: nobody sees some of them without the others. */
  submitBatch(count: number, call: Call): void | Promise<void>;
}

function decodeEventDataspaceReply(reader: Reader): Capability {
  const result = reader.capability("dataspace");
  reader.end();
  return result;
}

function decodeEventSubmitBatchReply(reader: Reader): void {
  reader.end();
}

class EventProxy implements EventClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  dataspace(options?: CallOptions): Promise<Capability> {
    this.#port.begin(0);
    return this.#port.call(eventErrors, 1, decodeEventDataspaceReply, options);
  }

  submitBatch(count: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(1);
      writer.u32(count);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(eventErrors, 0, decodeEventSubmitBatchReply, options);
  }
}

/**
 * Input events, from whoever makes them (a driver, a filter, a script) to whoever takes them. RPC with a shared buffer.
 *
 * The client fills the buffer with events of 16 bytes each, whose layout `event-record.ts` has, and submits them. The
 * server touches the buffer only while such a call is under way. What a session holds pressed or touched is released
 * for it when it ends, so that a driver may die at any time.
 */
export const Event: Interface<EventClient, EventHandlers, EventArgs> = {
  name: "Event",
  version: 1,
  ramQuota: 49152,
  capQuota: 3,
  args: s.object({}),
  errors: eventErrors,
  signals: [],
  operations: new Map<number, Operation<EventHandlers>>([
    [0, {
      opcode: 0,
      name: "dataspace",
      kind: "call",
      requestBytes: 0,
      replyBytes: 1,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.dataspace(call);
      },
      encodeReply(writer, result: Capability) {
        writer.capability(result);
      },
    }],
    [1, {
      opcode: 1,
      name: "submitBatch",
      kind: "call",
      requestBytes: 4,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const count = reader.u32();
        reader.end();
        return handlers.submitBatch(count, call);
      },
    }],
  ]),
  client: (port) => new EventProxy(port),
};
