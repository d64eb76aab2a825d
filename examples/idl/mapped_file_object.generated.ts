// Generated from mapped_file_object.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Capability, Reader } from "../../base/message.js";
import { s } from "../../base/schema.js";
import type { DataspaceClient, DataspaceHandlers } from "./dataspace.generated.js";
import type { FileClient, FileHandlers } from "./file.generated.js";
import type { FlushClient, FlushHandlers } from "./flush.generated.js";
import type { MappedFileClient, MappedFileHandlers } from "./mapped_file.generated.js";
import type { NotificationClient, NotificationHandlers } from "./notification.generated.js";

const dataspaceErrors: readonly string[] = [];
const fileErrors: readonly string[] = ["NoSpace"];
const mappedFileErrors: readonly string[] = [];
const flushErrors: readonly string[] = ["NoSpace"];
const notificationErrors: readonly string[] = [];

export type MappedFileObjectArgs = Record<string, never>;

/**
 * A session of the service MappedFileObject, as its client sees it.
 * A file that is also memory. A client that knows only one of the parts can use it as that part.
 */
export interface MappedFileObjectClient extends DataspaceClient, FileClient, FlushClient, MappedFileClient, NotificationClient {}

/** What a server of MappedFileObject implements; a handler answers at once or with a promise. */
export interface MappedFileObjectHandlers extends DataspaceHandlers, FileHandlers, FlushHandlers, MappedFileHandlers, NotificationHandlers {}

function decodeMappedFileObjectMapReply(reader: Reader): { readonly start: number; readonly length: number; readonly memory: Capability } {
  const result = { start: reader.u64(), length: reader.u64(), memory: reader.capability("dataspace") };
  reader.end();
  return result;
}

function decodeMappedFileObjectClearReply(reader: Reader): void {
  reader.end();
}

function decodeMappedFileObjectInfoReply(reader: Reader): { readonly size: number; readonly flags: number } {
  const result = { size: reader.u64(), flags: reader.u32() };
  reader.end();
  return result;
}

function decodeMappedFileObjectCopyInReply(reader: Reader): void {
  reader.end();
}

function decodeMappedFileObjectAllocateReply(reader: Reader): void {
  reader.end();
}

function decodeMappedFileObjectSizeReply(reader: Reader): number {
  const result = reader.u64();
  reader.end();
  return result;
}

function decodeMappedFileObjectResizeReply(reader: Reader): number {
  const result = reader.u64();
  reader.end();
  return result;
}

function decodeMappedFileObjectMmapReply(reader: Reader): { readonly startPos: number; readonly endPos: number; readonly size: number } {
  const result = { startPos: reader.u64(), endPos: reader.u64(), size: reader.u64() };
  reader.end();
  return result;
}

function decodeMappedFileObjectFlushReply(reader: Reader): void {
  reader.end();
}

function decodeMappedFileObjectSubscribeReply(reader: Reader): void {
  reader.end();
}

function decodeMappedFileObjectUnsubscribeReply(reader: Reader): void {
  reader.end();
}

function decodeMappedFileObjectConditionsReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

