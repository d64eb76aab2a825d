// Generated from terminal.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Capability, Reader } from "../../base/message.js";
import { s } from "../../base/schema.js";

export const terminalBufferHalf = 4096;

const terminalErrors: readonly string[] = [];

export type TerminalArgs = Record<string, never>;

/**
 * A session of the service Terminal, as its client sees it.
 * Bytes in both directions, as between a person and a program. RPC with a shared buffer and signals.
 *
 * The shared buffer has 8192 bytes: the server fills the first half during `read`, the client the second half before
 * `write`. The server touches it only while such a call is under way.
 */
export interface TerminalClient {
  buffer(options?: CallOptions): Promise<Capability>;
  /** Columns and lines; 0 and 0 when unknown. */
  size(options?: CallOptions): Promise<{ readonly columns: number; readonly lines: number }>;
  /** Whether the far end is there. */
  connected(options?: CallOptions): Promise<boolean>;
  /** Bytes that `read` would find. */
  available(options?: CallOptions): Promise<number>;
  /** Moves up to `max` bytes (at most 4096) into the first half of the buffer. 0: nothing there; wait for `read_available`. */
  read(max: number, options?: CallOptions): Promise<number>;
  /**
   * Takes the first `length` bytes of the second half, as many as there is room for. Fewer than offered: the rest waits
   * for `write_ready`, so nobody has to try again and again.
   */
  write(length: number, options?: CallOptions): Promise<number>;
}

/** What a server of Terminal implements; a handler answers at once or with a promise. */
export interface TerminalHandlers {
  buffer(call: Call): Capability | Promise<Capability>;
  /** Columns and lines; 0 and 0 when unknown. */
  size(call: Call): { readonly columns: number; readonly lines: number } | Promise<{ readonly columns: number; readonly lines: number }>;
  /** Whether the far end is there. */
  connected(call: Call): boolean | Promise<boolean>;
  /** Bytes that `read` would find. */
  available(call: Call): number | Promise<number>;
  /** Moves up to `max` bytes (at most 4096) into the first half of the buffer. 0: nothing there; wait for `read_available`. */
  read(max: number, call: Call): number | Promise<number>;
  /**
   * Takes the first `length` bytes of the second half, as many as there is room for. Fewer than offered: the rest waits
   * for `write_ready`, so nobody has to try again and again.
   */
  write(length: number, call: Call): number | Promise<number>;
}

function decodeTerminalBufferReply(reader: Reader): Capability {
  const result = reader.capability("dataspace");
  reader.end();
  return result;
}

function decodeTerminalSizeReply(reader: Reader): { readonly columns: number; readonly lines: number } {
  const result = { columns: reader.u16(), lines: reader.u16() };
  reader.end();
  return result;
}

function decodeTerminalConnectedReply(reader: Reader): boolean {
  const result = reader.bool();
  reader.end();
  return result;
}

function decodeTerminalAvailableReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

function decodeTerminalReadReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

function decodeTerminalWriteReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

class TerminalProxy implements TerminalClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  buffer(options?: CallOptions): Promise<Capability> {
    this.#port.begin(0);
    return this.#port.call(terminalErrors, 1, decodeTerminalBufferReply, options);
  }

  size(options?: CallOptions): Promise<{ readonly columns: number; readonly lines: number }> {
    this.#port.begin(1);
    return this.#port.call(terminalErrors, 4, decodeTerminalSizeReply, options);
  }

  connected(options?: CallOptions): Promise<boolean> {
    this.#port.begin(2);
    return this.#port.call(terminalErrors, 1, decodeTerminalConnectedReply, options);
  }

  available(options?: CallOptions): Promise<number> {
    this.#port.begin(3);
    return this.#port.call(terminalErrors, 4, decodeTerminalAvailableReply, options);
  }

  read(max: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(4);
      writer.u32(max);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(terminalErrors, 4, decodeTerminalReadReply, options);
  }

  write(length: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(5);
      writer.u32(length);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(terminalErrors, 4, decodeTerminalWriteReply, options);
  }
}

/**
 * Bytes in both directions, as between a person and a program. RPC with a shared buffer and signals.
 *
 * The shared buffer has 8192 bytes: the server fills the first half during `read`, the client the second half before
 * `write`. The server touches it only while such a call is under way.
 */
export const Terminal: Interface<TerminalClient, TerminalHandlers, TerminalArgs> = {
  name: "Terminal",
  version: 1,
  ramQuota: 65536,
  capQuota: 4,
  args: s.object({}),
  errors: terminalErrors,
  signals: ["readAvailable", "writeReady", "connectedChanged", "sizeChanged"],
  operations: new Map<number, Operation<TerminalHandlers>>([
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
      name: "size",
      kind: "call",
      requestBytes: 0,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.size(call);
      },
      encodeReply(writer, result: { readonly columns: number; readonly lines: number }) {
        writer.u16(result.columns);
        writer.u16(result.lines);
      },
    }],
    [2, {
      opcode: 2,
      name: "connected",
      kind: "call",
      requestBytes: 0,
      replyBytes: 1,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.connected(call);
      },
      encodeReply(writer, result: boolean) {
        writer.bool(result);
      },
    }],
    [3, {
      opcode: 3,
      name: "available",
      kind: "call",
      requestBytes: 0,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.available(call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
    [4, {
      opcode: 4,
      name: "read",
      kind: "call",
      requestBytes: 4,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        const max = reader.u32();
        reader.end();
        return handlers.read(max, call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
    [5, {
      opcode: 5,
      name: "write",
      kind: "call",
      requestBytes: 4,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        const length = reader.u32();
        reader.end();
        return handlers.write(length, call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
  ]),
  client: (port) => new TerminalProxy(port),
};
