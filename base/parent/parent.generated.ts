// Generated from parent.idl. Do not edit: change the definition and run "bulkhead idl gen".
import { SessionError } from "../errors.js";
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../interface.js";
import type { Capability, Reader, Writer } from "../message.js";
import { s } from "../schema.js";

/** Why a session request was refused. The detail of the error is { denial: NUMBER }, for `denial`. */
export const ParentOutcome = {
  ok: 0,
  denied: 1,
  insufficient_ram: 2,
  insufficient_caps: 3,
  closed: 4,
} as const;
export type ParentOutcome = (typeof ParentOutcome)[keyof typeof ParentOutcome];

export function isParentOutcome(value: number): value is ParentOutcome {
  switch (value) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
      return true;
    default:
      return false;
  }
}

export function writeParentOutcome(writer: Writer, value: ParentOutcome): void {
  if (!isParentOutcome(value)) throw new SessionError("InvalidArgument", `Cannot encode ${String(value)} as Parent.Outcome`);
  writer.u8(value);
}

export function readParentOutcome(reader: Reader): ParentOutcome {
  const value = reader.u8();
  if (!isParentOutcome(value)) throw new SessionError("Malformed", `Parent.Outcome has no item ${value}`);
  return value;
}

export const ParentRequestKind = {
  create: 0,
  upgrade: 1,
  close: 2,
} as const;
export type ParentRequestKind = (typeof ParentRequestKind)[keyof typeof ParentRequestKind];

export function isParentRequestKind(value: number): value is ParentRequestKind {
  switch (value) {
    case 0:
    case 1:
    case 2:
      return true;
    default:
      return false;
  }
}

export function writeParentRequestKind(writer: Writer, value: ParentRequestKind): void {
  if (!isParentRequestKind(value)) throw new SessionError("InvalidArgument", `Cannot encode ${String(value)} as Parent.RequestKind`);
  writer.u8(value);
}

export function readParentRequestKind(reader: Reader): ParentRequestKind {
  const value = reader.u8();
  if (!isParentRequestKind(value)) throw new SessionError("Malformed", `Parent.RequestKind has no item ${value}`);
  return value;
}

/** One request to a service that this component announced. */
export interface ParentSessionRequest {
  readonly kind: ParentRequestKind;
  /** Names the session in every later message about it. */
  readonly serverId: number;
  readonly service: string;
  readonly label: string;
  /** Session arguments as JSON text; the server checks them against its schema. */
  readonly args: string;
  readonly ram: number;
  readonly caps: number;
  /** The server's end, of a create request only. */
  readonly channel?: Capability | undefined;
}

export function writeParentSessionRequest(writer: Writer, value: ParentSessionRequest): void {
  writeParentRequestKind(writer, value.kind);
  writer.u32(value.serverId);
  writer.str(value.service, 32);
  writer.str(value.label, 256);
  writer.str(value.args, 440);
  writer.u64(value.ram);
  writer.u32(value.caps);
  writer.bool(value.channel !== undefined);
  if (value.channel !== undefined) {
    writer.capability(value.channel);
  }
}

export function readParentSessionRequest(reader: Reader): ParentSessionRequest {
  return { kind: readParentRequestKind(reader), serverId: reader.u32(), service: reader.str(32), label: reader.str(256), args: reader.str(440), ram: reader.u64(), caps: reader.u32(), channel: reader.bool() ? reader.capability("channel") : undefined };
}

export interface ParentQuota {
  readonly ram: number;
  readonly caps: number;
  readonly usedRam: number;
  readonly usedCaps: number;
}

export function writeParentQuota(writer: Writer, value: ParentQuota): void {
  writer.u64(value.ram);
  writer.u32(value.caps);
  writer.u64(value.usedRam);
  writer.u32(value.usedCaps);
}

export function readParentQuota(reader: Reader): ParentQuota {
  return { ram: reader.u64(), caps: reader.u32(), usedRam: reader.u64(), usedCaps: reader.u32() };
}

/**
 * What went through one session since it was opened, as its client counts: bytes of its message rings in whole slots,
 * packets of its packet streams and their payload.
 */
export interface ParentFlow {
  readonly session: number;
  readonly sent: number;
  readonly received: number;
  readonly packets: number;
  readonly packetBytes: number;
}

export function writeParentFlow(writer: Writer, value: ParentFlow): void {
  writer.u32(value.session);
  writer.u64(value.sent);
  writer.u64(value.received);
  writer.u64(value.packets);
  writer.u64(value.packetBytes);
}

