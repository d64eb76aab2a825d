/**
 * Packet streams: bulk data through shared memory, signals only (docs/wire-format.md, "Packet streams").
 *
 * The life of a packet: the source allocates room in the bulk area and fills it; *submits* a descriptor; the sink
 * takes it, works on the payload where it lies, and *acknowledges* it with a descriptor that carries the result; the
 * source takes the acknowledgement and frees the room. Exactly one side owns a packet at any time.
 *
 * Full and empty: a source never has more than `slots` packets under way, so both rings always have room; with that
 * many under way `submit` answers false, and the next acknowledgement makes room. An empty ring is nothing to wait
 * for: the session's bell announces the next packet. Whoever handles a bell drains until nothing is left.
 *
 * Submits and acknowledgements become visible with `wakeup()`, once a batch: one store, at most one doorbell.
 */
import type { Dataspace } from "./dataspace.js";
import { errorMessage, SessionError } from "./errors.js";
import { stream as layout } from "./layout.js";

/** What the interface compiler generates for a `packet` definition. Descriptors start with offset and length. */
export interface PacketLayout<Packet extends PacketDescriptor> {
  readonly name: string;
  /** Bytes of one descriptor: a power of two, at least 16. */
  readonly stride: number;
  read(view: DataView, at: number): Packet;
  write(view: DataView, at: number, packet: Packet): void;
}

export interface PacketDescriptor {
  /** Of the payload in the bulk area, in bytes. */
  readonly offset: number;
  readonly length: number;
}

/** What both ends derive from the interface, never from the memory. */
export interface StreamGeometry {
  readonly slots: number;
  readonly stride: number;
}

/** Where the bulk area starts. */
export function bulkStart({ slots, stride }: StreamGeometry): number {
  const end = layout.ringsByte + 2 * slots * stride;
  return Math.ceil(end / layout.pageBytes) * layout.pageBytes;
}

/** The dataspace that a stream with `bulkBytes` of payload room needs, in bytes. */
export function streamBytes(geometry: StreamGeometry, bulkBytes: number): number {
  return bulkStart(geometry) + bulkBytes;
}

/** Whoever carries the bell of the stream's session. */
export interface Bell {
  bell(): void;
  fail(why: string): void;
  /** Where it keeps the counters of its streams. */
  readonly streams?: StreamCounters[];
}

/** Counters since the stream was opened, brought up to date by each wakeup. */
export interface StreamCounters {
  packets: number;
  bytes: number;
  wakeups: number;
  /** How often `submit` found as many packets under way as there are slots. */
  full: number;
}

/** Views of payloads that an end of a stream keeps. */
const mostViews = 1024;

class StreamEnd<Packet extends PacketDescriptor> {
  protected readonly words: Int32Array;
  protected readonly view: DataView;
  protected readonly stride: number;
  protected readonly mask: number;
  protected readonly slots: number;
  protected readonly submitRing: number;
  protected readonly acknowledgeRing: number;
  protected readonly session: Bell;
  protected readonly packetLayout: PacketLayout<Packet>;
  /** The bulk area: shared memory, which the peer may change at any time. */
  readonly bulk: Uint8Array;
  readonly counters: StreamCounters = { packets: 0, bytes: 0, wakeups: 0, full: 0 };
  /** Payloads by their offset: a stream uses the same places again and again, and to make a view takes as long as a short copy. */
  readonly #views = new Map<number, Uint8Array>();

  constructor(dataspace: Dataspace, geometry: StreamGeometry, packetLayout: PacketLayout<Packet>, session: Bell) {
    const start = bulkStart(geometry);
    if (dataspace.size < start) {
      throw new SessionError(
        "Malformed",
        `Cannot open a packet stream: its dataspace has ${dataspace.size} bytes, the rings alone need ${start}`,
      );
    }
    this.words = new Int32Array(dataspace.buffer);
    this.view = new DataView(dataspace.buffer);
    this.stride = geometry.stride;
    this.slots = geometry.slots;
    this.mask = geometry.slots - 1;
    this.submitRing = layout.ringsByte;
    this.acknowledgeRing = layout.ringsByte + geometry.slots * geometry.stride;
    this.bulk = new Uint8Array(dataspace.buffer, start);
    this.packetLayout = packetLayout;
    this.session = session;
    session.streams?.push(this.counters);
  }

  /** True when the packet's payload lies within the bulk area; never adds what a peer chose. */
  valid(packet: PacketDescriptor): boolean {
    return packet.offset <= this.bulk.length && packet.length <= this.bulk.length - packet.offset;
  }

  /** The payload in place. Zero-length packets have none. */
  content({ offset, length }: PacketDescriptor): Uint8Array {
    const known = this.#views.get(offset);
    if (known?.length === length) return known;
    if (this.#views.size === mostViews) this.#views.clear();
    const view = this.bulk.subarray(offset, offset + length);
    this.#views.set(offset, view);
    return view;
  }
}

export class PacketSource<Packet extends PacketDescriptor> extends StreamEnd<Packet> {
  #submitted = 0;
  #published = 0;
  #acknowledged = 0;
  #taken = 0;
  /** Submitted since the last wakeup. */
  #bytes = 0;

