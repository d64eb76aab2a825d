/**
 * Ethernet frames on packet streams: the source and the sink that Nic and Uplink sessions have on either side.
 *
 * Frames are dropped, not delayed: a network loses frames anyway, and whoever waits for room would hold up the others.
 * Drops are counted.
 */
import { BulkAllocator } from "../base/bulk-allocator.js";
import type { Dataspace } from "../base/dataspace.js";
import {
  type Bell,
  type PacketLayout,
  PacketSink,
  PacketSource,
  type StreamCounters,
  streamBytes,
} from "../base/packet-stream.js";

/** A session's end as its streams need it: both of base's RPC ends are one. */
export interface StreamSession extends Bell {
  /** False once the session ended, and its memory with it. */
  readonly open: boolean;
}

/** A descriptor without anything of its own: offset and length. */
interface Frame {
  readonly offset: number;
  readonly length: number;
}

/** Nic and Uplink streams alike. */
const slots = 1024;
const frameLayout: PacketLayout<Frame> = {
  name: "Frame",
  stride: 16,
  read: (view, at) => ({ offset: view.getUint32(at, true), length: view.getUint32(at + 4, true) }),
  write(view, at, frame) {
    view.setUint32(at, frame.offset, true);
    view.setUint32(at + 4, frame.length, true);
  },
};
const geometry = { slots, stride: frameLayout.stride };

/** Bytes of the dataspace of a stream with `bulkBytes` of room for frames. */
export function frameStreamBytes(bulkBytes: number): number {
  return streamBytes(geometry, bulkBytes);
}

/** Sends frames. */
export class FrameSource {
  readonly #source: PacketSource<Frame>;
  readonly #allocator: BulkAllocator;
  /** Lengths of the frames under way by offset: what the peer acknowledges is checked against it. */
  readonly #underWay = new Map<number, number>();
  readonly #session: StreamSession;
  #wakeupDue = false;
  /** Frames that found no room, or no slot. */
  dropped = 0;

  constructor(dataspace: Dataspace, session: StreamSession) {
    this.#source = new PacketSource(dataspace, geometry, frameLayout, session);
    this.#allocator = new BulkAllocator(this.#source.bulk.length);
    this.#session = session;
  }

  get counters(): StreamCounters {
    return this.#source.counters;
  }

  /** Frames that the peer has not acknowledged. */
  get underWay(): number {
    return this.#source.underWay;
  }

  /** Copies a frame into the stream; false when it was dropped. The peer is woken once, at the end of the current turn. */
  send(frame: Uint8Array): boolean {
    const { length } = frame;
    const offset =
      this.#session.open && length > 0 && this.#source.readyToSubmit ? this.#allocator.allocate(length) : undefined;
    if (offset === undefined) {
      this.dropped += 1;
      return false;
    }
    this.#source.bulk.set(frame, offset);
    this.#source.submit({ offset, length });
    this.#underWay.set(offset, length);
    if (!this.#wakeupDue) {
      this.#wakeupDue = true;
      queueMicrotask(() => this.wakeup());
    }
    return true;
  }

  /** Publishes at once what was sent. */
  wakeup(): void {
    this.#wakeupDue = false;
    if (this.#session.open) this.#source.wakeup();
  }

  /** Frees the room of acknowledged frames. To be called whenever the peer moved. */
  reclaim(): void {
    const count = this.#source.acknowledged(({ offset }) => {
      const length = this.#underWay.get(offset);
      if (length === undefined) return this.#session.fail("it acknowledged a frame that is not under way");
      this.#underWay.delete(offset);
      this.#allocator.free(offset, length);
    });
    if (count > 0 && this.#session.open) this.#source.wakeup();
  }
}

/** Receives frames. */
export class FrameSink {
  readonly #sink: PacketSink<Frame>;
  readonly #session: StreamSession;
  #scheduled = false;
  /** Frames whose descriptor does not lie in the bulk area. */
  malformed = 0;

  constructor(dataspace: Dataspace, session: StreamSession) {
    this.#sink = new PacketSink(dataspace, geometry, frameLayout, session);
    this.#session = session;
  }

  get counters(): StreamCounters {
    return this.#sink.counters;
  }

  /**
   * Hands over the frames that wait, and acknowledges each when its handler returns. To be called whenever the peer moved.
   *
   * The handler gets the frame where it lies in **shared memory**, valid during the call only: copy it before decoding
   * anything of it. A turn takes at most as many frames as the ring holds, and goes on in the next.
   */
  drain(handler: (shared: Uint8Array) => void): void {
    for (let taken = 0; this.#session.open && taken < slots; ++taken) {
      const frame = this.#sink.take();
      if (frame === undefined) break;
      if (frame.length > 0 && this.#sink.valid(frame)) handler(this.#sink.content(frame));
      else this.malformed += 1;
      // The handler may have ended the session, and the memory with it.
      if (!this.#session.open) return;
      this.#sink.acknowledge(frame);
    }
    if (!this.#session.open) return;
    this.#sink.wakeup();
    if (this.#sink.packetAvailable && !this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        if (this.#session.open) this.drain(handler);
      });
    }
  }
}
