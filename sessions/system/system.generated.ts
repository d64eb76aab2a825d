// Generated from system.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Capability, Reader } from "../../base/message.js";
import { s } from "../../base/schema.js";

const systemErrors: readonly string[] = ["TooLarge", "Rejected"];

/** What a client says when it opens a session of System; the defaults are filled in. */
export interface SystemArgs {
  /** Largest document, in bytes; donated by the client on top of the session's quota. */
  readonly bufferSize: number;
}

/**
 * A session of the service System, as its client sees it.
 * The system that a component is part of, for consoles and managers: its state, and what an operator may do to it. The
 * root gives this service; a component gets it by route only, and with it power over every component. The system file's
 * `operators` say who may do how much: `watch`, `operate`, or `edit`. What goes beyond that fails with Denied.
 */
export interface SystemClient {
  /** Where documents are left, by either side. The server touches it only while such a call is under way. */
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
  /**
   * At most `lines` of what was logged after line `after`, the newest, as JSON: `{ last, lines: [{ time, label, text }] }`.
   * `last` is the number of the last line so far; the first one ever has number 1.
   * @throws SessionError `TooLarge`
   */
  logAfter(after: number, lines: number, options?: CallOptions): Promise<number>;
  /**
   * What the running components use, as JSON: `{ time, components: [...] }`, as `bulkhead top --json` has it.
   * @throws SessionError `TooLarge`
   */
  usage(options?: CallOptions): Promise<number>;
  /**
   * The text of the system file.
   * @throws SessionError `TooLarge`
   */
  systemFile(options?: CallOptions): Promise<number>;
  /**
   * What is wrong with the system file of `length` bytes in the buffer, as a JSON array of
   * `{ severity, rule, message, line, column }`.
   * @throws SessionError `TooLarge`
   */
  check(length: number, options?: CallOptions): Promise<number>;
  /**
   * Makes the `length` bytes in the buffer the system file, and brings the system into that state. `base` is the SHA-256
   * digest of the text that they were made from: another one in force is not overwritten. Fails with Denied.
   * @throws SessionError `Rejected`
   */
  apply(length: number, base: Uint8Array, options?: CallOptions): Promise<void>;
  /**
   * What went through the sessions of the components since each was opened, as a JSON array of
   * `{ service, label, client, server, sent, received, packets, packetBytes }`. Asks every component, which wakes it.
   * @throws SessionError `TooLarge`
   */
  flow(options?: CallOptions): Promise<number>;
}

/** What a server of System implements; a handler answers at once or with a promise. */
export interface SystemHandlers {
  /** Where documents are left, by either side. The server touches it only while such a call is under way. */
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
  /**
   * At most `lines` of what was logged after line `after`, the newest, as JSON: `{ last, lines: [{ time, label, text }] }`.
   * `last` is the number of the last line so far; the first one ever has number 1.
   * @throws SessionError `TooLarge`
   */
  logAfter(after: number, lines: number, call: Call): number | Promise<number>;
  /**
   * What the running components use, as JSON: `{ time, components: [...] }`, as `bulkhead top --json` has it.
   * @throws SessionError `TooLarge`
   */
  usage(call: Call): number | Promise<number>;
  /**
   * The text of the system file.
   * @throws SessionError `TooLarge`
   */
  systemFile(call: Call): number | Promise<number>;
  /**
   * What is wrong with the system file of `length` bytes in the buffer, as a JSON array of
   * `{ severity, rule, message, line, column }`.
   * @throws SessionError `TooLarge`
   */
  check(length: number, call: Call): number | Promise<number>;
  /**
   * Makes the `length` bytes in the buffer the system file, and brings the system into that state. `base` is the SHA-256
   * digest of the text that they were made from: another one in force is not overwritten. Fails with Denied.
   * @throws SessionError `Rejected`
   */
  apply(length: number, base: Uint8Array, call: Call): void | Promise<void>;
  /**
   * What went through the sessions of the components since each was opened, as a JSON array of
   * `{ service, label, client, server, sent, received, packets, packetBytes }`. Asks every component, which wakes it.
   * @throws SessionError `TooLarge`
   */
  flow(call: Call): number | Promise<number>;
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

function decodeSystemLogAfterReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

function decodeSystemUsageReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

function decodeSystemSystemFileReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

function decodeSystemCheckReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

function decodeSystemApplyReply(reader: Reader): void {
  reader.end();
}

function decodeSystemFlowReply(reader: Reader): number {
  const result = reader.u32();
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

  logAfter(after: number, lines: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(7);
      writer.u64(after);
      writer.u32(lines);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(systemErrors, 4, decodeSystemLogAfterReply, options);
  }

  usage(options?: CallOptions): Promise<number> {
    this.#port.begin(8);
    return this.#port.call(systemErrors, 4, decodeSystemUsageReply, options);
  }

  systemFile(options?: CallOptions): Promise<number> {
    this.#port.begin(9);
    return this.#port.call(systemErrors, 4, decodeSystemSystemFileReply, options);
  }

  check(length: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(10);
      writer.u32(length);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(systemErrors, 4, decodeSystemCheckReply, options);
  }

  apply(length: number, base: Uint8Array, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(11);
      writer.u32(length);
      writer.data(base, 32);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(systemErrors, 0, decodeSystemApplyReply, options);
  }

  flow(options?: CallOptions): Promise<number> {
    this.#port.begin(12);
    return this.#port.call(systemErrors, 4, decodeSystemFlowReply, options);
  }
}

/**
 * The system that a component is part of, for consoles and managers: its state, and what an operator may do to it. The
 * root gives this service; a component gets it by route only, and with it power over every component. The system file's
 * `operators` say who may do how much: `watch`, `operate`, or `edit`. What goes beyond that fails with Denied.
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
  signals: ["changed", "logged"],
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
    [7, {
      opcode: 7,
      name: "logAfter",
      kind: "call",
      requestBytes: 12,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        const after = reader.u64();
        const lines = reader.u32();
        reader.end();
        return handlers.logAfter(after, lines, call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
    [8, {
      opcode: 8,
      name: "usage",
      kind: "call",
      requestBytes: 0,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.usage(call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
    [9, {
      opcode: 9,
      name: "systemFile",
      kind: "call",
      requestBytes: 0,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.systemFile(call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
    [10, {
      opcode: 10,
      name: "check",
      kind: "call",
      requestBytes: 4,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        const length = reader.u32();
        reader.end();
        return handlers.check(length, call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
    [11, {
      opcode: 11,
      name: "apply",
      kind: "call",
      requestBytes: 38,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const length = reader.u32();
        const base = reader.data(32);
        reader.end();
        return handlers.apply(length, base, call);
      },
    }],
    [12, {
      opcode: 12,
      name: "flow",
      kind: "call",
      requestBytes: 0,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.flow(call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
  ]),
  client: (port) => new SystemProxy(port),
};
