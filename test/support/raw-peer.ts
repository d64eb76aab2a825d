/**
 * One end of a channel without any of the runtime's manners: it writes what it likes into the memory and the socket.
 * Tests play a hostile component with it.
 */
import { channel as layout, type Side } from "../../base/layout.js";
import type { Capability } from "../../base/message.js";
import { type NativeMapping, native } from "../../bindings/native.js";

export interface RawMessage {
  readonly kind: number;
  readonly id?: number;
  readonly code?: number;
  readonly object?: number;
  readonly length?: number;
  readonly payload?: Uint8Array;
  readonly count?: number;
  /** Four bits a capability: 1 dataspace, 2 channel, 3 file. */
  readonly kindBits?: number;
}

export class RawPeer implements Disposable {
  readonly words: Int32Array;
  readonly socket: number;
  readonly #memory: number;
  readonly #mapping: NativeMapping;
  readonly #bytes: Uint8Array;
  readonly #side: Side;
  /** Slots written so far. */
  head = 0;
  #open = true;

  /** Takes over the capability's descriptors. */
  constructor(end: Capability, side: Side) {
    [this.socket, this.#memory] = end.descriptors as [number, number];
    this.#mapping = native.mapDataspace(this.#memory, true);
    this.words = new Int32Array(this.#mapping.buffer);
    this.#bytes = new Uint8Array(this.#mapping.buffer);
    this.#side = side;
  }

  /** The index in {@link words} of a word that this side writes. */
  own(word: number): number {
    return layout.ownWord[this.#side] + word;
  }

  /** The index in {@link words} of a word that the other side writes. */
  peer(word: number): number {
    return layout.ownWord[(1 - this.#side) as Side] + word;
  }

  /** Writes a message at the head, which it moves by as many slots as the message claims to have. Publishes nothing. */
  write({
    kind,
    id = 1,
    code = 0,
    object = 0,
    payload = new Uint8Array(),
    length = payload.length,
    count = 0,
    kindBits = 0,
  }: RawMessage): this {
    const ring = layout.ringWord[this.#side];
    const at = ring + (this.head % layout.slots) * layout.slotWords;
    this.words[at] = id;
    this.words[at + 1] = (code & 0xffff) | (kind << 16) | (count << 24);
    this.words[at + 2] = length | (kindBits << 16);
    this.words[at + 3] = object;
    const ringBytes = layout.slots * layout.slotBytes;
    for (let i = 0; i < payload.length; ++i) {
      this.#bytes[ring * 4 + (((at - ring) * 4 + 16 + i) % ringBytes)] = payload[i] as number;
    }
    this.head = (this.head + Math.max(1, Math.ceil((16 + length) / layout.slotBytes))) >>> 0;
    return this;
  }

  /** Publishes `head` and rings. */
  publish(head = this.head): this {
    Atomics.store(this.words, this.own(layout.head), head | 0);
    return this.bell();
  }

  bell(): this {
    Atomics.add(this.words, this.own(layout.events), 1);
    this.send(Uint8Array.of(0));
    return this;
  }

  /** One socket message; returns bytes sent or -errno. */
  send(bytes: Uint8Array, descriptors: readonly number[] = []): number {
    return native.sendMessage(this.socket, bytes, descriptors);
  }

  /** Descriptors as the wire format has them, for the message at `position`. */
  sendDescriptors(descriptors: readonly number[], position = this.head): number {
    const tag = new Uint8Array(8);
    tag[0] = 1;
    tag[1] = descriptors.length;
    new DataView(tag.buffer).setUint32(4, position >>> 0, true);
    return this.send(tag, descriptors);
  }

  /** Takes the descriptors out of the next socket message, if there is one. */
  receive(): { length: number; descriptors: number[] } {
    return native.receiveMessage(this.socket, 64, false);
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    native.unmapDataspace(this.#mapping.id, this.#mapping.buffer);
    native.closeDescriptor(this.#memory);
    native.closeDescriptor(this.socket);
  }
}