class MappedFileObjectProxy implements MappedFileObjectClient {
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
    return this.#port.call(dataspaceErrors, 17, decodeMappedFileObjectMapReply, options);
  }

  clear(start: number, length: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(1);
      writer.u64(start);
      writer.u64(length);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(dataspaceErrors, 0, decodeMappedFileObjectClearReply, options);
  }

  info(options?: CallOptions): Promise<{ readonly size: number; readonly flags: number }> {
    this.#port.begin(2);
    return this.#port.call(dataspaceErrors, 12, decodeMappedFileObjectInfoReply, options);
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
    return this.#port.call(dataspaceErrors, 0, decodeMappedFileObjectCopyInReply, options);
  }

  allocate(start: number, length: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(4);
      writer.u64(start);
      writer.u64(length);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(dataspaceErrors, 0, decodeMappedFileObjectAllocateReply, options);
  }

  size(options?: CallOptions): Promise<number> {
    this.#port.begin(5);
    return this.#port.call(fileErrors, 8, decodeMappedFileObjectSizeReply, options);
  }

  resize(size: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(6);
      writer.u64(size);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(fileErrors, 8, decodeMappedFileObjectResizeReply, options);
  }

  mmap(position: number, length: number, startVisible: number, endVisible: number, options?: CallOptions): Promise<{ readonly startPos: number; readonly endPos: number; readonly size: number }> {
    try {
      const writer = this.#port.begin(7);
      writer.u64(position);
      writer.u64(length);
      writer.u64(startVisible);
      writer.u64(endVisible);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(mappedFileErrors, 24, decodeMappedFileObjectMmapReply, options);
  }

  flush(start: number, populated: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(8);
      writer.u64(start);
      writer.u64(populated);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(flushErrors, 0, decodeMappedFileObjectFlushReply, options);
  }

  subscribe(conditions: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(9);
      writer.u32(conditions);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(notificationErrors, 0, decodeMappedFileObjectSubscribeReply, options);
  }

  unsubscribe(conditions: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(10);
      writer.u32(conditions);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(notificationErrors, 0, decodeMappedFileObjectUnsubscribeReply, options);
  }

  conditions(options?: CallOptions): Promise<number> {
    this.#port.begin(11);
    return this.#port.call(notificationErrors, 4, decodeMappedFileObjectConditionsReply, options);
  }
}

/** A file that is also memory. A client that knows only one of the parts can use it as that part. */
export const MappedFileObject: Interface<MappedFileObjectClient, MappedFileObjectHandlers, MappedFileObjectArgs> = {
  name: "MappedFileObject",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: ["NoSpace"],
  signals: ["ready"],
  operations: new Map<number, Operation<MappedFileObjectHandlers>>([
    [0, {
      opcode: 0,
      name: "map",
      kind: "call",
      errors: dataspaceErrors,
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
      errors: dataspaceErrors,
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
      errors: dataspaceErrors,
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
      errors: dataspaceErrors,
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
      errors: dataspaceErrors,
      requestBytes: 16,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const start = reader.u64();
        const length = reader.u64();
        reader.end();
        return handlers.allocate(start, length, call);
      },
    }],
    [5, {
      opcode: 5,
      name: "size",
      kind: "call",
      errors: fileErrors,
      requestBytes: 0,
      replyBytes: 8,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.size(call);
      },
      encodeReply(writer, result: number) {
        writer.u64(result);
      },
    }],
    [6, {
      opcode: 6,
      name: "resize",
      kind: "call",
      errors: fileErrors,
      requestBytes: 8,
      replyBytes: 8,
      invoke(handlers, reader, call) {
        const size = reader.u64();
        reader.end();
        return handlers.resize(size, call);
      },
      encodeReply(writer, result: number) {
        writer.u64(result);
      },
    }],
    [7, {
      opcode: 7,
      name: "mmap",
      kind: "call",
      errors: mappedFileErrors,
      requestBytes: 32,
      replyBytes: 24,
      invoke(handlers, reader, call) {
        const position = reader.u64();
        const length = reader.u64();
        const startVisible = reader.u64();
        const endVisible = reader.u64();
        reader.end();
        return handlers.mmap(position, length, startVisible, endVisible, call);
      },
      encodeReply(writer, result: { readonly startPos: number; readonly endPos: number; readonly size: number }) {
        writer.u64(result.startPos);
        writer.u64(result.endPos);
        writer.u64(result.size);
      },
    }],
    [8, {
      opcode: 8,
      name: "flush",
      kind: "call",
      errors: flushErrors,
      requestBytes: 16,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const start = reader.u64();
        const populated = reader.u64();
        reader.end();
        return handlers.flush(start, populated, call);
      },
    }],
    [9, {
      opcode: 9,
      name: "subscribe",
      kind: "call",
      errors: notificationErrors,
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
      errors: notificationErrors,
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
      errors: notificationErrors,
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
  client: (port) => new MappedFileObjectProxy(port),
};
