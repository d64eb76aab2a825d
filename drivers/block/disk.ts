/**
 * The device behind the driver: what is under way there, and what becomes of it when the device goes away and returns.
 */
import { setTimeout as delay } from "node:timers/promises";
import { errorMessage } from "../../base/errors.js";
import { forgetSlot, onSlot, startEventLoop } from "../../base/event-loop.js";
import { monotonic } from "../../base/monotonic.js";
import {
  BlockDevice,
  type BlockEngine,
  blockCompletion,
  blockOperation,
  blockRequest,
  lockBlocks,
} from "../../bindings/block.js";
import { errno } from "../../bindings/errno.js";
import { BlockOperation, type BlockPacket, BlockStatus } from "../../sessions/block/index.js";
import type { HostGrant, PlatformConnection } from "../../sessions/platform/index.js";
import type { BlockSession } from "./block-session.js";

/** Whether an error says that the device is not there: the host cannot open it, or it has no blocks. */
function absent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "Device" || code === "ENXIO";
}

/** How often a device that went away is looked for when nobody tells of its return, in milliseconds. */
const searchPeriod = 1000;

/** How often a lock that another has is looked at, in milliseconds. */
const lockPeriod = 4;
/** How long that goes on before people are told, in milliseconds. */
const lockPatience = 250;

/**
 * Whether nobody else writes there. A driver that is killed may leave requests in the kernel, which would land on what
 * the next one writes; as long as there is one, it keeps the dead driver's open file, and that the lock.
 */
function locked({ descriptor, path, writeable }: HostGrant): boolean {
  if (!writeable) return true;
  try {
    return lockBlocks(descriptor);
  } catch (error) {
    console.error(
      `${errorMessage(error)}; ${path} is used without: if this driver is killed, its last write may be late`,
    );
    return true;
  }
}

/** Waits for the lock; for nothing more once it is `abandoned`. */
async function untilLocked(grant: HostGrant, abandoned = (): boolean => false): Promise<void> {
  const began = monotonic();
  for (let told = false; !abandoned() && !locked(grant); await delay(lockPeriod)) {
    if (told || monotonic() < began + lockPatience) continue;
    told = true;
    console.error(
      `${grant.path} is locked, by another program or by requests of a driver that was killed; waiting until it is free`,
    );
  }
}

const operations: Readonly<Record<BlockOperation, number>> = {
  [BlockOperation.read]: blockOperation.read,
  [BlockOperation.write]: blockOperation.write,
  [BlockOperation.sync]: blockOperation.sync,
  [BlockOperation.trim]: blockOperation.trim,
};

interface UnderWay {
  readonly session: BlockSession;
  readonly packet: BlockPacket;
  /** Bytes that earlier requests moved for this packet: the kernel may move fewer than asked. */
  done: number;
}

export interface DiskOptions {
  readonly grant: string;
  readonly engine: BlockEngine;
  readonly depth: number;
  /** Requests came back. */
  readonly completed: () => void;
  /** The device is there again, or gone. */
  readonly changed: () => void;
}

export class Disk {
  readonly #platform: PlatformConnection;
  readonly #options: DiskOptions;
  #grant: HostGrant;
  #device: BlockDevice | undefined;
  #slot = -1;
  /** The facts of the device, also while it is gone. */
  #facts: BlockDevice;
  readonly #requests: Uint32Array;
  #queued = 0;
  readonly #completions: Uint32Array;
  /** By tag. */
  readonly #underWay: (UnderWay | undefined)[];
  readonly #freeTags: number[];
  #searching: NodeJS.Timeout | undefined;
  #acquiring = false;
  #closed = false;

