/**
 * The requests of one Block connection, in order: those that wait, those under way, and what a restart of the server
 * makes of them.
 *
 * A job larger than a piece of the bulk area travels as several packets. All operations may happen twice without harm,
 * so whatever was not acknowledged when the server died is submitted again. A sync is a barrier here: it leaves when
 * everything before it is acknowledged, and nothing leaves until it is acknowledged itself. So also after a restart a
 * write that the client wanted behind a sync never overtakes it.
 */
import { BulkAllocator } from "../../base/bulk-allocator.js";
import type { PacketSource } from "../../base/packet-stream.js";
import { type BlockInfo, BlockOperation, type BlockPacket, BlockStatus } from "./block.generated.js";

/** One request. Callbacks must not throw. */
export interface BlockJob {
  readonly operation: keyof typeof BlockOperation;
  /** First block. Not for sync. */
  readonly block?: number;
  /** Blocks, at least one. Not for sync. */
  readonly count?: number;
  /**
   * Fills a part of the payload of a write, `at` bytes from its start, where the device will take it from. Without it
   * the payload is whatever lies there. Called again when the server restarted.
   */
  produce?(payload: Uint8Array, at: number): void;
  /** Takes a part of what was read, where the device put it. Shared memory: the server may change it meanwhile. */
  consume?(payload: Uint8Array, at: number): void;
  /** All of it is done, or failed. */
  completed(status: BlockStatus): void;
}

/** A job with what became of it so far. */
interface Progress {
  readonly job: BlockJob;
  /** Blocks that packets were made of. */
  begun: number;
  underWay: number;
  status: BlockStatus;
}

/** One packet's worth of a job. */
interface Piece {
  readonly progress: Progress;
  readonly first: number;
  readonly count: number;
  offset: number;
  length: number;
}

/** The most bytes of one packet: what keeps a device busy, and lets several be under way. */
const largestPiece = 1 << 20;

export class BlockQueue {
  /** Jobs not begun, or begun in part; the first one only. */
  #waiting: Progress[] = [];
  /** Where the first waiting job is: shifting a long array at every job would cost. */
  #next = 0;
  /** Pieces that an old server did not acknowledge, in the order in which they left. */
  #again: Piece[] = [];
  readonly #underWay = new Map<number, Piece>();
  #syncing = false;
  #tag = 0;
  #source: PacketSource<BlockPacket> | undefined;
  #allocator = new BulkAllocator(0);
  #info: BlockInfo | undefined;
  #protocolError: (why: string) => void = () => {};
  #pumping = false;
  #pieceBlocks = 1;

  /** Jobs and pieces not done. */
  get idle(): boolean {
    return this.#underWay.size === 0 && this.#again.length === 0 && this.#next === this.#waiting.length;
  }

  /** A server is there. `protocolError` ends its session. */
  attach(source: PacketSource<BlockPacket>, info: BlockInfo, protocolError: (why: string) => void): void {
    this.#source = source;
    this.#protocolError = protocolError;
    this.#info = info;
    this.#allocator = new BulkAllocator(source.bulk.length, Math.max(64, 2 ** info.alignLog2));
    // Four pieces at least fit, so that the device has the next one while we look at the last.
    const piece = Math.min(largestPiece, source.bulk.length >>> 2);
    this.#pieceBlocks = Math.max(1, Math.floor(piece / info.blockSize));
    this.pump();
  }

  /** The server is gone, and its stream with it. */
  detach(): void {
    this.#source = undefined;
    this.#syncing = false;
    // A Map keeps the order of insertion, which is that of submission.
    this.#again = [...this.#underWay.values(), ...this.#again];
    this.#underWay.clear();
  }

  push(job: BlockJob): void {
    this.#waiting.push({ job, begun: 0, underWay: 0, status: BlockStatus.ok });
    this.pump();
  }

  /** Several at once cost one wake-up. */
  pushAll(jobs: Iterable<BlockJob>): void {
    for (const job of jobs) this.#waiting.push({ job, begun: 0, underWay: 0, status: BlockStatus.ok });
    this.pump();
  }

