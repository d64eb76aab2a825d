/**
 * A channel end: the socket and the memory of one session, as docs/wire-format.md describes them. This file moves
 * messages; what they mean is the business of rpc-client.ts and rpc-server.ts.
 */
import { getSystemErrorName } from "node:util";
import { errno } from "../bindings/errno.js";
import { native, slotBits } from "../bindings/native.js";
import { capabilitiesOf, capabilityKindsOf } from "./capability-kinds.js";
import type { ChannelUser, Incoming } from "./channel-user.js";
import { Dataspace } from "./dataspace.js";
import { errorMessage, SessionError } from "./errors.js";
import { forgetSlot, onSlot, startEventLoop } from "./event-loop.js";
import { channel as layout, messageHeaderBytes, messageKind, type Side } from "./layout.js";
import { type Capability, capabilityKinds, maxCapabilities, maxPayloadBytes, Reader, type Writer } from "./message.js";
import { monotonic } from "./monotonic.js";

const mask = layout.slots - 1;
const ringWords = layout.slots * layout.slotWords;
const ringBytes = layout.slots * layout.slotBytes;
const headerWords = messageHeaderBytes / 4;
/** Payloads up to two slots are copied by a loop over words; longer ones are worth a call that copies bytes. */
const longestWordCopy = 2 * layout.slotBytes - messageHeaderBytes;
/**
 * A turn takes at most this many messages of one session, and after the first few no more once they took so many
 * milliseconds, so that none starves the others: a peer chooses what its messages cost.
 */
const messagesPerTurn = 64;
const millisecondsPerTurn = 0.05;

// One reader serves all channels of a process: a message is decoded before the next is read.
const reader = new Reader();
const readerWords = new Int32Array(reader.buffer);
const incoming: Incoming = { kind: 0, id: 0, code: 0, object: 0 };

/** Slots that a message with `length` payload bytes occupies. */
export function slotsFor(length: number): number {
  return (messageHeaderBytes + length + layout.slotBytes - 1) >>> 6;
}

/** Closes the descriptors that a message was to move, once it is sent or never will be. */
export function closeMoved(writer: Writer): void {
  for (const capability of writer.capabilities)
    if (capability.move) for (const descriptor of capability.descriptors) native.closeDescriptor(descriptor);
}

export class Channel {
  readonly side: Side;
  readonly #memory: Dataspace;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #slot: number;
  readonly #own: number;
  readonly #peer: number;
  readonly #peerAsleep: number;
  readonly #ownRing: number;
  readonly #peerRing: number;
  readonly #ownSignals: number;
  readonly #peerSignals: number;
  readonly #signalsSeen = new Int32Array(layout.signals);
  readonly #user: ChannelUser;
  #head = 0;
  #tail = 0;
  /** The peer's tail when we last needed it; it only moves forwards. */
  #peerTail = 0;
  /** Descriptors came that no message has claimed yet. */
  #descriptorsHeld = false;
  /** The socket has come to its end; what is in the ring still counts. */
  #peerGone = false;
  #events = 0;
  #open = true;
  /** True while a turn runs: bells of several messages become one. */
  #draining = false;
  #bellDue = false;

