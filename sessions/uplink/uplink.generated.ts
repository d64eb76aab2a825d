// Generated from uplink.idl. Do not edit: change the definition and run "bulkhead idl gen".
import { SessionError } from "../../base/errors.js";
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Capability, Reader } from "../../base/message.js";
import { s } from "../../base/schema.js";

export const uplinkSlots = 1024;

function misfit(value: unknown, field: string): SessionError {
  return new SessionError("InvalidArgument", `Cannot encode ${String(value)} as ${field}`);
}

/** One frame. */
export interface UplinkFrame {
  /** Bytes from the start of the bulk area. */
  readonly offset: number;
  /** Bytes of payload. */
  readonly length: number;
}

/** How a UplinkFrame lies in a slot of 16 bytes. */
export const UplinkFrame = {
  name: "UplinkFrame",
  /** Bytes from one slot to the next. */
  stride: 16,
  /** Bytes from the start of the slot. */
  offsets: { offset: 0, length: 4 },
  /** A private copy of the slot at byte `at`: each field is read once, then checked. Throws `Malformed`. */
  read(view: DataView, at: number): UplinkFrame {
    return {
      offset: view.getUint32(at, true),
      length: view.getUint32(at + 4, true),
    };
  },
  /** Fills the slot at byte `at`. Throws `InvalidArgument` for values that do not fit. */
  write(view: DataView, at: number, packet: UplinkFrame): void {
    if (packet.offset >>> 0 !== packet.offset) throw misfit(packet.offset, "UplinkFrame.offset");
    view.setUint32(at, packet.offset, true);
    if (packet.length >>> 0 !== packet.length) throw misfit(packet.length, "UplinkFrame.length");
    view.setUint32(at + 4, packet.length, true);
  },
} as const;

const uplinkErrors: readonly string[] = [];

/** What a client says when it opens a session of Uplink; the defaults are filled in. */
export interface UplinkArgs {
  /** "02:00:00:00:00:01" */
  readonly macAddress: string;
  readonly txBufferSize: number;
  readonly rxBufferSize: number;
  readonly offloads: boolean;
}

/**
 * A session of the service Uplink, as its client sees it.
 * Ethernet frames as a network driver offers them: a driver is a client, so that it may crash and come back. Link state
 * is the existence of the session.
 */
export interface UplinkClient {
  offloads(options?: CallOptions): Promise<boolean>;
  /** The driver is the source: frames that it received. */
  txStream(options?: CallOptions): Promise<Capability>;
  /** The driver is the sink: frames to send. */
  rxStream(options?: CallOptions): Promise<Capability>;
}

/** What a server of Uplink implements; a handler answers at once or with a promise. */
export interface UplinkHandlers {
  offloads(call: Call): boolean | Promise<boolean>;
  /** The driver is the source: frames that it received. */
  txStream(call: Call): Capability | Promise<Capability>;
  /** The driver is the sink: frames to send. */
  rxStream(call: Call): Capability | Promise<Capability>;
}

function decodeUplinkOffloadsReply(reader: Reader): boolean {
  const result = reader.bool();
  reader.end();
  return result;
}

function decodeUplinkTxStreamReply(reader: Reader): Capability {
  const result = reader.capability("dataspace");
  reader.end();
  return result;
}

function decodeUplinkRxStreamReply(reader: Reader): Capability {
  const result = reader.capability("dataspace");
  reader.end();
  return result;
}

class UplinkProxy implements UplinkClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  offloads(options?: CallOptions): Promise<boolean> {
    this.#port.begin(0);
    return this.#port.call(uplinkErrors, 1, decodeUplinkOffloadsReply, options);
  }

  txStream(options?: CallOptions): Promise<Capability> {
    this.#port.begin(1);
    return this.#port.call(uplinkErrors, 1, decodeUplinkTxStreamReply, options);
  }

  rxStream(options?: CallOptions): Promise<Capability> {
    this.#port.begin(2);
    return this.#port.call(uplinkErrors, 1, decodeUplinkRxStreamReply, options);
  }
}

/**
 * Ethernet frames as a network driver offers them: a driver is a client, so that it may crash and come back. Link state
 * is the existence of the session.
 */
export const Uplink: Interface<UplinkClient, UplinkHandlers, UplinkArgs> = {
  name: "Uplink",
  version: 1,
  ramQuota: 163840,
  capQuota: 6,
  args: s.object({
    macAddress: s.string({ maxBytes: 17, doc: "\"02:00:00:00:00:01\"" }),
    txBufferSize: s.size({ default: 1048576 }),
    rxBufferSize: s.size({ default: 1048576 }),
    offloads: s.boolean({ default: false }),
  }),
  errors: uplinkErrors,
  signals: [],
  operations: new Map<number, Operation<UplinkHandlers>>([
    [0, {
      opcode: 0,
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
    [1, {
      opcode: 1,
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
    [2, {
      opcode: 2,
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
  client: (port) => new UplinkProxy(port),
};
