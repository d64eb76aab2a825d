// Generated from log.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import { s } from "../../base/schema.js";

const logErrors: readonly string[] = [];

export type LOGArgs = Record<string, never>;

/**
 * A session of the service LOG, as its client sees it.
 * Text for the system's log: the simplest transport, plain RPC.
 */
export interface LOGClient {
  /** One line, or a part of one; longer output is split by the client. The receiver puts the session's label before it. */
  write(text: string, options?: CallOptions): Promise<void>;
}

/** What a server of LOG implements; a handler answers at once or with a promise. */
export interface LOGHandlers {
  /** One line, or a part of one; longer output is split by the client. The receiver puts the session's label before it. */
  write(text: string, call: Call): void | Promise<void>;
}

class LOGProxy implements LOGClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  write(text: string, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(0);
      writer.str(text, 900);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.send(options);
  }
}

/** Text for the system's log: the simplest transport, plain RPC. */
export const LOG: Interface<LOGClient, LOGHandlers, LOGArgs> = {
  name: "LOG",
  version: 1,
  ramQuota: 49152,
  capQuota: 3,
  args: s.object({}),
  errors: logErrors,
  signals: [],
  operations: new Map<number, Operation<LOGHandlers>>([
    [0, {
      opcode: 0,
      name: "write",
      kind: "oneway",
      requestBytes: 902,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const text = reader.str(900);
        reader.end();
        return handlers.write(text, call);
      },
    }],
  ]),
  client: (port) => new LOGProxy(port),
};