  /** Takes over both descriptors of the capability. */
  constructor(capability: Capability, side: Side, user: ChannelUser) {
    if (capability.kind !== "channel")
      throw new SessionError("Malformed", `Cannot open a session on a ${capability.kind} capability`);
    startEventLoop();
    const [socket, memory] = capability.descriptors as [number, number];
    this.side = side;
    this.#user = user;
    const peer = (1 - side) as Side;
    try {
      this.#memory = Dataspace.map(memory, { writable: true });
    } catch (error) {
      native.closeDescriptor(socket);
      throw error;
    }
    const { size } = this.#memory;
    if (size < layout.bytes) {
      this.#memory.close();
      native.closeDescriptor(socket);
      throw new SessionError(
        "Malformed",
        `Cannot open a session: its channel has ${size} bytes, ${layout.bytes} are needed`,
      );
    }
    this.#words = new Int32Array(this.#memory.buffer);
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#own = layout.ownWord[side];
    this.#peer = layout.ownWord[peer];
    this.#peerAsleep = layout.asleepWord[peer];
    this.#ownRing = layout.ringWord[side];
    this.#peerRing = layout.ringWord[peer];
    this.#ownSignals = layout.signalsWord[side];
    this.#peerSignals = layout.signalsWord[peer];
    try {
      this.#slot = native.attachChannel(socket, this.#memory.mappingId, side);
    } catch (error) {
      this.#memory.close();
      native.closeDescriptor(socket);
      throw new SessionError(
        "Malformed",
        `Cannot open a session: what should be its socket cannot be waited for: ${errorMessage(error)}`,
      );
    }
    onSlot(this.#slot, this.#onReady);
  }

  get open(): boolean {
    return this.#open;
  }

  /** Bytes of the slots that this side has filled, and emptied, so far; the indices count them anyway. */
  get flow(): { readonly sent: number; readonly received: number } {
    return { sent: (this.#head >>> 0) * layout.slotBytes, received: (this.#tail >>> 0) * layout.slotBytes };
  }

  /** Whether a message of `slots` slots fits the outgoing ring now. */
  roomFor(slots: number): boolean {
    if (!this.#open) return false;
    const tail = Atomics.load(this.#words, this.#peer + layout.tail);
    // The peer consumes at most what is published, and never gives back less than before.
    if ((tail - this.#peerTail) >>> 0 > (this.#head - this.#peerTail) >>> 0) {
      this.fail("its ring index is out of range");
      return false;
    }
    this.#peerTail = tail;
    return layout.slots - ((this.#head - tail) >>> 0) >= slots;
  }

  /**
   * Says whether this side waits for room in its outgoing ring; {@link ChannelUser.room} then tells. After setting it
   * the caller asks {@link roomFor} again: the peer reads the wish after it stored its tail.
   */
  wantSpace(wanted: boolean): void {
    if (this.#open) Atomics.store(this.#words, this.#own + layout.spaceWanted, wanted ? 1 : 0);
  }

  /**
   * Publishes one message; the caller has made sure of room. The payload is what `writer` holds. When the kernel refuses
   * its descriptors for a reason of ours, nothing is published and the error comes back; a peer that has left no room
   * for them loses the session.
   */
  publish(kind: number, id: number, code: number, object: number, writer: Writer): SessionError | undefined {
    const capabilities = writer.capabilities;
    if (!this.#open) {
      closeMoved(writer);
      return undefined;
    }
    const words = this.#words;
    const length = writer.length;
    let capabilityKindBits = 0;
    if (capabilities.length > 0) {
      const descriptors: number[] = [];
      for (let i = 0; i < capabilities.length; ++i) {
        const capability = capabilities[i] as Capability;
        capabilityKindBits |= (capabilityKinds.indexOf(capability.kind) + 1) << (4 * i);
        descriptors.push(...capability.descriptors);
      }
      const result = native.sendDescriptors(this.#slot, this.#head, descriptors);
      closeMoved(writer);
      if (result < 0) return this.#refused(-result);
    }
    let at = this.#ownRing + (this.#head & mask) * layout.slotWords;
    words[at] = id;
    words[at + 1] = (code & 0xffff) | (kind << 16) | (capabilities.length << 24);
    words[at + 2] = length | (capabilityKindBits << 16);
    words[at + 3] = object;
    at += headerWords;
    if (length <= longestWordCopy) {
      writer.pad();
      const source = writer.words;
      const end = (length + 3) >>> 2;
      const ringEnd = this.#ownRing + ringWords;
      for (let i = 0; i < end; ++i) {
        if (at === ringEnd) at = this.#ownRing;
        words[at++] = source[i] as number;
      }
    } else {
      const start = at * 4;
      const room = this.#ownRing * 4 + ringBytes - start;
      if (length <= room) this.#bytes.set(writer.bytes.subarray(0, length), start);
      else {
        this.#bytes.set(writer.bytes.subarray(0, room), start);
        this.#bytes.set(writer.bytes.subarray(room, length), this.#ownRing * 4);
      }
    }
    this.#head = (this.#head + slotsFor(length)) | 0;
    Atomics.store(words, this.#own + layout.head, this.#head);
    this.#announce();
    return undefined;
  }

  /** What it means that the kernel took no descriptors, by error number. */
  #refused(error: number): SessionError | undefined {
    // The socket has room for the descriptors of a full ring: one that is full belongs to a peer that does not read it.
    if (error === errno.EAGAIN) this.fail("it does not take the descriptors that are sent to it");
    // Its death; reading the socket would tell next.
    else if (error === errno.EPIPE || error === errno.ECONNRESET)
      this.#close(new SessionError("Disconnected", "Session ended: the peer is gone"));
    else if (error === errno.ETOOMANYREFS) {
      return new SessionError(
        "Unavailable",
        "Cannot send capabilities: this user has as many descriptors under way as the system allows; try again when they have been received",
      );
    } else
      return new SessionError(
        "InvalidArgument",
        `Cannot send capabilities: the system refuses their descriptors (${getSystemErrorName(-error)})`,
      );
    return undefined;
  }

  /** Raises a signal at the peer: coalescing, counted, never blocking. */
  raise(signal: number): void {
    if (!this.#open) return;
    const at = this.#ownSignals + signal;
    Atomics.store(this.#words, at, ((this.#words[at] as number) + 1) | 0);
    this.#announce();
  }

  /** During a turn the bells of many messages become one at its end. */
  #announce(): void {
    if (this.#draining) this.#bellDue = true;
    else this.bell();
  }

  /**
   * Tells the peer that there is something to look at: one store, one load, and a system call only if it sleeps.
   * A packet stream calls this once a batch, also during a turn: the peer then works on that batch beside us.
   */
  bell(): void {
    if (!this.#open) return;
    const words = this.#words;
    this.#events = (this.#events + 1) | 0;
    Atomics.store(words, this.#own + layout.events, this.#events);
    // Sequentially consistent after the store above: either we see that the peer sleeps, or it sees the event.
    if (Atomics.load(words, this.#peerAsleep) !== 0 && Atomics.exchange(words, this.#peerAsleep, 0) !== 0)
      native.ring(this.#slot);
  }

  /** Whether this channel keeps the process alive. It does unless told otherwise. */
  reference(keepsAlive: boolean): void {
    if (this.#open) native.reference(this.#slot, keepsAlive);
  }

  /** Ends the session because the peer broke the protocol. */
  fail(why: string): void {
    this.#close(new SessionError("Disconnected", `Session ended: the peer broke the protocol, ${why}`));
  }

  close(): void {
    this.#close(new SessionError("Disconnected", "Session closed"));
  }

  #close(reason: SessionError): void {
    if (!this.#open) return;
    this.#open = false;
    forgetSlot(this.#slot);
    native.detachChannel(this.#slot);
    this.#memory.close();
    this.#user.closed(reason);
  }

  readonly #onReady = (bits: number): void => {
    if ((bits & slotBits.descriptors) !== 0) this.#descriptorsHeld = true;
    if ((bits & slotBits.closed) !== 0) this.#peerGone = true;
    if ((bits & slotBits.broken) !== 0) return this.fail("its socket carries what no honest peer sends");
    this.#turn();
    if (this.#open && this.#peerGone) {
      // What the peer said before it died still counts: no more than its ring holds, for its memory may be alive.
      const end = (this.#tail + layout.slots) | 0;
      while (this.#open && ((end - this.#tail) | 0) > 0 && this.#turn());
      this.#close(new SessionError("Disconnected", "Session ended: the peer is gone"));
    }
  };

  /** One bounded drain, with one bell for all of it. True when something was left. */
  #turn(): boolean {
    // What a handler throws leaves through here: until the drain has come to its end, the rest is still to do.
    let more = true;
    this.#draining = true;
    try {
      more = this.#drain();
    } finally {
      this.#draining = false;
      if (this.#open) {
        if (this.#bellDue) {
          this.#bellDue = false;
          this.bell();
        }
        if (more) native.again(this.#slot);
      }
    }
    return more;
  }

  /** Takes what arrived, bounded. True when something was left. */
  #drain(): boolean {
    const words = this.#words;
    // Plain loads, many times cheaper: the hook loaded the peer's events word with acquire before it reported, and the
    // peer stored counters and head before that word.
    for (let i = 0; i < layout.signals; ++i) {
      const count = words[this.#peerSignals + i] as number;
      const seen = this.#signalsSeen[i] as number;
      if (count === seen) continue;
      this.#signalsSeen[i] = count;
      this.#user.signal(i, (count - seen) >>> 0);
      if (!this.#open) return false;
    }
    const head = words[this.#peer + layout.head] as number;
    let available = (head - this.#tail) >>> 0;
    if (available > layout.slots) {
      this.fail("its ring index is out of range");
      return false;
    }
    const start = this.#tail;
    try {
      let began = 0;
      for (let taken = 0; available > 0 && taken < messagesPerTurn; ++taken) {
        if ((taken & 3) === 3) {
          // Few messages do not pay for the clock.
          if (began === 0) began = monotonic();
          else if (monotonic() - began > millisecondsPerTurn) break;
        }
        const slots = this.#take(available);
        if (slots === 0 || !this.#open) return false;
        available -= slots;
      }
    } finally {
      if (this.#open && this.#tail !== start) {
        Atomics.store(words, this.#own + layout.tail, this.#tail);
        // The peer clears the word itself: it has one writer.
        if (Atomics.load(words, this.#peer + layout.spaceWanted) !== 0) this.#bellDue = true;
      }
    }
    if (this.#descriptorsHeld) {
      const held = native.heldDescriptors(this.#slot, this.#tail);
      if (held < 0) {
        this.fail("it sent descriptors that no message claims");
        return false;
      }
      this.#descriptorsHeld = held > 0;
    }
    this.#user.moved();
    this.#user.room();
    return available > 0;
  }

  /** Takes one message; returns its slots, or 0 when the session ended. */
  #take(available: number): number {
    const words = this.#words;
    const position = this.#tail;
    let at = this.#peerRing + (position & mask) * layout.slotWords;
    // Each word is read once: what is checked below is what is used.
    const id = words[at] as number;
    const second = words[at + 1] as number;
    const third = words[at + 2] as number;
    const object = words[at + 3] as number;
    const length = third & 0xffff;
    const kind = (second >>> 16) & 0xff;
    const count = second >>> 24;
    const slots = slotsFor(length);
    if (length > maxPayloadBytes || slots > available || count > maxCapabilities) {
      this.fail("a message is longer than what it published");
      return 0;
    }
    if (kind < messageKind.call || kind > messageKind.cancel || third >>> (16 + 4 * count) !== 0) {
      this.fail("a message is of no kind that there is");
      return 0;
    }
    at += headerWords;
    if (length <= longestWordCopy) {
      const end = (length + 3) >>> 2;
      const ringEnd = this.#peerRing + ringWords;
      for (let i = 0; i < end; ++i) {
        if (at === ringEnd) at = this.#peerRing;
        readerWords[i] = words[at++] as number;
      }
    } else {
      const start = at * 4;
      const room = this.#peerRing * 4 + ringBytes - start;
      if (length <= room) reader.bytes.set(this.#bytes.subarray(start, start + length));
      else {
        reader.bytes.set(this.#bytes.subarray(start, start + room));
        reader.bytes.set(this.#bytes.subarray(this.#peerRing * 4, this.#peerRing * 4 + length - room), room);
      }
    }
    let capabilities: Capability[] | undefined;
    if (count > 0) {
      capabilities = this.#takeCapabilities(position, count, third >>> 16);
      if (capabilities === undefined) {
        this.fail("a message names capabilities that were not sent");
        return 0;
      }
    }
    this.#tail = (position + slots) | 0;
    incoming.kind = kind;
    incoming.id = id;
    incoming.code = second & 0xffff;
    incoming.object = object;
    try {
      this.#user.message(incoming, reader.begin(length, capabilities));
    } finally {
      for (const capability of reader.unclaimed())
        for (const descriptor of capability.descriptors) native.closeDescriptor(descriptor);
    }
    return slots;
  }

  #takeCapabilities(position: number, count: number, kindBits: number): Capability[] | undefined {
    const kinds = capabilityKindsOf(kindBits, count);
    const descriptors = kinds && native.takeDescriptors(this.#slot, position);
    if (kinds === undefined || descriptors === undefined) return undefined;
    const capabilities = capabilitiesOf(kinds, descriptors);
    if (capabilities === undefined) for (const descriptor of descriptors) native.closeDescriptor(descriptor);
    return capabilities;
  }
}
