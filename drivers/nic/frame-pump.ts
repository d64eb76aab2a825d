/**
 * Frames between a network device and the two packet streams of a session, in batches and without copies: native code
 * moves them between the descriptor and the streams' memory.
 *
 * Frames from the device that find no room stay in the kernel's queue, which drops what is too much. Frames that the
 * device does not take now wait in the stream.
 */

import { BulkAllocator } from "../../base/bulk-allocator.js";
import type { Dataspace } from "../../base/dataspace.js";
import { watchDescriptor } from "../../base/event-loop.js";
import { type Bell, bulkStart, PacketSink, PacketSource } from "../../base/packet-stream.js";
import { native } from "../../bindings/native.js";
import { largestFrame, type NetDevice, type NetHeader, netBatch, netFrame } from "../../bindings/net.js";
import { NicFrame, nicSlots } from "../../sessions/nic/nic.generated.js";

/** Nic and Uplink streams alike. */
const geometry = { slots: nicSlots, stride: NicFrame.stride } as const;
const bulk = bulkStart(geometry);
/** Room for a frame without offloads: 1500 bytes, Ethernet, a VLAN tag. A power of two keeps places on few cache lines. */
const plainRoom = 2048;
const alignment = 64;
/** How long after an interface went down it is looked whether it went away, at first and at most, in milliseconds. */
const soon = 10;
const atLeastEvery = 60 * 60 * 1000;
/** Batches in one direction before the other has its turn. */
const batchesPerTurn = 16;

/** The session whose streams these are. */
export interface PumpSession extends Bell {
  readonly open: boolean;
  onMoved: (() => void) | undefined;
}

export class FramePump {
  readonly #device: NetDevice;
  readonly #session: PumpSession;
  readonly #header: NetHeader;
  readonly #gone: () => void;
  readonly #source: PacketSource<NicFrame>;
  readonly #sink: PacketSink<NicFrame>;
  readonly #sourceBuffer: number;
  readonly #sinkBuffer: number;
  readonly #allocator: BulkAllocator;
  /** Bytes of a place for one frame from the device. */
  readonly #room: number;
  /** Places that wait for frames, by their offset in the bulk area. */
  readonly #places: number[] = [];
  /** Lengths of places under way by offset: what the peer acknowledges is checked against it. */
  readonly #underWay = new Map<number, number>();
  readonly #incoming = new Uint32Array(netBatch * netFrame.words);
  /** Taken from the sink, and not yet by the device. */
  #waiting: NicFrame[] = [];
  readonly #outgoing = new Uint32Array(netBatch * netFrame.words);
  readonly #output: number;
  #endReading: (() => void) | undefined;
  #looking: NodeJS.Timeout | undefined;
  #endWriting: (() => void) | undefined;
  #open = true;
  /** Frames of the session whose descriptor was wrong. */
  malformed = 0;

  /** `toSession` carries what the device received. The dataspaces stay the caller's. `gone`: the device was removed. */
  constructor(
    device: NetDevice,
    session: PumpSession,
    toSession: Dataspace,
    fromSession: Dataspace,
    options: { readonly offloads: boolean; readonly gone: () => void },
  ) {
    this.#device = device;
    this.#session = session;
    this.#header = options.offloads ? 12 : 0;
    this.#gone = options.gone;
    this.#source = new PacketSource(toSession, geometry, NicFrame, session);
    this.#sink = new PacketSink(fromSession, geometry, NicFrame, session);
    this.#sourceBuffer = device.addBuffer(toSession.descriptor);
    this.#sinkBuffer = device.addBuffer(fromSession.descriptor);
    this.#allocator = new BulkAllocator(this.#source.bulk.length, alignment);
    this.#room = options.offloads ? Math.ceil((largestFrame + 2) / alignment) * alignment : plainRoom;
    // One descriptor has one watch.
    this.#output = native.duplicateDescriptor(device.descriptor);
    session.onMoved = () => this.#moved();
    this.#listen();
    this.#moved();
  }

  #listen(): void {
    if (this.#open) this.#endReading ??= watchDescriptor(this.#device.descriptor, "readable", () => this.#receive());
  }

