/**
 * Block devices and image files behind a granted descriptor, in batches: transfers go between the device and
 * dataspaces of clients, and no byte of them passes through JavaScript.
 */
import { native as addon } from "./native.js";

interface Facts {
  readonly handle: number;
  readonly kind: number;
  readonly size: number;
  readonly blockSize: number;
  readonly physicalBlockSize: number;
  readonly memoryAlignment: number;
  readonly direct: boolean;
  readonly memoryBacked: boolean;
  readonly readOnly: boolean;
  readonly trim: boolean;
  readonly engine: number;
  readonly depth: number;
  readonly probeReads: number;
  readonly probeSleeps: number;
  readonly probeNanoseconds: number;
  readonly uringError?: string;
}

interface BlockAddon {
  blockLock(descriptor: number): boolean;
  blockOpen(descriptor: number, engine: number, depth: number): Facts;
  blockClose(handle: number): void;
  blockAddBuffer(handle: number, memfd: number, offset: number, length: number): number;
  blockRemoveBuffer(handle: number, index: number): void;
  blockSubmit(handle: number, requests: Uint32Array, count: number): number;
  blockReap(handle: number, completions: Uint32Array): number;
  blockWatch(handle: number): number;
  blockArm(handle: number): boolean;
  blockRegistrationError(handle: number): string | undefined;
  blockDisarm(handle: number): void;
  blockCompletionDescriptor(handle: number): number;
}

const native = addon as unknown as BlockAddon;

/**
 * Takes the lock (flock) of what a descriptor is open on, for the open file itself; false while another open file has it.
 * The kernel gives it back with the last reference to the open file, and every request under way is one.
 */
export function lockBlocks(descriptor: number): boolean {
  return native.blockLock(descriptor);
}

/** How transfers reach the device; `automatic` measures when the device is opened. */
export type BlockEngine = "automatic" | "inline" | "io_uring" | "threads";
const engines: readonly BlockEngine[] = ["automatic", "inline", "io_uring", "threads"];

/** The words of a request. Positions and lengths are in bytes, 64-bit values as low and high half. */
export const blockRequest = {
  tag: 0,
  operation: 1,
  positionLow: 2,
  positionHigh: 3,
  lengthLow: 4,
  lengthHigh: 5,
  /** Index that {@link BlockDevice.addBuffer} gave. Read and write only. */
  buffer: 6,
  /** Bytes from the start of the buffer. Read and write only. */
  address: 7,
  /** Words of one request. */
  words: 8,
} as const;

export const blockOperation = { read: 0, write: 1, sync: 2, trim: 3 } as const;
export type BlockOperation = keyof typeof blockOperation;

/** The words of a completion. */
export const blockCompletion = {
  tag: 0,
  /** As a signed word: bytes moved by read and write, 0 after sync and trim, or a negative errno. */
  result: 1,
  words: 2,
} as const;

export interface BlockRequest {
  /** Chosen by the caller, repeated in the completion. */
  readonly tag: number;
  readonly operation: BlockOperation;
  /** Bytes from the start of the device, a multiple of the block size; ignored by sync. */
  readonly position?: number;
  /** Bytes, a multiple of the block size; ignored by sync. */
  readonly length?: number;
  readonly buffer?: number;
  readonly address?: number;
}

/** Writes a request as the `index`-th of a packed batch. */
export function packRequest(requests: Uint32Array, index: number, request: BlockRequest): void {
  const at = index * blockRequest.words;
  const position = request.position ?? 0;
  const length = request.length ?? 0;
  requests[at + blockRequest.tag] = request.tag;
  requests[at + blockRequest.operation] = blockOperation[request.operation];
  requests[at + blockRequest.positionLow] = position;
  requests[at + blockRequest.positionHigh] = Math.floor(position / 0x1_0000_0000);
  requests[at + blockRequest.lengthLow] = length;
  requests[at + blockRequest.lengthHigh] = Math.floor(length / 0x1_0000_0000);
  requests[at + blockRequest.buffer] = request.buffer ?? 0;
  requests[at + blockRequest.address] = request.address ?? 0;
}

/** What was measured when the device was opened, and led to the engine. */
export interface BlockProbe {
  /** Direct reads of one block each. None were made on a device that is not direct, or on a file of holes. */
  readonly reads: number;
  /** In how many of them the thread had to sleep: none means that the device completes inside of submit. */
  readonly sleeps: number;
  /** Median time of one read. */
  readonly nanoseconds: number;
  /** Name of the errno for which io_uring was not taken although the device queues. */
  readonly uringError: string | undefined;
}

/**
 * One open device. Sleeping takes three steps: {@link reap} until it returns 0; {@link arm}, and reap again when it
 * returns true; wait until {@link completionDescriptor} is readable.
 */
