// Generated from nic.idl. Do not edit: change the definition and run "bulkhead idl gen".
import { SessionError } from "../../base/errors.js";
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Capability, Reader } from "../../base/message.js";
import { s } from "../../base/schema.js";

export const nicSlots = 1024;

function misfit(value: unknown, field: string): SessionError {
  return new SessionError("InvalidArgument", `Cannot encode ${String(value)} as ${field}`);
}

/** One frame. */
export interface NicFrame {
  /** Bytes from the start of the bulk area. */
  readonly offset: number;
  /** Bytes of payload. */
  readonly length: number;
}

/** How a NicFrame lies in a slot of 16 bytes. */
export const NicFrame = {
  name: "NicFrame",
  /** Bytes from one slot to the next. */
  stride: 16,
  /** Bytes from the start of the slot. */
  offsets: { offset: 0, length: 4 },
  /** A private copy of the slot at byte `at`: each field is read once, then checked. Throws `Malformed`. */
  read(view: DataView, at: number): NicFrame {
    return {
      offset: view.getUint32(at, true),
      length: view.getUint32(at + 4, true),
    };
  },
  /** Fills the slot at byte `at`. Throws `InvalidArgument` for values that do not fit. */
  write(view: DataView, at: number, packet: NicFrame): void {
    if (packet.offset >>> 0 !== packet.offset) throw misfit(packet.offset, "NicFrame.offset");
    view.setUint32(at, packet.offset, true);
    if (packet.length >>> 0 !== packet.length) throw misfit(packet.length, "NicFrame.length");
    view.setUint32(at + 4, packet.length, true);
  },
} as const;

const nicErrors: readonly string[] = [];

/** What a client says when it opens a session of Nic; the defaults are filled in. */
export interface NicArgs {
  readonly txBufferSize: number;
  readonly rxBufferSize: number;
  /**
   * Whether each frame starts with a 12-byte virtio-net header, so that whole segments and unfinished checksums
   * travel through the stream. Granted only by a server that can; `offloads` says what it decided.
   */
  readonly offloads: boolean;
}

/**
 * A session of the service Nic, as its client sees it.
 * Ethernet frames in both directions: what a network client sees.
 */
export interface NicClient {
  macAddress(options?: CallOptions): Promise<readonly number[]>;
  linkState(options?: CallOptions): Promise<boolean>;
  offloads(options?: CallOptions): Promise<boolean>;
  /** The client is the source of this stream, with 1024 slots. */
  txStream(options?: CallOptions): Promise<Capability>;
  /** The client is the sink of this stream, with 1024 slots. A client that does not take its frames loses them. */
  rxStream(options?: CallOptions): Promise<Capability>;
}

/** What a server of Nic implements; a handler answers at once or with a promise. */
export interface NicHandlers {
  macAddress(call: Call): readonly number[] | Promise<readonly number[]>;
  linkState(call: Call): boolean | Promise<boolean>;
  offloads(call: Call): boolean | Promise<boolean>;
  /** The client is the source of this stream, with 1024 slots. */
  txStream(call: Call): Capability | Promise<Capability>;
  /** The client is the sink of this stream, with 1024 slots. A client that does not take its frames loses them. */
  rxStream(call: Call): Capability | Promise<Capability>;
}

function decodeNicMacAddressReply(reader: Reader): readonly number[] {
  const result = Array.from({ length: 6 }, () => reader.u8());
  reader.end();
  return result;
}

function decodeNicLinkStateReply(reader: Reader): boolean {
  const result = reader.bool();
  reader.end();
  return result;
}

function decodeNicOffloadsReply(reader: Reader): boolean {
  const result = reader.bool();
  reader.end();
  return result;
}

function decodeNicTxStreamReply(reader: Reader): Capability {
  const result = reader.capability("dataspace");
  reader.end();
  return result;
}

function decodeNicRxStreamReply(reader: Reader): Capability {
  const result = reader.capability("dataspace");
  reader.end();
  return result;
}

class NicProxy implements NicClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  macAddress(options?: CallOptions): Promise<readonly number[]> {
    this.#port.begin(0);
    return this.#port.call(nicErrors, 6, decodeNicMacAddressReply, options);
  }

  linkState(options?: CallOptions): Promise<boolean> {
    this.#port.begin(1);
    return this.#port.call(nicErrors, 1, decodeNicLinkStateReply, options);
  }

  offloads(options?: CallOptions): Promise<boolean> {
    this.#port.begin(2);
    return this.#port.call(nicErrors, 1, decodeNicOffloadsReply, options);
  }

  txStream(options?: CallOptions): Promise<Capability> {
    this.#port.begin(3);
    return this.#port.call(nicErrors, 1, decodeNicTxStreamReply, options);
  }

  rxStream(options?: CallOptions): Promise<Capability> {
    this.#port.begin(4);
    return this.#port.call(nicErrors, 1, decodeNicRxStreamReply, options);
  }
}

/** Ethernet frames in both directions: what a network client sees. */
export const Nic: Interface<NicClient, NicHandlers, NicArgs> = {
  name: "Nic",
  version: 1,
  ramQuota: 163840,
  capQuota: 6,
  args: s.object({
    txBufferSize: s.size({ default: 1048576 }),
    rxBufferSize: s.size({ default: 1048576 }),
    offloads: s.boolean({ default: false, doc: "Whether each frame starts with a 12-byte virtio-net header, so that whole segments and unfinished checksums travel through the stream. Granted only by a server that can; `offloads` says what it decided." }),
  }),
  errors: nicErrors,
  signals: ["linkChanged"],
  operations: new Map<number, Operation<NicHandlers>>([
    [0, {
      opcode: 0,
      name: "macAddress",
      kind: "call",
      requestBytes: 0,
      replyBytes: 6,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.macAddress(call);
      },
      encodeReply(writer, result: readonly number[]) {
        if (result.length !== 6) throw new SessionError("InvalidArgument", `Cannot encode ${result.length} elements: exactly 6 are expected`);
        for (const element of result) {
          writer.u8(element);
        }
      },
    }],
    [1, {
      opcode: 1,
      name: "linkState",
      kind: "call",
      requestBytes: 0,
      replyBytes: 1,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.linkState(call);
      },
      encodeReply(writer, result: boolean) {
        writer.bool(result);
      },
    }],
    [2, {
      opcode: 2,
      name: "offloads",
      kind: "call",
      requestBytes: 0,
      replyBytes: 1,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.offloads(call);
      },
      encodeReply(writer, result: boolean) {
        writer.bool(result);
      },
    }],
    [3, {
      opcode: 3,
      name: "txStream",
      kind: "call",
      requestBytes: 0,
      replyBytes: 1,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.txStream(call);
      },
      encodeReply(writer, result: Capability) {
        writer.capability(result);
      },
    }],
    [4, {
      opcode: 4,
      name: "rxStream",
      kind: "call",
      requestBytes: 0,
      replyBytes: 1,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.rxStream(call);
      },
      encodeReply(writer, result: Capability) {
        writer.capability(result);
      },
    }],
  ]),
  client: (port) => new NicProxy(port),
};