  private constructor(platform: PlatformConnection, options: DiskOptions, grant: HostGrant, device: BlockDevice) {
    this.#platform = platform;
    this.#options = options;
    this.#grant = grant;
    this.#facts = device;
    this.#requests = new Uint32Array(device.depth * blockRequest.words);
    this.#completions = new Uint32Array(device.depth * blockCompletion.words);
    this.#underWay = new Array<undefined>(device.depth).fill(undefined);
    this.#freeTags = Array.from({ length: device.depth }, (_, index) => index);
    this.#use(device);
    platform.onChange(() => void this.#search());
  }

  /**
   * Opens the grant, or waits until it is there: a removable medium may come later.
   * @throws SessionError `NotFound` (no such grant); errors of {@link BlockDevice}
   */
  static async open(platform: PlatformConnection, options: DiskOptions): Promise<Disk> {
    for (let told = false; ; told = true) {
      let grant: HostGrant | undefined;
      try {
        grant = await platform.acquire(options.grant);
        await untilLocked(grant);
        return new Disk(platform, options, grant, new BlockDevice(grant.descriptor, options));
      } catch (error) {
        grant?.close();
        if (!absent(error)) throw error;
        if (!told) console.error(`Cannot open "${options.grant}" yet: ${errorMessage(error)}; waiting for it`);
        await delay(searchPeriod);
      }
    }
  }

  /** Undefined while it is gone. */
  get device(): BlockDevice | undefined {
    return this.#device;
  }

  get facts(): BlockDevice {
    return this.#facts;
  }

  /** What it is on the host. */
  get path(): string {
    return this.#grant.path;
  }

  get room(): number {
    return this.#freeTags.length;
  }

  #use(device: BlockDevice): void {
    startEventLoop();
    this.#device = device;
    this.#facts = device;
    this.#slot = device.watch();
    if (this.#slot >= 0) onSlot(this.#slot, () => this.reap());
  }

  /** Queues a checked request; {@link submit} hands over what is queued. Only while there is {@link room}. */
  request(session: BlockSession, packet: BlockPacket): void {
    const tag = this.#freeTags.pop() as number;
    this.#underWay[tag] = { session, packet, done: 0 };
    session.underWay += 1;
    this.#pack(tag, session, packet, 0);
  }

  #pack(tag: number, session: BlockSession, packet: BlockPacket, done: number): void {
    const { blockSize } = this.#facts;
    const at = this.#queued * blockRequest.words;
    const position = session.deviceBlock(packet.block) * blockSize + done;
    const length = packet.count * blockSize - done;
    const words = this.#requests;
    words[at + blockRequest.tag] = tag;
    words[at + blockRequest.operation] = operations[packet.operation];
    words[at + blockRequest.positionLow] = position;
    words[at + blockRequest.positionHigh] = Math.floor(position / 0x1_0000_0000);
    words[at + blockRequest.lengthLow] = length;
    words[at + blockRequest.lengthHigh] = Math.floor(length / 0x1_0000_0000);
    words[at + blockRequest.buffer] = session.buffer;
    words[at + blockRequest.address] = session.address(packet) + done;
    this.#queued += 1;
  }