export class BlockDevice {
  readonly #handle: number;
  readonly kind: "device" | "file";
  /** Bytes, a multiple of {@link blockSize}. */
  readonly size: number;
  /** Positions and lengths of requests are multiples of it. */
  readonly blockSize: number;
  /** Bytes that the medium writes at once. */
  readonly physicalBlockSize: number;
  /** Addresses of requests are multiples of it. */
  readonly memoryAlignment: number;
  /** Transfers bypass the page cache. */
  readonly direct: boolean;
  /** A file of a file system in memory. */
  readonly memoryBacked: boolean;
  readonly readOnly: boolean;
  /** Trim works. */
  readonly trim: boolean;
  readonly engine: BlockEngine;
  /** Requests that may be under way, or completed and not yet reaped. */
  readonly depth: number;
  readonly probe: BlockProbe;

  /**
   * Opens what a granted descriptor stands for; the device keeps a duplicate of it. Direct I/O is switched on for the
   * open file description where it works.
   *
   * @throws an error with code ENOTBLK (neither block device nor file), EACCES (not readable), ENXIO (not even one
   * block), or, for a forced engine, the kernel's reason against it
   */
  constructor(descriptor: number, options: { readonly engine?: BlockEngine; readonly depth?: number } = {}) {
    const facts = native.blockOpen(descriptor, engines.indexOf(options.engine ?? "automatic"), options.depth ?? 256);
    this.#handle = facts.handle;
    this.kind = facts.kind === 0 ? "device" : "file";
    this.size = facts.size;
    this.blockSize = facts.blockSize;
    this.physicalBlockSize = facts.physicalBlockSize;
    this.memoryAlignment = facts.memoryAlignment;
    this.direct = facts.direct;
    this.memoryBacked = facts.memoryBacked;
    this.readOnly = facts.readOnly;
    this.trim = facts.trim;
    this.engine = engines[facts.engine] ?? "automatic";
    this.depth = facts.depth;
    this.probe = {
      reads: facts.probeReads,
      sleeps: facts.probeSleeps,
      nanoseconds: facts.probeNanoseconds,
      uringError: facts.uringError,
    };
  }

  /**
   * Maps `length` bytes of a dataspace from `offset`, a multiple of the page size; without a length, up to its end.
   * The result names the buffer in requests. The memfd must be sealed against shrinking: else its owner could crash
   * this process (EPERM). At most 64 buffers (ENOSPC).
   */
  addBuffer(memfd: number, offset = 0, length = 0): number {
    return native.blockAddBuffer(this.#handle, memfd, offset, length);
  }

  /** Unmaps a buffer. EBUSY while requests that name it are under way: reap them first. */
  removeBuffer(index: number): void {
    native.blockRemoveBuffer(this.#handle, index);
  }

  /**
   * Name of the errno for which the kernel did not register a buffer with the ring of io_uring, as ENOMEM at the limit of
   * locked memory: transfers work without, at the price of looking its pages up each time. Undefined when it took all.
   */
  get registrationError(): string | undefined {
    return native.blockRegistrationError(this.#handle);
  }

  /**
   * Takes the first `count` packed requests in order, and returns how many: fewer when {@link depth} is reached. A
   * request that is wrong completes with EINVAL (shape, alignment, unknown buffer), ERANGE (outside of the device),
   * EFAULT (outside of the buffer), EROFS or EOPNOTSUPP. Reap after each submit.
   */
  submit(requests: Uint32Array, count: number): number {
    return native.blockSubmit(this.#handle, requests, count);
  }

  /** Fills `completions` with what has completed, in any order, and returns how many. Never blocks. */
  reap(completions: Uint32Array): number {
    return native.blockReap(this.#handle, completions);
  }

  /**
   * Lets the waiting hook report completions: the slot, or -1 when all complete inside of submit. The hook arms and
   * disarms from here on. A report means: {@link reap}, until it fills no more than a part of its array. The slot ends
   * with the device.
   */
  watch(): number {
    return native.blockWatch(this.#handle);
  }

  /** Asks for the descriptor to be signalled. True when completions may be waiting already. */
  arm(): boolean {
    return native.blockArm(this.#handle);
  }

  /** Completions make no system call from here on: the owner looks at the completion word, or reaps. */
  disarm(): void {
    native.blockDisarm(this.#handle);
  }

  /** An eventfd of the device's own, readable when completions came while armed; -1 when all complete inside of submit. */
  get completionDescriptor(): number {
    return native.blockCompletionDescriptor(this.#handle);
  }

  /** Waits for the requests under way; whatever was not reaped is lost. */
  close(): void {
    native.blockClose(this.#handle);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