export function readParentFlow(reader: Reader): ParentFlow {
  return { session: reader.u32(), sent: reader.u64(), received: reader.u64(), packets: reader.u64(), packetBytes: reader.u64() };
}

const parentErrors: readonly string[] = [];

export type ParentArgs = Record<string, never>;

/**
 * A session of the service Parent, as its client sees it.
 * What a component and its parent say to each other. The parent is the only party that a component knows from the
 * start: it makes memory and channels for its child, out of the child's quota, and it is the only name service.
 */
export interface ParentClient {
  /**
   * Asks for a session. Answered when the server has decided, which may take as long as the server's start.
   * The label is the child's own part; the parent puts the child's name before it.
   */
  session(service: string, label: string, args: string, ram: number, caps: number, options?: CallOptions): Promise<{ readonly id: number; readonly channel: Capability }>;
  /** Donates more to a session of this component. */
  upgrade(id: number, ram: number, caps: number, options?: CallOptions): Promise<void>;
  /** Ends a session; what was donated comes back. */
  close(id: number, options?: CallOptions): Promise<void>;
  /** Offers a service. */
  announce(service: string, options?: CallOptions): Promise<void>;
  /** The next request to a service of this component. A server keeps one such call pending. */
  nextRequest(options?: CallOptions): Promise<ParentSessionRequest>;
  /** The server's decision about a request. */
  sessionResponse(serverId: number, outcome: ParentOutcome, reason: string, options?: CallOptions): Promise<void>;
  /**
   * Makes a dataspace (whole pages) and charges it, with one capability, to this component; or, when `session` names
   * the server_id of a session that this component serves, to what the client donated with that session.
   */
  alloc(bytes: number, session: number, options?: CallOptions): Promise<{ readonly dataspace: Capability; readonly id: number }>;
  /** Gives the quota of a dataspace or channel back. */
  free(id: number, options?: CallOptions): Promise<void>;
  /** Makes a channel; for components that are parents themselves. */
  channel(options?: CallOptions): Promise<{ readonly client: Capability; readonly server: Capability; readonly id: number }>;
  quota(options?: CallOptions): Promise<ParentQuota>;
  /** Asks for more quota; `resources_available` is signalled when it was granted. */
  resourceRequest(ram: number, caps: number, options?: CallOptions): Promise<void>;
  /** What the parent would like back; after `yield_requested`. */
  yieldRequest(options?: CallOptions): Promise<{ readonly ram: number; readonly caps: number }>;
  yieldResponse(options?: CallOptions): Promise<void>;
  heartbeatResponse(options?: CallOptions): Promise<void>;
  /** Ends the component with this value. */
  exit(value: number, options?: CallOptions): Promise<void>;
  /**
   * Who had which part in a denial of a session of this component: JSON text in ASCII, a list of { init, stage, rule,
   * component, reason }, in pieces from `offset` on. A piece shorter than 900 characters is the last, and ends the
   * parent's memory of the denial; so does a number of later ones.
   */
  denial(number: number, offset: number, options?: CallOptions): Promise<string>;
  /** The flow of this component's sessions, after `flow_wanted`; in parts, all but the last with `more`. */
  flow(flows: readonly ParentFlow[], more: boolean, options?: CallOptions): Promise<void>;
  /**
   * How the components are of which this one is the parent, when that changed: the `children` of its state report as JSON
   * text in ASCII; in pieces, all but the last with `more`.
   */
  state(piece: string, more: boolean, options?: CallOptions): Promise<void>;
}

