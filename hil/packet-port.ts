/** The host's end of a wire: frames by a packet socket on an interface, as a witness that no driver of ours is part of. */
import { watchDescriptor } from "../base/event-loop.js";
import { native } from "../bindings/native.js";
import { largestFrame, NetDevice, openPacketSocket } from "../bindings/net.js";
import type { FramePort } from "./network.js";

/** Frames that one call moves, and the room of each. */
const places = 16;
const placeBytes = 1 << 17;
/** Frames without a header before them: checksums are filled in. */
const plain = 0;

export class PacketPort implements FramePort {
  readonly #device: NetDevice;
  readonly #memory: { readonly id: number; readonly buffer: ArrayBuffer };
  readonly #memfd: number;
  readonly #buffer: number;
  /** Undefined once nothing is watched any more. */
  #unwatch: (() => void) | undefined;
  #handler: (frame: Uint8Array) => void = () => {};
  #open = true;

  /** On the interface of this name. Needs CAP_NET_RAW. */
  constructor(name: string) {
    const { descriptor } = openPacketSocket(name, { promiscuous: true });
    this.#device = new NetDevice(descriptor);
    native.closeDescriptor(descriptor); // the device keeps a duplicate
    this.#memfd = native.createDataspace(`packets of ${name}`, (places + 1) * placeBytes);
    this.#memory = native.mapDataspace(this.#memfd, true);
    this.#buffer = this.#device.addBuffer(this.#memfd);
    this.#unwatch = watchDescriptor(this.#device.descriptor, "readable", () => this.#receive());
  }

  onFrame(handler: (frame: Uint8Array) => void): void {
    this.#handler = handler;
  }

  #receive(): void {
    for (let count = places; this.#open && count === places; ) {
      const frames = new Uint32Array(places * 2);
      for (let index = 0; index < places; ++index) frames.set([(index + 1) * placeBytes, largestFrame], index * 2);
      try {
        count = this.#device.receive(this.#buffer, frames, places, plain);
      } catch {
        return this.#ignore(); // The interface is gone.
      }
      const bytes = new Uint8Array(this.#memory.buffer);
      for (let index = 0; index < count; ++index) {
        const at = frames[index * 2] as number;
        this.#handler(bytes.slice(at, at + (frames[index * 2 + 1] as number)));
      }
    }
  }

  send(frame: Uint8Array): boolean {
    if (!this.#open || frame.length > placeBytes) return false;
    new Uint8Array(this.#memory.buffer).set(frame);
    const frames = Uint32Array.of(0, frame.length);
    return this.#device.send(this.#buffer, frames, 1, plain) === 1 && frames[1] !== 0;
  }

  #ignore(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#ignore();
    this.#device.close();
    native.unmapDataspace(this.#memory.id, this.#memory.buffer);
    native.closeDescriptor(this.#memfd);
  }
}
