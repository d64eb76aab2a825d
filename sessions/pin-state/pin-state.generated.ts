// Generated from pin-state.idl. Do not edit: change the definition and run "bulkhead idl gen".
import { SessionError } from "../../base/errors.js";
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Reader, Writer } from "../../base/message.js";
import { s } from "../../base/schema.js";

export const PinStateEdges = {
  none: 0,
  rising: 1,
  falling: 2,
  both: 3,
} as const;
export type PinStateEdges = (typeof PinStateEdges)[keyof typeof PinStateEdges];

export function isPinStateEdges(value: number): value is PinStateEdges {
  switch (value) {
    case 0:
    case 1:
    case 2:
    case 3:
      return true;
    default:
      return false;
  }
}

export function writePinStateEdges(writer: Writer, value: PinStateEdges): void {
  if (!isPinStateEdges(value)) throw new SessionError("InvalidArgument", `Cannot encode ${String(value)} as PinState.Edges`);
  writer.u8(value);
}

export function readPinStateEdges(reader: Reader): PinStateEdges {
  const value = reader.u8();
  if (!isPinStateEdges(value)) throw new SessionError("Malformed", `PinState.Edges has no item ${value}`);
  return value;
}

export interface PinStateEdge {
  /** Nanoseconds of CLOCK_MONOTONIC, taken by the kernel's interrupt handler. */
  readonly time: bigint;
  /** Edges of the pin right before this one that were dropped, because nobody took them. */
  readonly lost: number;
  /** The pin became active. */
  readonly rising: boolean;
}

export function writePinStateEdge(writer: Writer, value: PinStateEdge): void {
  writer.bigU64(value.time);
  writer.u32(value.lost);
  writer.bool(value.rising);
}

export function readPinStateEdge(reader: Reader): PinStateEdge {
  return { time: reader.bigU64(), lost: reader.u32(), rising: reader.bool() };
}

const pinStateErrors: readonly string[] = ["Unsupported"];

export type PinStateArgs = Record<string, never>;

/**
 * A session of the service PinState, as its client sees it.
 * One pin, seen: whether it is active now, and its edges.
 */
export interface PinStateClient {
  state(options?: CallOptions): Promise<boolean>;
  /**
   * Which edges are kept for this session from now on; those kept before are forgotten.
   * @throws SessionError `Unsupported`
   */
  watch(edges: PinStateEdges, options?: CallOptions): Promise<void>;
  /** The oldest edges that wait; none when no more do. */
  takeEdges(options?: CallOptions): Promise<readonly PinStateEdge[]>;
}

/** What a server of PinState implements; a handler answers at once or with a promise. */
export interface PinStateHandlers {
  state(call: Call): boolean | Promise<boolean>;
  /**
   * Which edges are kept for this session from now on; those kept before are forgotten.
   * @throws SessionError `Unsupported`
   */
  watch(edges: PinStateEdges, call: Call): void | Promise<void>;
  /** The oldest edges that wait; none when no more do. */
  takeEdges(call: Call): readonly PinStateEdge[] | Promise<readonly PinStateEdge[]>;
}

function decodePinStateStateReply(reader: Reader): boolean {
  const result = reader.bool();
  reader.end();
  return result;
}

function decodePinStateWatchReply(reader: Reader): void {
  reader.end();
}

function decodePinStateTakeEdgesReply(reader: Reader): readonly PinStateEdge[] {
  const result = Array.from({ length: reader.count(48) }, () => readPinStateEdge(reader));
  reader.end();
  return result;
}

class PinStateProxy implements PinStateClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  state(options?: CallOptions): Promise<boolean> {
    this.#port.begin(0);
    return this.#port.call(pinStateErrors, 1, decodePinStateStateReply, options);
  }

  watch(edges: PinStateEdges, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(1);
      writePinStateEdges(writer, edges);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(pinStateErrors, 0, decodePinStateWatchReply, options);
  }

  takeEdges(options?: CallOptions): Promise<readonly PinStateEdge[]> {
    this.#port.begin(2);
    return this.#port.call(pinStateErrors, 626, decodePinStateTakeEdgesReply, options);
  }
}

/** One pin, seen: whether it is active now, and its edges. */
export const PinState: Interface<PinStateClient, PinStateHandlers, PinStateArgs> = {
  name: "PinState",
  version: 1,
  ramQuota: 49152,
  capQuota: 3,
  args: s.object({}),
  errors: pinStateErrors,
  signals: ["edgesWaiting"],
  operations: new Map<number, Operation<PinStateHandlers>>([
    [0, {
      opcode: 0,
      name: "state",
      kind: "call",
      requestBytes: 0,
      replyBytes: 1,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.state(call);
      },
      encodeReply(writer, result: boolean) {
        writer.bool(result);
      },
    }],
    [1, {
      opcode: 1,
      name: "watch",
      kind: "call",
      requestBytes: 1,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const edges = readPinStateEdges(reader);
        reader.end();
        return handlers.watch(edges, call);
      },
    }],
    [2, {
      opcode: 2,
      name: "takeEdges",
      kind: "call",
      requestBytes: 0,
      replyBytes: 626,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.takeEdges(call);
      },
      encodeReply(writer, result: readonly PinStateEdge[]) {
        writer.count(result.length, 48);
        for (const element of result) {
          writePinStateEdge(writer, element);
        }
      },
    }],
  ]),
  client: (port) => new PinStateProxy(port),
};
