// Generated from dataspace.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Capability, Reader } from "../../base/message.js";
import { s } from "../../base/schema.js";

const dataspaceErrors: readonly string[] = [];

export type DataspaceArgs = Record<string, never>;

/**
 * A session of the service Dataspace, as its client sees it.
 * Memory that a server provides, piece by piece. The protocol and the opcodes are those of L4Re's dataspaces.
 */
export interface DataspaceClient {
  /** The largest piece of memory around `spot` that lies within the window, from `start` on. */
  map(spot: number, window: number, flags: number, options?: CallOptions): Promise<{ readonly start: number; readonly length: number; readonly memory: Capability }>;
  /** Fills a range with zeros. */
  clear(start: number, length: number, options?: CallOptions): Promise<void>;
  info(options?: CallOptions): Promise<{ readonly size: number; readonly flags: number }>;
  /** Copies from another dataspace. */
  copyIn(target: number, source: Capability, start: number, length: number, options?: CallOptions): Promise<void>;
  /** Makes sure that a range has memory behind it. */
  allocate(start: number, length: number, options?: CallOptions): Promise<void>;
}

/** What a server of Dataspace implements; a handler answers at once or with a promise. */
export interface DataspaceHandlers {
  /** The largest piece of memory around `spot` that lies within the window, from `start` on. */
  map(spot: number, window: number, flags: number, call: Call): { readonly start: number; readonly length: number; readonly memory: Capability } | Promise<{ readonly start: number; readonly length: number; readonly memory: Capability }>;
  /** Fills a range with zeros. */
  clear(start: number, length: number, call: Call): void | Promise<void>;
  info(call: Call): { readonly size: number; readonly flags: number } | Promise<{ readonly size: number; readonly flags: number }>;
  /** Copies from another dataspace. */
  copyIn(target: number, source: Capability, start: number, length: number, call: Call): void | Promise<void>;
  /** Makes sure that a range has memory behind it. */
  allocate(start: number, length: number, call: Call): void | Promise<void>;
}

function decodeDataspaceMapReply(reader: Reader): { readonly start: number; readonly length: number; readonly memory: Capability } {
  const result = { start: reader.u64(), length: reader.u64(), memory: reader.capability("dataspace") };
  reader.end();
  return result;
}

function decodeDataspaceClearReply(reader: Reader): void {
  reader.end();
}

function decodeDataspaceInfoReply(reader: Reader): { readonly size: number; readonly flags: number } {
  const result = { size: reader.u64(), flags: reader.u32() };
  reader.end();
  return result;
}

function decodeDataspaceCopyInReply(reader: Reader): void {
  reader.end();
}

function decodeDataspaceAllocateReply(reader: Reader): void {
  reader.end();
}

class DataspaceProxy implements DataspaceClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  map(spot: number, window: number, flags: number, options?: CallOptions): Promise<{ readonly start: number; readonly length: number; readonly memory: Capability }> {
    try {
      const writer = this.#port.begin(0);
      writer.u64(spot);
      writer.u64(window);
      writer.u32(flags);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(dataspaceErrors, 17, decodeDataspaceMapReply, options);
  }

  clear(start: number, length: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(1);
      writer.u64(start);
      writer.u64(length);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(dataspaceErrors, 0, decodeDataspaceClearReply, options);
  }

  info(options?: CallOptions): Promise<{ readonly size: number; readonly flags: number }> {
    this.#port.begin(2);
    return this.#port.call(dataspaceErrors, 12, decodeDataspaceInfoReply, options);
  }

  copyIn(target: number, source: Capability, start: number, length: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(3);
      writer.u64(target);
      writer.capability(source);
      writer.u64(start);
      writer.u64(length);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(dataspaceErrors, 0, decodeDataspaceCopyInReply, options);
  }

  allocate(start: number, length: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(4);
      writer.u64(start);
      writer.u64(length);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(dataspaceErrors, 0, decodeDataspaceAllocateReply, options);
  }
}

/** Memory that a server provides, piece by piece. The protocol and the opcodes are those of L4Re's dataspaces. */
export const Dataspace: Interface<DataspaceClient, DataspaceHandlers, DataspaceArgs> = {
  name: "Dataspace",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: dataspaceErrors,
  signals: [],
  operations: new Map<number, Operation<DataspaceHandlers>>([
    [0, {
      opcode: 0,
      name: "map",
      kind: "call",
      requestBytes: 20,
      replyBytes: 17,
      invoke(handlers, reader, call) {
        const spot = reader.u64();
        const window = reader.u64();
        const flags = reader.u32();
        reader.end();
        return handlers.map(spot, window, flags, call);
      },
      encodeReply(writer, result: { readonly start: number; readonly length: number; readonly memory: Capability }) {
        writer.u64(result.start);
        writer.u64(result.length);
        writer.capability(result.memory);
      },
    }],
    [1, {
      opcode: 1,
      name: "clear",
      kind: "call",
      requestBytes: 16,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const start = reader.u64();
        const length = reader.u64();
        reader.end();
        return handlers.clear(start, length, call);
      },
    }],
    [2, {
      opcode: 2,
      name: "info",
      kind: "call",
      requestBytes: 0,
      replyBytes: 12,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.info(call);
      },
      encodeReply(writer, result: { readonly size: number; readonly flags: number }) {
        writer.u64(result.size);
        writer.u32(result.flags);
      },
    }],
    [3, {
      opcode: 3,
      name: "copyIn",
      kind: "call",
      requestBytes: 25,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const target = reader.u64();
        const source = reader.capability("dataspace");
        const start = reader.u64();
        const length = reader.u64();
        reader.end();
        return handlers.copyIn(target, source, start, length, call);
      },
    }],
    [4, {
      opcode: 4,
      name: "allocate",
      kind: "call",
      requestBytes: 16,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const start = reader.u64();
        const length = reader.u64();
        reader.end();
        return handlers.allocate(start, length, call);
      },
    }],
  ]),
  client: (port) => new DataspaceProxy(port),
};
