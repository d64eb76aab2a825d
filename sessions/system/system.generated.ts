// Generated from system.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Capability, Reader } from "../../base/message.js";
import { s } from "../../base/schema.js";

const systemErrors: readonly string[] = ["TooLarge"];

/** What a client says when it opens a session of System; the defaults are filled in. */
export interface SystemArgs {
  /** Largest document, in bytes; donated by the client on top of the session's quota. */
  readonly bufferSize: number;
}

/**
 * A session of the service System, as its client sees it.
 * The system that a component is part of, for consoles and managers: its state, and what an operator may do to it. The
 * root gives this service; a component gets it by route only, and with it power over every component.
 */
export interface SystemClient {
  /** Where `state`, `log` and `explain` leave their documents. The server touches it only while such a call is under way. */
  buffer(options?: CallOptions): Promise<Capability>;
  /**
   * The state report with everything in it, as JSON of `length` bytes.
   * @throws SessionError `TooLarge`
   */
  state(options?: CallOptions): Promise<number>;
  /**
   * The last lines of the log, oldest first, as a JSON array of `{ time, label, text }`; time in milliseconds since 1970.
   * @throws SessionError `TooLarge`
   */
  log(lines: number, options?: CallOptions): Promise<number>;
  /**
   * Why a session request of a component goes where it goes, as text.
   * @throws SessionError `TooLarge`
   */
  explain(component: string, service: string, label: string, options?: CallOptions): Promise<number>;
  /** Starts a component anew, and forgets its earlier crashes. Fails with NotFound. */
  restart(component: string, options?: CallOptions): Promise<void>;
  /** Ends a component's process; what follows is the decision of its restart policy. Fails with NotFound, Unavailable. */
  kill(component: string, options?: CallOptions): Promise<void>;
  /** Milliseconds since the system started. */
  uptime(options?: CallOptions): Promise<number>;
}

/** What a server of System implements; a handler answers at once or with a promise. */
export interface SystemHandlers {
  /** Where `state`, `log` and `explain` leave their documents. The server touches it only while such a call is under way. */
  buffer(call: Call): Capability | Promise<Capability>;
  /**
   * The state report with everything in it, as JSON of `length` bytes.
   * @throws SessionError `TooLarge`
   */
  state(call: Call): number | Promise<number>;
  /**
   * The last lines of the log, oldest first, as a JSON array of `{ time, label, text }`; time in milliseconds since 1970.
   * @throws SessionError `TooLarge`
   */
  log(lines: number, call: Call): number | Promise<number>;
  /**
   * Why a session request of a component goes where it goes, as text.
   * @throws SessionError `TooLarge`
   */
  explain(component: string, service: string, label: string, call: Call): number | Promise<number>;
  /** Starts a component anew, and forgets its earlier crashes. Fails with NotFound. */
  restart(component: string, call: Call): void | Promise<void>;
  /** Ends a component's process; what follows is the decision of its restart policy. Fails with NotFound, Unavailable. */
  kill(component: string, call: Call): void | Promise<void>;
  /** Milliseconds since the system started. */
  uptime(call: Call): number | Promise<number>;
}

function decodeSystemBufferReply(reader: Reader): Capability {
  const result = reader.capability("dataspace");
  reader.end();
  return result;
}

function decodeSystemStateReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

function decodeSystemLogReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

function decodeSystemExplainReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

function decodeSystemRestartReply(reader: Reader): void {
  reader.end();
}

function decodeSystemKillReply(reader: Reader): void {
  reader.end();
}

function decodeSystemUptimeReply(reader: Reader): number {
  const result = reader.u64();
  reader.end();
  return result;
}

class SystemProxy implements SystemClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  buffer(options?: CallOptions): Promise<Capability> {
    this.#port.begin(0);
    return this.#port.call(systemErrors, 1, decodeSystemBufferReply, options);
  }

  state(options?: CallOptions): Promise<number> {
    this.#port.begin(1);
    return this.#port.call(systemErrors, 4, decodeSystemStateReply, options);
  }

  log(lines: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(2);
      writer.u32(lines);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(systemErrors, 4, decodeSystemLogReply, options);
  }

  explain(component: string, service: string, label: string, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(3);
      writer.str(component, 64);
      writer.str(service, 64);
      writer.str(label, 256);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(systemErrors, 4, decodeSystemExplainReply, options);
  }

  restart(component: string, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(4);
      writer.str(component, 64);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(systemErrors, 0, decodeSystemRestartReply, options);
  }

  kill(component: string, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(5);
      writer.str(component, 64);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(systemErrors, 0, decodeSystemKillReply, options);
  }

  uptime(options?: CallOptions): Promise<number> {
    this.#port.begin(6);
    return this.#port.call(systemErrors, 8, decodeSystemUptimeReply, options);
  }
}

/**
 * The system that a component is part of, for consoles and managers: its state, and what an operator may do to it. The
 * root gives this service; a component gets it by route only, and with it power over every component.
 */
export const System: Interface<SystemClient, SystemHandlers, SystemArgs> = {
  name: "System",
  version: 1,
  ramQuota: 49152,
  capQuota: 4,
  args: s.object({
    bufferSize: s.size({ default: 262144, doc: "Largest document, in bytes; donated by the client on top of the session's quota." }),
  }),
  errors: systemErrors,
  signals: ["changed"],
  operations: new Map<number, Operation<SystemHandlers>>([
    [0, {
      opcode: 0,
      name: "buffer",
      kind: "call",
      requestBytes: 0,
      replyBytes: 1,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.buffer(call);
      },
      encodeReply(writer, result: Capability) {
        writer.capability(result);
      },
    }],
    [1, {
      opcode: 1,
      name: "state",
      kind: "call",
      requestBytes: 0,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.state(call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
    [2, {
      opcode: 2,
      name: "log",
      kind: "call",
      requestBytes: 4,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        const lines = reader.u32();
        reader.end();
        return handlers.log(lines, call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
    [3, {
      opcode: 3,
      name: "explain",
      kind: "call",
      requestBytes: 390,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        const component = reader.str(64);
        const service = reader.str(64);
        const label = reader.str(256);
        reader.end();
        return handlers.explain(component, service, label, call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
    [4, {
      opcode: 4,
      name: "restart",
      kind: "call",
      requestBytes: 66,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const component = reader.str(64);
        reader.end();
        return handlers.restart(component, call);
      },
    }],
    [5, {
      opcode: 5,
      name: "kill",
      kind: "call",
      requestBytes: 66,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const component = reader.str(64);
        reader.end();
        return handlers.kill(component, call);
      },
    }],
    [6, {
      opcode: 6,
      name: "uptime",
      kind: "call",
      requestBytes: 0,
      replyBytes: 8,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.uptime(call);
      },
      encodeReply(writer, result: number) {
        writer.u64(result);
      },
    }],
  ]),
  client: (port) => new SystemProxy(port),
};