  /** Packets submitted and not yet taken back. */
  get underWay(): number {
    return (this.#submitted - this.#taken) >>> 0;
  }

  get readyToSubmit(): boolean {
    return this.underWay < this.slots;
  }

  /** Puts a packet into the submit ring; false when as many as there are slots are under way. */
  submit(packet: Packet): boolean {
    if (this.underWay >= this.slots) {
      this.counters.full += 1;
      return false;
    }
    this.packetLayout.write(this.view, this.submitRing + (this.#submitted & this.mask) * this.stride, packet);
    this.#submitted = (this.#submitted + 1) | 0;
    this.#bytes += packet.length;
    return true;
  }

  /** Publishes what was submitted and taken back since the last call, and wakes a sleeping sink once. */
  wakeup(): void {
    if (this.#acknowledged !== this.#taken) {
      this.#acknowledged = this.#taken;
      Atomics.store(this.words, layout.acknowledgeTailWord, this.#taken);
    }
    if (this.#published === this.#submitted) return;
    this.counters.packets += (this.#submitted - this.#published) >>> 0;
    this.counters.bytes += this.#bytes;
    this.#bytes = 0;
    this.#published = this.#submitted;
    Atomics.store(this.words, layout.submitHeadWord, this.#submitted);
    this.counters.wakeups += 1;
    this.session.bell();
  }

  /** Calls `handler` with every acknowledged packet. Returns how many there were. */
  acknowledged(handler: (packet: Packet) => void): number {
    const head = Atomics.load(this.words, layout.acknowledgeHeadWord);
    const available = (head - this.#taken) >>> 0;
    if (available > this.underWay) {
      this.session.fail("it acknowledged packets that were not submitted");
      return 0;
    }
    for (let i = 0; i < available; ++i) {
      let packet: Packet;
      try {
        packet = this.packetLayout.read(this.view, this.acknowledgeRing + (this.#taken & this.mask) * this.stride);
      } catch (error) {
        this.session.fail(`an acknowledgement is not one of ${this.packetLayout.name}: ${errorMessage(error)}`);
        return i;
      }
      this.#taken = (this.#taken + 1) | 0;
      handler(packet);
    }
    return available;
  }
}

export class PacketSink<Packet extends PacketDescriptor> extends StreamEnd<Packet> {
  /** The source's index when we last looked; never more than `slots` ahead of what we acknowledged. */
  #head = 0;
  #taken = 0;
  #acknowledged = 0;
  #published = 0;
  /** Taken since the last wakeup: packets up to `#counted` are in the counters. */
  #bytes = 0;
  #counted = 0;

  /** Packets taken and not yet acknowledged. */
  get underWay(): number {
    return (this.#taken - this.#acknowledged) >>> 0;
  }

  /** True when at least one submitted packet waits. */
  get packetAvailable(): boolean {
    return this.#head !== this.#taken || Atomics.load(this.words, layout.submitHeadWord) !== this.#taken;
  }

  /** The next packet as a private copy of its descriptor, or undefined. Check it with {@link valid}. */
  take(): Packet | undefined {
    if (this.#head === this.#taken && !this.#look()) return undefined;
    let packet: Packet;
    try {
      packet = this.packetLayout.read(this.view, this.submitRing + (this.#taken & this.mask) * this.stride);
    } catch (error) {
      this.session.fail(`a descriptor is not one of ${this.packetLayout.name}: ${errorMessage(error)}`);
      return undefined;
    }
    this.#taken = (this.#taken + 1) | 0;
    this.#bytes += packet.length;
    return packet;
  }

  /** Looks at the shared index, once for all packets that a batch brought. True when packets wait. */
  #look(): boolean {
    const head = Atomics.load(this.words, layout.submitHeadWord);
    if (head === this.#taken) return false;
    if ((head - this.#acknowledged) >>> 0 > this.slots) {
      this.session.fail("it submitted more packets than the stream has slots");
      return false;
    }
    this.#head = head;
    return true;
  }

  /** Puts a taken packet, with its result, into the acknowledge ring. In any order. */
  acknowledge(packet: Packet): void {
    if (this.underWay === 0) throw new RangeError("Cannot acknowledge a packet that was not taken");
    this.packetLayout.write(this.view, this.acknowledgeRing + (this.#acknowledged & this.mask) * this.stride, packet);
    this.#acknowledged = (this.#acknowledged + 1) | 0;
  }

  /** Publishes what was taken and acknowledged since the last call, and wakes a sleeping source once. */
  wakeup(): void {
    Atomics.store(this.words, layout.submitTailWord, this.#taken);
    this.counters.packets += (this.#taken - this.#counted) >>> 0;
    this.counters.bytes += this.#bytes;
    this.#counted = this.#taken;
    this.#bytes = 0;
    if (this.#published === this.#acknowledged) return;
    this.#published = this.#acknowledged;
    Atomics.store(this.words, layout.acknowledgeHeadWord, this.#acknowledged);
    this.counters.wakeups += 1;
    this.session.bell();
  }
}
