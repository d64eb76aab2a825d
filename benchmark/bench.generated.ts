// Generated from bench.idl. Do not edit: change the definition and run "bulkhead idl gen".
import { SessionError } from "../base/errors.js";
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../base/interface.js";
import type { Reader } from "../base/message.js";
import { s } from "../base/schema.js";

export const benchSlots = 1024;

export const benchLargeSlots = 32;

function misfit(value: unknown, field: string): SessionError {
  return new SessionError("InvalidArgument", `Cannot encode ${String(value)} as ${field}`);
}

export interface BenchPacket {
  /** Bytes from the start of the bulk area. */
  readonly offset: number;
  /** Bytes of payload. */
  readonly length: number;
  readonly sequence: number;
  readonly result: number;
}

/** How a BenchPacket lies in a slot of 16 bytes. */
export const BenchPacket = {
  name: "BenchPacket",
  /** Bytes from one slot to the next. */
  stride: 16,
  /** Bytes from the start of the slot. */
  offsets: { offset: 0, length: 4, sequence: 8, result: 12 },
  /** A private copy of the slot at byte `at`: each field is read once, then checked. Throws `Malformed`. */
  read(view: DataView, at: number): BenchPacket {
    return {
      offset: view.getUint32(at, true),
      length: view.getUint32(at + 4, true),
      sequence: view.getUint32(at + 8, true),
      result: view.getUint32(at + 12, true),
    };
  },
  /** Fills the slot at byte `at`. Throws `InvalidArgument` for values that do not fit. */
  write(view: DataView, at: number, packet: BenchPacket): void {
    if (packet.offset >>> 0 !== packet.offset) throw misfit(packet.offset, "BenchPacket.offset");
    view.setUint32(at, packet.offset, true);
    if (packet.length >>> 0 !== packet.length) throw misfit(packet.length, "BenchPacket.length");
    view.setUint32(at + 4, packet.length, true);
    if (packet.sequence >>> 0 !== packet.sequence) throw misfit(packet.sequence, "BenchPacket.sequence");
    view.setUint32(at + 8, packet.sequence, true);
    if (packet.result >>> 0 !== packet.result) throw misfit(packet.result, "BenchPacket.result");
    view.setUint32(at + 12, packet.result, true);
  },
} as const;

const benchErrors: readonly string[] = [];

export type BenchArgs = Record<string, never>;

/**
 * A session of the service Bench, as its client sees it.
 * What the benchmarks call and stream; only their own processes serve it.
 */
export interface BenchClient {
  /** Four numbers and a text there, a number and the text back. */
  exchange(a: number, b: number, c: number, d: number, text: string, options?: CallOptions): Promise<{ readonly sum: number; readonly text: string }>;
  /** Goes to the end of a chain of components and back, and counts them. */
  relay(passed: number, options?: CallOptions): Promise<number>;
}

/** What a server of Bench implements; a handler answers at once or with a promise. */
export interface BenchHandlers {
  /** Four numbers and a text there, a number and the text back. */
  exchange(a: number, b: number, c: number, d: number, text: string, call: Call): { readonly sum: number; readonly text: string } | Promise<{ readonly sum: number; readonly text: string }>;
  /** Goes to the end of a chain of components and back, and counts them. */
  relay(passed: number, call: Call): number | Promise<number>;
}

function decodeBenchExchangeReply(reader: Reader): { readonly sum: number; readonly text: string } {
  const result = { sum: reader.i32(), text: reader.str(64) };
  reader.end();
  return result;
}

function decodeBenchRelayReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

class BenchProxy implements BenchClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  exchange(a: number, b: number, c: number, d: number, text: string, options?: CallOptions): Promise<{ readonly sum: number; readonly text: string }> {
    try {
      const writer = this.#port.begin(0);
      writer.i32(a);
      writer.i32(b);
      writer.i32(c);
      writer.i32(d);
      writer.str(text, 64);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(benchErrors, 70, decodeBenchExchangeReply, options);
  }

  relay(passed: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(1);
      writer.u32(passed);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(benchErrors, 4, decodeBenchRelayReply, options);
  }
}

/** What the benchmarks call and stream; only their own processes serve it. */
export const Bench: Interface<BenchClient, BenchHandlers, BenchArgs> = {
  name: "Bench",
  version: 1,
  ramQuota: 65536,
  capQuota: 3,
  args: s.object({}),
  errors: benchErrors,
  signals: [],
  operations: new Map<number, Operation<BenchHandlers>>([
    [0, {
      opcode: 0,
      name: "exchange",
      kind: "call",
      requestBytes: 82,
      replyBytes: 70,
      invoke(handlers, reader, call) {
        const a = reader.i32();
        const b = reader.i32();
        const c = reader.i32();
        const d = reader.i32();
        const text = reader.str(64);
        reader.end();
        return handlers.exchange(a, b, c, d, text, call);
      },
      encodeReply(writer, result: { readonly sum: number; readonly text: string }) {
        writer.i32(result.sum);
        writer.str(result.text, 64);
      },
    }],
    [1, {
      opcode: 1,
      name: "relay",
      kind: "call",
      requestBytes: 4,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        const passed = reader.u32();
        reader.end();
        return handlers.relay(passed, call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
  ]),
  client: (port) => new BenchProxy(port),
};