  #moved(): void {
    if (!this.#open) return;
    const count = this.#source.acknowledged(({ offset }) => {
      const length = this.#underWay.get(offset);
      if (length === undefined) return this.#session.fail("it acknowledged a frame that is not under way");
      this.#underWay.delete(offset);
      this.#allocator.free(offset, length);
    });
    if (!this.#open || !this.#session.open) return;
    if (count > 0) {
      this.#source.wakeup();
      this.#listen();
    }
    this.#send();
  }

  /** From the device to the session. */
  #receive(): void {
    if (!this.#open || !this.#session.open) return;
    for (let batch = 0; batch < batchesPerTurn; ++batch) {
      const count = this.#offer();
      if (count === 0) {
        // The kernel keeps and counts what waits; an acknowledgement makes room.
        this.#endReading = void this.#endReading?.();
        break;
      }
      const filled = this.#transfer(
        () => this.#device.receive(this.#sourceBuffer, this.#incoming, count, this.#header),
        0,
      );
      if (filled === undefined) return;
      for (let index = 0; index < filled; ++index) this.#submit(index * netFrame.words);
      this.#source.wakeup();
      // Places may have changed their order.
      this.#places.length = 0;
      for (let index = filled; index < count; ++index)
        this.#places.push((this.#incoming[index * netFrame.words] as number) - bulk);
      if (filled < count) break;
    }
  }

  /** Lists places for frames; returns how many. */
  #offer(): number {
    const most = Math.min(netBatch, nicSlots - this.#source.underWay);
    while (this.#places.length < most) {
      const offset = this.#allocator.allocate(this.#room);
      if (offset === undefined) break;
      this.#places.push(offset);
    }
    const count = Math.min(this.#places.length, most);
    for (let index = 0; index < count; ++index) {
      this.#incoming[index * netFrame.words + netFrame.address] = bulk + (this.#places[index] as number);
      this.#incoming[index * netFrame.words + netFrame.length] = this.#room;
    }
    return count;
  }

  #submit(at: number): void {
    const offset = (this.#incoming[at + netFrame.address] as number) - bulk;
    const length = this.#incoming[at + netFrame.length] as number;
    // What the frame does not use is free at once: a place for a whole segment mostly holds a small frame.
    const used = Math.ceil(length / alignment) * alignment;
    this.#allocator.free(offset + used, this.#room - used);
    this.#underWay.set(offset, length);
    this.#source.submit({ offset, length });
  }

  /** From the session to the device. */
  #send(): void {
    if (!this.#open || !this.#session.open) return;
    for (let batch = 0; batch < batchesPerTurn; ++batch) {
      this.#take();
      const count = this.#waiting.length;
      if (count === 0) {
        // Malformed frames may have been all there was.
        this.#sink.wakeup();
        break;
      }
      for (const [index, { offset, length }] of this.#waiting.entries()) {
        this.#outgoing[index * netFrame.words + netFrame.address] = bulk + offset;
        this.#outgoing[index * netFrame.words + netFrame.length] = length;
      }
      const consumed = this.#transfer(
        () => this.#device.send(this.#sinkBuffer, this.#outgoing, count, this.#header),
        count,
      );
      if (consumed === undefined) return;
      for (let index = 0; index < consumed; ++index) this.#sink.acknowledge(this.#waiting[index] as NicFrame);
      this.#waiting = this.#waiting.slice(consumed);
      // Now, not at the end of the turn: the client fills the room while the next batch goes out.
      this.#sink.wakeup();
      if (this.#waiting.length > 0) {
        this.#endWriting ??= watchDescriptor(this.#output, "writable", () => {
          this.#endWriting = void this.#endWriting?.();
          this.#send();
        });
        break;
      }
    }
    if (this.#waiting.length === 0 && this.#sink.packetAvailable) setImmediate(() => this.#send());
  }

  #take(): void {
    while (this.#waiting.length < netBatch) {
      const frame = this.#sink.take();
      // Whoever submits what is no frame loses the session.
      if (frame === undefined || !this.#open) return;
      if (frame.length > 0 && this.#sink.valid(frame)) this.#waiting.push(frame);
      else {
        this.malformed += 1;
        this.#sink.acknowledge(frame);
      }
    }
  }

  /** How many frames moved; with the interface down, `whenDown`. Undefined: the device is gone. */
  #transfer(move: () => number, whenDown: number): number | undefined {
    try {
      return move();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Receiving tells of it once each time, sending as long as it lasts.
      if (code === "ENETDOWN" && (whenDown === 0 || this.#looking === undefined)) this.#expectEnd();
      // Like a wire without a far end: what is sent is lost.
      if (code === "ENETDOWN" || code === "EIO") return whenDown;
      if (code !== "EBADFD") throw error;
      this.#end();
      return undefined;
    }
  }

  /**
   * The interface went down, perhaps since it is being removed, of which nobody tells: looks for that, ever more rarely.
   * Frames that come meanwhile prove nothing, as they may have waited.
   */
  #expectEnd(after = soon): void {
    clearTimeout(this.#looking);
    this.#looking = setTimeout(() => {
      if (this.#device.present) this.#expectEnd(Math.min(2 * after, atLeastEvery));
      else this.#end();
    }, after);
  }

  #end(): void {
    this.close();
    this.#gone();
  }

  /** Ends the traffic. The session and the device stay the caller's. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    clearTimeout(this.#looking);
    this.#session.onMoved = undefined;
    this.#endReading = void this.#endReading?.();
    this.#endWriting = void this.#endWriting?.();
    native.closeDescriptor(this.#output);
    this.#device.removeBuffer(this.#sourceBuffer);
    this.#device.removeBuffer(this.#sinkBuffer);
  }
}
