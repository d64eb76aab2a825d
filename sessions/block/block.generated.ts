// Generated from block.idl. Do not edit: change the definition and run "bulkhead idl gen".
import { SessionError } from "../../base/errors.js";
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Capability, Reader, Writer } from "../../base/message.js";
import { s } from "../../base/schema.js";

export const blockSlots = 256;

export interface BlockInfo {
  /** Bytes of a block. */
  readonly blockSize: number;
  readonly blockCount: number;
  /** Payload starts at multiples of 2^align_log2 of the bulk area. */
  readonly alignLog2: number;
  readonly writeable: boolean;
  /** Whether `trim` does something. */
  readonly trim: boolean;
}

export function writeBlockInfo(writer: Writer, value: BlockInfo): void {
  writer.u32(value.blockSize);
  writer.u64(value.blockCount);
  writer.u8(value.alignLog2);
  writer.bool(value.writeable);
  writer.bool(value.trim);
}

export function readBlockInfo(reader: Reader): BlockInfo {
  return { blockSize: reader.u32(), blockCount: reader.u64(), alignLog2: reader.u8(), writeable: reader.bool(), trim: reader.bool() };
}

export const BlockOperation = {
  read: 1,
  write: 2,
  sync: 3,
  trim: 4,
} as const;
export type BlockOperation = (typeof BlockOperation)[keyof typeof BlockOperation];

export function isBlockOperation(value: number): value is BlockOperation {
  switch (value) {
    case 1:
    case 2:
    case 3:
    case 4:
      return true;
    default:
      return false;
  }
}

export function writeBlockOperation(writer: Writer, value: BlockOperation): void {
  if (!isBlockOperation(value)) throw new SessionError("InvalidArgument", `Cannot encode ${String(value)} as Block.Operation`);
  writer.u8(value);
}

export function readBlockOperation(reader: Reader): BlockOperation {
  const value = reader.u8();
  if (!isBlockOperation(value)) throw new SessionError("Malformed", `Block.Operation has no item ${value}`);
  return value;
}

export const BlockStatus = {
  pending: 0,
  ok: 1,
  out_of_range: 2,
  read_only: 3,
  malformed: 4,
  io_error: 5,
  device_gone: 6,
  no_space: 7,
} as const;
export type BlockStatus = (typeof BlockStatus)[keyof typeof BlockStatus];

export function isBlockStatus(value: number): value is BlockStatus {
  switch (value) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 7:
      return true;
    default:
      return false;
  }
}

export function writeBlockStatus(writer: Writer, value: BlockStatus): void {
  if (!isBlockStatus(value)) throw new SessionError("InvalidArgument", `Cannot encode ${String(value)} as Block.Status`);
  writer.u8(value);
}

export function readBlockStatus(reader: Reader): BlockStatus {
  const value = reader.u8();
  if (!isBlockStatus(value)) throw new SessionError("Malformed", `Block.Status has no item ${value}`);
  return value;
}

function checkedBlockOperation(value: number): BlockOperation {
  if (!isBlockOperation(value)) throw new SessionError("Malformed", `Block.Operation has no item ${value}`);
  return value;
}

function checkedBlockStatus(value: number): BlockStatus {
  if (!isBlockStatus(value)) throw new SessionError("Malformed", `Block.Status has no item ${value}`);
  return value;
}

function misfit(value: unknown, field: string): SessionError {
  return new SessionError("InvalidArgument", `Cannot encode ${String(value)} as ${field}`);
}

function readU64(view: DataView, at: number): number {
  const value = view.getUint32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true);
  if (!Number.isSafeInteger(value)) throw new SessionError("Malformed", "A 64-bit integer of a packet exceeds 2^53 - 1");
  return value;
}

/**
 * One request. `read` and `write` carry block_count times block_size bytes of payload; `sync` and `trim` none.
 * `sync` covers every write acknowledged before it was submitted.
 */
export interface BlockPacket {
  /** Bytes from the start of the bulk area. */
  readonly offset: number;
  /** Bytes of payload. */
  readonly length: number;
  readonly block: number;
  readonly count: number;
  /** The client's own number, returned as it is. */
  readonly tag: number;
  readonly operation: BlockOperation;
  readonly status: BlockStatus;
}