/** What a server of Parent implements; a handler answers at once or with a promise. */
export interface ParentHandlers {
  /**
   * Asks for a session. Answered when the server has decided, which may take as long as the server's start.
   * The label is the child's own part; the parent puts the child's name before it.
   */
  session(service: string, label: string, args: string, ram: number, caps: number, call: Call): { readonly id: number; readonly channel: Capability } | Promise<{ readonly id: number; readonly channel: Capability }>;
  /** Donates more to a session of this component. */
  upgrade(id: number, ram: number, caps: number, call: Call): void | Promise<void>;
  /** Ends a session; what was donated comes back. */
  close(id: number, call: Call): void | Promise<void>;
  /** Offers a service. */
  announce(service: string, call: Call): void | Promise<void>;
  /** The next request to a service of this component. A server keeps one such call pending. */
  nextRequest(call: Call): ParentSessionRequest | Promise<ParentSessionRequest>;
  /** The server's decision about a request. */
  sessionResponse(serverId: number, outcome: ParentOutcome, reason: string, call: Call): void | Promise<void>;
  /**
   * Makes a dataspace (whole pages) and charges it, with one capability, to this component; or, when `session` names
   * the server_id of a session that this component serves, to what the client donated with that session.
   */
  alloc(bytes: number, session: number, call: Call): { readonly dataspace: Capability; readonly id: number } | Promise<{ readonly dataspace: Capability; readonly id: number }>;
  /** Gives the quota of a dataspace or channel back. */
  free(id: number, call: Call): void | Promise<void>;
  /** Makes a channel; for components that are parents themselves. */
  channel(call: Call): { readonly client: Capability; readonly server: Capability; readonly id: number } | Promise<{ readonly client: Capability; readonly server: Capability; readonly id: number }>;
  quota(call: Call): ParentQuota | Promise<ParentQuota>;
  /** Asks for more quota; `resources_available` is signalled when it was granted. */
  resourceRequest(ram: number, caps: number, call: Call): void | Promise<void>;
  /** What the parent would like back; after `yield_requested`. */
  yieldRequest(call: Call): { readonly ram: number; readonly caps: number } | Promise<{ readonly ram: number; readonly caps: number }>;
  yieldResponse(call: Call): void | Promise<void>;
  heartbeatResponse(call: Call): void | Promise<void>;
  /** Ends the component with this value. */
  exit(value: number, call: Call): void | Promise<void>;
  /**
   * Who had which part in a denial of a session of this component: JSON text in ASCII, a list of { init, stage, rule,
   * component, reason }, in pieces from `offset` on. A piece shorter than 900 characters is the last, and ends the
   * parent's memory of the denial; so does a number of later ones.
   */
  denial(number: number, offset: number, call: Call): string | Promise<string>;
  /** The flow of this component's sessions, after `flow_wanted`; in parts, all but the last with `more`. */
  flow(flows: readonly ParentFlow[], more: boolean, call: Call): void | Promise<void>;
  /**
   * How the components are of which this one is the parent, when that changed: the `children` of its state report as JSON
   * text in ASCII; in pieces, all but the last with `more`.
   */
  state(piece: string, more: boolean, call: Call): void | Promise<void>;
}

function decodeParentSessionReply(reader: Reader): { readonly id: number; readonly channel: Capability } {
  const result = { id: reader.u32(), channel: reader.capability("channel") };
  reader.end();
  return result;
}

function decodeParentUpgradeReply(reader: Reader): void {
  reader.end();
}

function decodeParentCloseReply(reader: Reader): void {
  reader.end();
}

function decodeParentAnnounceReply(reader: Reader): void {
  reader.end();
}

function decodeParentNextRequestReply(reader: Reader): ParentSessionRequest {
  const result = readParentSessionRequest(reader);
  reader.end();
  return result;
}

function decodeParentSessionResponseReply(reader: Reader): void {
  reader.end();
}

function decodeParentAllocReply(reader: Reader): { readonly dataspace: Capability; readonly id: number } {
  const result = { dataspace: reader.capability("dataspace"), id: reader.u32() };
  reader.end();
  return result;
}

function decodeParentFreeReply(reader: Reader): void {
  reader.end();
}

function decodeParentChannelReply(reader: Reader): { readonly client: Capability; readonly server: Capability; readonly id: number } {
  const result = { client: reader.capability("channel"), server: reader.capability("channel"), id: reader.u32() };
  reader.end();
  return result;
}

function decodeParentQuotaReply(reader: Reader): ParentQuota {
  const result = readParentQuota(reader);
  reader.end();
  return result;
}

function decodeParentResourceRequestReply(reader: Reader): void {
  reader.end();
}

function decodeParentYieldRequestReply(reader: Reader): { readonly ram: number; readonly caps: number } {
  const result = { ram: reader.u64(), caps: reader.u32() };
  reader.end();
  return result;
}

function decodeParentYieldResponseReply(reader: Reader): void {
  reader.end();
}

function decodeParentHeartbeatResponseReply(reader: Reader): void {
  reader.end();
}

function decodeParentDenialReply(reader: Reader): string {
  const result = reader.str(900);
  reader.end();
  return result;
}

class ParentProxy implements ParentClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  session(service: string, label: string, args: string, ram: number, caps: number, options?: CallOptions): Promise<{ readonly id: number; readonly channel: Capability }> {
    try {
      const writer = this.#port.begin(0);
      writer.str(service, 32);
      writer.str(label, 160);
      writer.str(args, 440);
      writer.u64(ram);
      writer.u32(caps);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(parentErrors, 5, decodeParentSessionReply, options);
  }

