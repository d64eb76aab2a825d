// Generated from mapped_file.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Reader } from "../../base/message.js";
import { s } from "../../base/schema.js";

const mappedFileErrors: readonly string[] = [];

export type MappedFileArgs = Record<string, never>;

/**
 * A session of the service MappedFile, as its client sees it.
 * Shows a part of a file through a dataspace.
 */
export interface MappedFileClient {
  /** Chooses the part that the dataspace shows; returns the range of the file that it really covers. */
  mmap(position: number, length: number, startVisible: number, endVisible: number, options?: CallOptions): Promise<{ readonly startPos: number; readonly endPos: number; readonly size: number }>;
}

/** What a server of MappedFile implements; a handler answers at once or with a promise. */
export interface MappedFileHandlers {
  /** Chooses the part that the dataspace shows; returns the range of the file that it really covers. */
  mmap(position: number, length: number, startVisible: number, endVisible: number, call: Call): { readonly startPos: number; readonly endPos: number; readonly size: number } | Promise<{ readonly startPos: number; readonly endPos: number; readonly size: number }>;
}

function decodeMappedFileMmapReply(reader: Reader): { readonly startPos: number; readonly endPos: number; readonly size: number } {
  const result = { startPos: reader.u64(), endPos: reader.u64(), size: reader.u64() };
  reader.end();
  return result;
}

class MappedFileProxy implements MappedFileClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
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
    return this.#port.call(mappedFileErrors, 24, decodeMappedFileMmapReply, options);
  }
}

/** Shows a part of a file through a dataspace. */
export const MappedFile: Interface<MappedFileClient, MappedFileHandlers, MappedFileArgs> = {
  name: "MappedFile",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: mappedFileErrors,
  signals: [],
  operations: new Map<number, Operation<MappedFileHandlers>>([
    [7, {
      opcode: 7,
      name: "mmap",
      kind: "call",
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
  ]),
  client: (port) => new MappedFileProxy(port),
};
