// Generated from notification.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Reader } from "../../base/message.js";
import { s } from "../../base/schema.js";

export const notificationReadable = 1;

export const notificationWriteable = 2;

const notificationErrors: readonly string[] = [];

export type NotificationArgs = Record<string, never>;

/**
 * A session of the service Notification, as its client sees it.
 * Tells that an object became readable or writeable.
 */
export interface NotificationClient {
  subscribe(conditions: number, options?: CallOptions): Promise<void>;
  unsubscribe(conditions: number, options?: CallOptions): Promise<void>;
  /** The conditions that hold now. */
  conditions(options?: CallOptions): Promise<number>;
}

/** What a server of Notification implements; a handler answers at once or with a promise. */
export interface NotificationHandlers {
  subscribe(conditions: number, call: Call): void | Promise<void>;
  unsubscribe(conditions: number, call: Call): void | Promise<void>;
  /** The conditions that hold now. */
  conditions(call: Call): number | Promise<number>;
}

function decodeNotificationSubscribeReply(reader: Reader): void {
  reader.end();
}

function decodeNotificationUnsubscribeReply(reader: Reader): void {
  reader.end();
}

function decodeNotificationConditionsReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

class NotificationProxy implements NotificationClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  subscribe(conditions: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(9);
      writer.u32(conditions);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(notificationErrors, 0, decodeNotificationSubscribeReply, options);
  }

  unsubscribe(conditions: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(10);
      writer.u32(conditions);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(notificationErrors, 0, decodeNotificationUnsubscribeReply, options);
  }

  conditions(options?: CallOptions): Promise<number> {
    this.#port.begin(11);
    return this.#port.call(notificationErrors, 4, decodeNotificationConditionsReply, options);
  }
}

/** Tells that an object became readable or writeable. */
export const Notification: Interface<NotificationClient, NotificationHandlers, NotificationArgs> = {
  name: "Notification",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: notificationErrors,
  signals: ["ready"],
  operations: new Map<number, Operation<NotificationHandlers>>([
    [9, {
      opcode: 9,
      name: "subscribe",
      kind: "call",
      requestBytes: 4,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const conditions = reader.u32();
        reader.end();
        return handlers.subscribe(conditions, call);
      },
    }],
    [10, {
      opcode: 10,
      name: "unsubscribe",
      kind: "call",
      requestBytes: 4,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const conditions = reader.u32();
        reader.end();
        return handlers.unsubscribe(conditions, call);
      },
    }],
    [11, {
      opcode: 11,
      name: "conditions",
      kind: "call",
      requestBytes: 0,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.conditions(call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
  ]),
  client: (port) => new NotificationProxy(port),
};
