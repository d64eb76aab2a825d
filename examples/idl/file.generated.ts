// Generated from file.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Reader } from "../../base/message.js";
import { s } from "../../base/schema.js";

const fileErrors: readonly string[] = ["NoSpace"];

export type FileArgs = Record<string, never>;

/**
 * A session of the service File, as its client sees it.
 * An open file. The opcodes of the parts of a mapped file are one sequence, so that one object answers as all of them.
 */
export interface FileClient {
  size(options?: CallOptions): Promise<number>;
  /**
   * Cuts the file, or extends it by zeros; `size` is what it then has.
   * @throws SessionError `NoSpace`
   */
  resize(size: number, options?: CallOptions): Promise<number>;
}

/** What a server of File implements; a handler answers at once or with a promise. */
export interface FileHandlers {
  size(call: Call): number | Promise<number>;
  /**
   * Cuts the file, or extends it by zeros; `size` is what it then has.
   * @throws SessionError `NoSpace`
   */
  resize(size: number, call: Call): number | Promise<number>;
}

function decodeFileSizeReply(reader: Reader): number {
  const result = reader.u64();
  reader.end();
  return result;
}

function decodeFileResizeReply(reader: Reader): number {
  const result = reader.u64();
  reader.end();
  return result;
}

class FileProxy implements FileClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  size(options?: CallOptions): Promise<number> {
    this.#port.begin(5);
    return this.#port.call(fileErrors, 8, decodeFileSizeReply, options);
  }

  resize(size: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(6);
      writer.u64(size);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(fileErrors, 8, decodeFileResizeReply, options);
  }
}

/** An open file. The opcodes of the parts of a mapped file are one sequence, so that one object answers as all of them. */
export const File: Interface<FileClient, FileHandlers, FileArgs> = {
  name: "File",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: fileErrors,
  signals: [],
  operations: new Map<number, Operation<FileHandlers>>([
    [5, {
      opcode: 5,
      name: "size",
      kind: "call",
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
  ]),
  client: (port) => new FileProxy(port),
};
