// Generated from rom.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Capability, Reader } from "../../base/message.js";
import { s } from "../../base/schema.js";

const romErrors: readonly string[] = [];

export type ROMArgs = Record<string, never>;

/**
 * A session of the service ROM, as its client sees it.
 * Read-only memory modules: configuration, code, documents. A module is named by the last element of the label.
 *
 * The server never changes a dataspace that it handed out unless the client asks by `update`, so a reader never sees
 * half of a new version.
 */
export interface ROMClient {
  /**
   * The newest version of the module, in a dataspace that nobody can map writable any more. Calling it again allows
   * the server to destroy the one before, so detach that first. `length` is in bytes.
   */
  dataspace(options?: CallOptions): Promise<{ readonly dataspace: Capability; readonly length: number }>;
  /**
   * Brings the newest version into the dataspace that the client has, if it fits. True: `length` bytes of it are there.
   * False: call `dataspace` again.
   */
  update(options?: CallOptions): Promise<{ readonly current: boolean; readonly length: number }>;
}

/** What a server of ROM implements; a handler answers at once or with a promise. */
export interface ROMHandlers {
  /**
   * The newest version of the module, in a dataspace that nobody can map writable any more. Calling it again allows
   * the server to destroy the one before, so detach that first. `length` is in bytes.
   */
  dataspace(call: Call): { readonly dataspace: Capability; readonly length: number } | Promise<{ readonly dataspace: Capability; readonly length: number }>;
  /**
   * Brings the newest version into the dataspace that the client has, if it fits. True: `length` bytes of it are there.
   * False: call `dataspace` again.
   */
  update(call: Call): { readonly current: boolean; readonly length: number } | Promise<{ readonly current: boolean; readonly length: number }>;
}

function decodeRomDataspaceReply(reader: Reader): { readonly dataspace: Capability; readonly length: number } {
  const result = { dataspace: reader.capability("dataspace"), length: reader.u32() };
  reader.end();
  return result;
}

function decodeRomUpdateReply(reader: Reader): { readonly current: boolean; readonly length: number } {
  const result = { current: reader.bool(), length: reader.u32() };
  reader.end();
  return result;
}

class ROMProxy implements ROMClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  dataspace(options?: CallOptions): Promise<{ readonly dataspace: Capability; readonly length: number }> {
    this.#port.begin(0);
    return this.#port.call(romErrors, 5, decodeRomDataspaceReply, options);
  }

  update(options?: CallOptions): Promise<{ readonly current: boolean; readonly length: number }> {
    this.#port.begin(1);
    return this.#port.call(romErrors, 5, decodeRomUpdateReply, options);
  }
}

/**
 * Read-only memory modules: configuration, code, documents. A module is named by the last element of the label.
 *
 * The server never changes a dataspace that it handed out unless the client asks by `update`, so a reader never sees
 * half of a new version.
 */
export const ROM: Interface<ROMClient, ROMHandlers, ROMArgs> = {
  name: "ROM",
  version: 1,
  ramQuota: 49152,
  capQuota: 3,
  args: s.object({}),
  errors: romErrors,
  signals: ["changed"],
  operations: new Map<number, Operation<ROMHandlers>>([
    [0, {
      opcode: 0,
      name: "dataspace",
      kind: "call",
      requestBytes: 0,
      replyBytes: 5,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.dataspace(call);
      },
      encodeReply(writer, result: { readonly dataspace: Capability; readonly length: number }) {
        writer.capability(result.dataspace);
        writer.u32(result.length);
      },
    }],
    [1, {
      opcode: 1,
      name: "update",
      kind: "call",
      requestBytes: 0,
      replyBytes: 5,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.update(call);
      },
      encodeReply(writer, result: { readonly current: boolean; readonly length: number }) {
        writer.bool(result.current);
        writer.u32(result.length);
      },
    }],
  ]),
  client: (port) => new ROMProxy(port),
};