  upgrade(id: number, ram: number, caps: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(1);
      writer.u32(id);
      writer.u64(ram);
      writer.u32(caps);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(parentErrors, 0, decodeParentUpgradeReply, options);
  }

  close(id: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(2);
      writer.u32(id);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(parentErrors, 0, decodeParentCloseReply, options);
  }

  announce(service: string, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(3);
      writer.str(service, 32);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(parentErrors, 0, decodeParentAnnounceReply, options);
  }

  nextRequest(options?: CallOptions): Promise<ParentSessionRequest> {
    this.#port.begin(4);
    return this.#port.call(parentErrors, 753, decodeParentNextRequestReply, options);
  }

  sessionResponse(serverId: number, outcome: ParentOutcome, reason: string, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(5);
      writer.u32(serverId);
      writeParentOutcome(writer, outcome);
      writer.str(reason, 200);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(parentErrors, 0, decodeParentSessionResponseReply, options);
  }

  alloc(bytes: number, session: number, options?: CallOptions): Promise<{ readonly dataspace: Capability; readonly id: number }> {
    try {
      const writer = this.#port.begin(6);
      writer.u64(bytes);
      writer.u32(session);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(parentErrors, 5, decodeParentAllocReply, options);
  }

  free(id: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(7);
      writer.u32(id);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(parentErrors, 0, decodeParentFreeReply, options);
  }

  channel(options?: CallOptions): Promise<{ readonly client: Capability; readonly server: Capability; readonly id: number }> {
    this.#port.begin(8);
    return this.#port.call(parentErrors, 6, decodeParentChannelReply, options);
  }

  quota(options?: CallOptions): Promise<ParentQuota> {
    this.#port.begin(9);
    return this.#port.call(parentErrors, 24, decodeParentQuotaReply, options);
  }

  resourceRequest(ram: number, caps: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(10);
      writer.u64(ram);
      writer.u32(caps);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(parentErrors, 0, decodeParentResourceRequestReply, options);
  }

  yieldRequest(options?: CallOptions): Promise<{ readonly ram: number; readonly caps: number }> {
    this.#port.begin(11);
    return this.#port.call(parentErrors, 12, decodeParentYieldRequestReply, options);
  }

  yieldResponse(options?: CallOptions): Promise<void> {
    this.#port.begin(12);
    return this.#port.call(parentErrors, 0, decodeParentYieldResponseReply, options);
  }

  heartbeatResponse(options?: CallOptions): Promise<void> {
    this.#port.begin(13);
    return this.#port.call(parentErrors, 0, decodeParentHeartbeatResponseReply, options);
  }

  exit(value: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(14);
      writer.i32(value);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.send(options);
  }

  denial(number: number, offset: number, options?: CallOptions): Promise<string> {
    try {
      const writer = this.#port.begin(15);
      writer.u32(number);
      writer.u32(offset);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(parentErrors, 902, decodeParentDenialReply, options);
  }

  flow(flows: readonly ParentFlow[], more: boolean, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(16);
      writer.count(flows.length, 24);
      for (const element of flows) {
        writeParentFlow(writer, element);
      }
      writer.bool(more);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.send(options);
  }

  state(piece: string, more: boolean, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(17);
      writer.str(piece, 900);
      writer.bool(more);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.send(options);
  }
}

/**
 * What a component and its parent say to each other. The parent is the only party that a component knows from the
 * start: it makes memory and channels for its child, out of the child's quota, and it is the only name service.
 */
export const Parent: Interface<ParentClient, ParentHandlers, ParentArgs> = {
  name: "Parent",
  version: 1,
  ramQuota: 49152,
  capQuota: 3,
  args: s.object({}),
  errors: parentErrors,
  signals: ["resourcesAvailable", "yieldRequested", "heartbeat", "routesChanged", "flowWanted"],
  operations: new Map<number, Operation<ParentHandlers>>([
    [0, {
      opcode: 0,
      name: "session",
      kind: "call",
      requestBytes: 650,
      replyBytes: 5,
      invoke(handlers, reader, call) {
        const service = reader.str(32);
        const label = reader.str(160);
        const args = reader.str(440);
        const ram = reader.u64();
        const caps = reader.u32();
        reader.end();
        return handlers.session(service, label, args, ram, caps, call);
      },
      encodeReply(writer, result: { readonly id: number; readonly channel: Capability }) {
        writer.u32(result.id);
        writer.capability(result.channel);
      },
    }],
    [1, {
      opcode: 1,
      name: "upgrade",
      kind: "call",
      requestBytes: 16,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const id = reader.u32();
        const ram = reader.u64();
        const caps = reader.u32();
        reader.end();
        return handlers.upgrade(id, ram, caps, call);
      },
    }],
    [2, {
      opcode: 2,
      name: "close",
      kind: "call",
      requestBytes: 4,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const id = reader.u32();
        reader.end();
        return handlers.close(id, call);
      },
    }],
    [3, {
      opcode: 3,
      name: "announce",
      kind: "call",
      requestBytes: 34,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const service = reader.str(32);
        reader.end();
        return handlers.announce(service, call);
      },
    }],
    [4, {
      opcode: 4,
      name: "nextRequest",
      kind: "call",
      requestBytes: 0,
      replyBytes: 753,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.nextRequest(call);
      },
      encodeReply(writer, result: ParentSessionRequest) {
        writeParentSessionRequest(writer, result);
      },
    }],
    [5, {
      opcode: 5,
      name: "sessionResponse",
      kind: "call",
      requestBytes: 207,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const serverId = reader.u32();
        const outcome = readParentOutcome(reader);
        const reason = reader.str(200);
        reader.end();
        return handlers.sessionResponse(serverId, outcome, reason, call);
      },
    }],
    [6, {
      opcode: 6,
      name: "alloc",
      kind: "call",
      requestBytes: 12,
      replyBytes: 5,
      invoke(handlers, reader, call) {
        const bytes = reader.u64();
        const session = reader.u32();
        reader.end();
        return handlers.alloc(bytes, session, call);
      },
      encodeReply(writer, result: { readonly dataspace: Capability; readonly id: number }) {
        writer.capability(result.dataspace);
        writer.u32(result.id);
      },
    }],
    [7, {
      opcode: 7,
      name: "free",
      kind: "call",
      requestBytes: 4,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const id = reader.u32();
        reader.end();
        return handlers.free(id, call);
      },
    }],
    [8, {
      opcode: 8,
      name: "channel",
      kind: "call",
      requestBytes: 0,
      replyBytes: 6,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.channel(call);
      },
      encodeReply(writer, result: { readonly client: Capability; readonly server: Capability; readonly id: number }) {
        writer.capability(result.client);
        writer.capability(result.server);
        writer.u32(result.id);
      },
    }],
    [9, {
      opcode: 9,
      name: "quota",
      kind: "call",
      requestBytes: 0,
      replyBytes: 24,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.quota(call);
      },
      encodeReply(writer, result: ParentQuota) {
        writeParentQuota(writer, result);
      },
    }],
    [10, {
      opcode: 10,
      name: "resourceRequest",
      kind: "call",
      requestBytes: 12,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const ram = reader.u64();
        const caps = reader.u32();
        reader.end();
        return handlers.resourceRequest(ram, caps, call);
      },
    }],
    [11, {
      opcode: 11,
      name: "yieldRequest",
      kind: "call",
      requestBytes: 0,
      replyBytes: 12,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.yieldRequest(call);
      },
      encodeReply(writer, result: { readonly ram: number; readonly caps: number }) {
        writer.u64(result.ram);
        writer.u32(result.caps);
      },
    }],
    [12, {
      opcode: 12,
      name: "yieldResponse",
      kind: "call",
      requestBytes: 0,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.yieldResponse(call);
      },
    }],
    [13, {
      opcode: 13,
      name: "heartbeatResponse",
      kind: "call",
      requestBytes: 0,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.heartbeatResponse(call);
      },
    }],
    [14, {
      opcode: 14,
      name: "exit",
      kind: "oneway",
      requestBytes: 4,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const value = reader.i32();
        reader.end();
        return handlers.exit(value, call);
      },
    }],
    [15, {
      opcode: 15,
      name: "denial",
      kind: "call",
      requestBytes: 8,
      replyBytes: 902,
      invoke(handlers, reader, call) {
        const number = reader.u32();
        const offset = reader.u32();
        reader.end();
        return handlers.denial(number, offset, call);
      },
      encodeReply(writer, result: string) {
        writer.str(result, 900);
      },
    }],
    [16, {
      opcode: 16,
      name: "flow",
      kind: "oneway",
      requestBytes: 867,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const flows = Array.from({ length: reader.count(24) }, () => readParentFlow(reader));
        const more = reader.bool();
        reader.end();
        return handlers.flow(flows, more, call);
      },
    }],
    [17, {
      opcode: 17,
      name: "state",
      kind: "oneway",
      requestBytes: 903,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const piece = reader.str(900);
        const more = reader.bool();
        reader.end();
        return handlers.state(piece, more, call);
      },
    }],
  ]),
  client: (port) => new ParentProxy(port),
};