  /** Submits what can leave. */
  pump(): void {
    const source = this.#source;
    // A callback of a job may ask for more.
    if (source === undefined || this.#pumping) return;
    this.#pumping = true;
    while (!this.#syncing && source.readyToSubmit) {
      const piece = this.#again[0] ?? this.#nextPiece();
      if (piece === undefined || !this.#submit(source, piece)) break;
      if (piece === this.#again[0]) this.#again.shift();
      else this.#begin(piece);
    }
    this.#pumping = false;
    source.wakeup();
  }

  /** The next part of the first waiting job; it counts as begun once {@link #begin} says so. */
  #nextPiece(): Piece | undefined {
    const progress = this.#waiting[this.#next];
    if (progress === undefined) return undefined;
    const { operation, block = 0, count = 0 } = progress.job;
    // Trims carry no payload: they are not cut but by the width of their count.
    const most = operation === "trim" ? 0xffff_ffff : this.#pieceBlocks;
    const blocks = operation === "sync" ? 0 : Math.min(count - progress.begun, most);
    return { progress, first: operation === "sync" ? 0 : block + progress.begun, count: blocks, offset: 0, length: 0 };
  }

  #begin(piece: Piece): void {
    const { progress } = piece;
    progress.begun += piece.count;
    if (progress.job.operation !== "sync" && progress.begun < (progress.job.count ?? 0)) return;
    this.#next += 1;
    if (this.#next < 1024 && this.#next < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#next);
    this.#next = 0;
  }

  /** False: no room now; an acknowledgement makes some. */
  #submit(source: PacketSource<BlockPacket>, piece: Piece): boolean {
    const { progress } = piece;
    const { job } = progress;
    const sync = job.operation === "sync";
    if (sync && this.#underWay.size > 0) return false;
    piece.length =
      job.operation === "read" || job.operation === "write" ? piece.count * (this.#info as BlockInfo).blockSize : 0;
    const offset = this.#allocator.allocate(piece.length);
    if (offset === undefined) return false;
    piece.offset = offset;
    if (job.operation === "write")
      job.produce?.(source.bulk.subarray(offset, offset + piece.length), this.#position(piece));
    const tag = (this.#tag = (this.#tag + 1) >>> 0);
    source.submit({
      offset,
      length: piece.length,
      block: piece.first,
      count: piece.count,
      tag,
      operation: BlockOperation[job.operation],
      status: BlockStatus.pending,
    });
    this.#underWay.set(tag, piece);
    this.#syncing = sync;
    // A repeated piece is counted already.
    if (piece !== this.#again[0]) progress.underWay += 1;
    return true;
  }

  /** Where a piece begins in its job's payload, in bytes. */
  #position(piece: Piece): number {
    return (piece.first - (piece.progress.job.block ?? 0)) * (this.#info as BlockInfo).blockSize;
  }

  /** Takes what the server acknowledged, and submits what that made room for. */
  acknowledge(): void {
    const source = this.#source;
    if (source === undefined) return;
    source.acknowledged((packet) => this.#completed(source, packet));
    this.pump();
  }

  #completed(source: PacketSource<BlockPacket>, { tag, status }: BlockPacket): void {
    const piece = this.#underWay.get(tag);
    if (piece === undefined) return this.#protocolError("it acknowledged a request that is not under way");
    this.#underWay.delete(tag);
    const { progress } = piece;
    const { job } = progress;
    // What counts is what we submitted, not what the answer says of it.
    if (status === BlockStatus.ok && job.operation === "read")
      job.consume?.(source.bulk.subarray(piece.offset, piece.offset + piece.length), this.#position(piece));
    this.#allocator.free(piece.offset, piece.length);
    if (job.operation === "sync") this.#syncing = false;
    progress.underWay -= 1;
    if (status !== BlockStatus.ok && progress.status === BlockStatus.ok) progress.status = status;
    if (progress.underWay === 0 && (job.operation === "sync" || progress.begun === (job.count ?? 0)))
      job.completed(progress.status);
  }

  /** Ends everything: the connection was closed, or its server is gone for good. */
  fail(status: BlockStatus): void {
    this.detach();
    const jobs = new Set([...this.#again.map((piece) => piece.progress), ...this.#waiting.slice(this.#next)]);
    this.#again = [];
    this.#waiting = [];
    this.#next = 0;
    for (const { job } of jobs) job.completed(status);
  }
}