/** How a BlockPacket lies in a slot of 32 bytes. */
export const BlockPacket = {
  name: "BlockPacket",
  /** Bytes from one slot to the next. */
  stride: 32,
  /** Bytes from the start of the slot. */
  offsets: { offset: 0, length: 4, block: 8, count: 16, tag: 20, operation: 24, status: 25 },
  /** A private copy of the slot at byte `at`: each field is read once, then checked. Throws `Malformed`. */
  read(view: DataView, at: number): BlockPacket {
    return {
      offset: view.getUint32(at, true),
      length: view.getUint32(at + 4, true),
      block: readU64(view, at + 8),
      count: view.getUint32(at + 16, true),
      tag: view.getUint32(at + 20, true),
      operation: checkedBlockOperation(view.getUint8(at + 24)),
      status: checkedBlockStatus(view.getUint8(at + 25)),
    };
  },
  /** Fills the slot at byte `at`. Throws `InvalidArgument` for values that do not fit. */
  write(view: DataView, at: number, packet: BlockPacket): void {
    if (packet.offset >>> 0 !== packet.offset) throw misfit(packet.offset, "BlockPacket.offset");
    view.setUint32(at, packet.offset, true);
    if (packet.length >>> 0 !== packet.length) throw misfit(packet.length, "BlockPacket.length");
    view.setUint32(at + 4, packet.length, true);
    if (!Number.isSafeInteger(packet.block) || packet.block < 0) throw misfit(packet.block, "BlockPacket.block");
    view.setUint32(at + 8, packet.block >>> 0, true);
    view.setUint32(at + 8 + 4, Math.floor(packet.block / 0x1_0000_0000), true);
    if (packet.count >>> 0 !== packet.count) throw misfit(packet.count, "BlockPacket.count");
    view.setUint32(at + 16, packet.count, true);
    if (packet.tag >>> 0 !== packet.tag) throw misfit(packet.tag, "BlockPacket.tag");
    view.setUint32(at + 20, packet.tag, true);
    if (!isBlockOperation(packet.operation)) throw misfit(packet.operation, "BlockPacket.operation");
    view.setUint8(at + 24, packet.operation);
    if (!isBlockStatus(packet.status)) throw misfit(packet.status, "BlockPacket.status");
    view.setUint8(at + 25, packet.status);
  },
} as const;

const blockErrors: readonly string[] = [];

/** What a client says when it opens a session of Block; the defaults are filled in. */
export interface BlockArgs {
  /** Room for payload of the packet stream; donated by the client on top of the session's quota. */
  readonly txBufferSize: number;
  /** First block of the view. */
  readonly offset: number;
  /** Blocks of the view; 0 means up to the end. */
  readonly blockCount: number;
  readonly writeable: boolean;
}

/**
 * A session of the service Block, as its client sees it.
 * Blocks of a storage device. A session is a view: a range of the device, with its own right to write.
 */
export interface BlockClient {
  info(options?: CallOptions): Promise<BlockInfo>;
  /** The packet stream: the client is the source, with 256 slots. */
  stream(options?: CallOptions): Promise<Capability>;
}

/** What a server of Block implements; a handler answers at once or with a promise. */
export interface BlockHandlers {
  info(call: Call): BlockInfo | Promise<BlockInfo>;
  /** The packet stream: the client is the source, with 256 slots. */
  stream(call: Call): Capability | Promise<Capability>;
}

function decodeBlockInfoReply(reader: Reader): BlockInfo {
  const result = readBlockInfo(reader);
  reader.end();
  return result;
}

function decodeBlockStreamReply(reader: Reader): Capability {
  const result = reader.capability("dataspace");
  reader.end();
  return result;
}

class BlockProxy implements BlockClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  info(options?: CallOptions): Promise<BlockInfo> {
    this.#port.begin(0);
    return this.#port.call(blockErrors, 15, decodeBlockInfoReply, options);
  }

  stream(options?: CallOptions): Promise<Capability> {
    this.#port.begin(1);
    return this.#port.call(blockErrors, 1, decodeBlockStreamReply, options);
  }
}

/** Blocks of a storage device. A session is a view: a range of the device, with its own right to write. */
export const Block: Interface<BlockClient, BlockHandlers, BlockArgs> = {
  name: "Block",
  version: 1,
  ramQuota: 98304,
  capQuota: 5,
  args: s.object({
    txBufferSize: s.size({ default: 131072, doc: "Room for payload of the packet stream; donated by the client on top of the session's quota." }),
    offset: s.integer({ min: 0, max: 9007199254740991, default: 0, doc: "First block of the view." }),
    blockCount: s.integer({ min: 0, max: 9007199254740991, default: 0, doc: "Blocks of the view; 0 means up to the end." }),
    writeable: s.boolean({ default: true }),
  }),
  errors: blockErrors,
  signals: [],
  operations: new Map<number, Operation<BlockHandlers>>([
    [0, {
      opcode: 0,
      name: "info",
      kind: "call",
      requestBytes: 0,
      replyBytes: 15,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.info(call);
      },
      encodeReply(writer, result: BlockInfo) {
        writeBlockInfo(writer, result);
      },
    }],
    [1, {
      opcode: 1,
      name: "stream",
      kind: "call",
      requestBytes: 0,
      replyBytes: 1,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.stream(call);
      },
      encodeReply(writer, result: Capability) {
        writer.capability(result);
      },
    }],
  ]),
  client: (port) => new BlockProxy(port),
};