  /** Hands over what is queued, and takes what completed inside of that. */
  submit(): void {
    const device = this.#device;
    if (device === undefined || this.#queued === 0) return;
    const count = this.#queued;
    this.#queued = 0;
    // There are as many tags as the device has places: it takes them all.
    device.submit(this.#requests, count);
    this.reap();
  }

  /** Takes what completed. */
  reap(): void {
    const device = this.#device;
    if (device === undefined) return;
    const room = this.#completions.length / blockCompletion.words;
    let any = false;
    let lost = false;
    for (;;) {
      const count = device.reap(this.#completions);
      for (let index = 0; index < count; ++index) {
        const at = index * blockCompletion.words;
        if (
          !this.#completed(
            this.#completions[at + blockCompletion.tag] as number,
            (this.#completions[at + blockCompletion.result] as number) | 0,
          )
        )
          lost = true;
      }
      any ||= count > 0;
      if (count < room) break;
    }
    if (lost) this.#lose();
    else if (this.#queued > 0) this.submit();
    if (any) this.#options.completed();
  }

  /** False when the device is gone. */
  #completed(tag: number, result: number): boolean {
    const { session, packet, done } = this.#underWay[tag] as UnderWay;
    const transfer = packet.operation === BlockOperation.read || packet.operation === BlockOperation.write;
    if (transfer && result > 0 && result < packet.length - done) {
      const entry = this.#underWay[tag] as UnderWay;
      entry.done = done + result;
      // A part of a block cannot be asked for.
      entry.done -= entry.done % this.#facts.blockSize;
      if (entry.done > done) {
        this.#pack(tag, session, packet, entry.done);
        return true;
      }
    }
    const status = this.#status(packet, transfer && result >= 0 && result < packet.length - done ? -errno.EIO : result);
    this.#return(tag, status);
    return status !== BlockStatus.device_gone;
  }

  #return(tag: number, status: BlockStatus): void {
    const { session, packet } = this.#underWay[tag] as UnderWay;
    this.#underWay[tag] = undefined;
    this.#freeTags.push(tag);
    session.underWay -= 1;
    session.acknowledge(packet, status);
    if (!session.open && session.underWay === 0) session.release();
  }

  #status(packet: BlockPacket, result: number): BlockStatus {
    if (result >= 0) return BlockStatus.ok;
    switch (-result) {
      case errno.ENXIO:
      case errno.ENODEV:
      case errno.ENOMEDIUM:
        return BlockStatus.device_gone;
      case errno.EIO:
        return this.#present() ? BlockStatus.io_error : BlockStatus.device_gone;
      case errno.ENOSPC:
      case errno.EDQUOT:
        // A block device that shrank says so too.
        return this.#present() ? BlockStatus.no_space : BlockStatus.device_gone;
      case errno.EROFS:
        return BlockStatus.read_only;
      case errno.ERANGE:
        return BlockStatus.out_of_range;
      case errno.EINVAL:
      case errno.EFAULT:
        return packet.operation === BlockOperation.sync ? BlockStatus.io_error : BlockStatus.malformed;
      default:
        return BlockStatus.io_error;
    }
  }

  /** Whether an error is one of the medium: a device that was taken away has no blocks any more. */
  #present(): boolean {
    try {
      using again = new BlockDevice(this.#grant.descriptor, { engine: "inline", depth: 1 });
      return again.size === this.#facts.size;
    } catch {
      return false;
    }
  }

  /** The device went away. What is still under way there fails with it. */
  #lose(): void {
    const device = this.#device;
    if (device === undefined) return;
    console.error(`${this.#grant.path} is gone; requests fail until it is back`);
    this.#device = undefined;
    this.#queued = 0;
    if (this.#slot >= 0) forgetSlot(this.#slot);
    device.close();
    for (let tag = 0; tag < this.#underWay.length; ++tag)
      if (this.#underWay[tag] !== undefined) this.#return(tag, BlockStatus.device_gone);
    this.#grant.close();
    this.#options.changed();
    // Otherwise the kernel would give the device that comes back another name: the host holds the old one open.
    this.#platform
      .release(this.#options.grant)
      .catch((error: unknown) => console.error(`Cannot give back "${this.#options.grant}": ${errorMessage(error)}`))
      .finally(() => void this.#search());
  }

  /** Looks for a device that went away, until it is back. */
  async #search(): Promise<void> {
    if (this.#device !== undefined || this.#closed || this.#acquiring) return;
    clearTimeout(this.#searching);
    this.#acquiring = true;
    let grant: HostGrant | undefined;
    try {
      grant = await this.#platform.acquire(this.#options.grant);
      await untilLocked(grant, () => this.#closed);
      if (this.#closed) return grant.close();
      const device = new BlockDevice(grant.descriptor, this.#options);
      if (device.blockSize !== this.#facts.blockSize) {
        device.close();
        throw new Error(`its blocks have ${device.blockSize} bytes, not ${this.#facts.blockSize}`);
      }
      this.#grant = grant;
      this.#use(device);
      console.log(`${grant.path} is back`);
      this.#options.changed();
    } catch (error) {
      grant?.close();
      if (!absent(error)) console.error(`Cannot use "${this.#options.grant}": ${errorMessage(error)}`);
    } finally {
      this.#acquiring = false;
      if (this.#device === undefined && !this.#closed)
        this.#searching = setTimeout(() => void this.#search(), searchPeriod);
    }
  }

  /** Waits for what is under way. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#searching);
    if (this.#slot >= 0 && this.#device !== undefined) forgetSlot(this.#slot);
    this.#device?.close();
    this.#device = undefined;
    this.#grant.close();
  }
}
