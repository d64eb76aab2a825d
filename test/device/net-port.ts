/** What the tests of network devices share. */

import { native } from "../../bindings/native.js";
import { largestFrame, NetDevice, netHeaderBytes } from "../../bindings/net.js";
import { dataspace } from "./host.js";

const places = 16;
const placeBytes = 1 << 17;

/** A device with a dataspace of its own, frame by frame. Only tests want it so slow. */
export class Port {
  readonly device: NetDevice;
  readonly #space = dataspace(places * placeBytes);
  readonly #buffer: number;

  constructor(descriptor: number) {
    this.device = new NetDevice(descriptor);
    native.closeDescriptor(descriptor); // the device keeps a duplicate
    this.#buffer = this.device.addBuffer(this.#space.memfd);
  }

  /** Frames that wait, copied; `room` bytes are offered for each. */
  receive(room = largestFrame): Uint8Array[] {
    const frames = new Uint32Array(places * 2);
    for (let index = 0; index < places; ++index) frames.set([index * placeBytes, room], index * 2);
    const count = this.device.receive(this.#buffer, frames, places);
    return Array.from({ length: count }, (_, index) => {
      const at = frames[index * 2] ?? 0;
      return this.#space.bytes.slice(at, at + (frames[index * 2 + 1] ?? 0));
    });
  }

  /** Returns how many were consumed and which of those were dropped. */
  send(...batch: Uint8Array[]): { consumed: number; dropped: number[] } {
    const frames = new Uint32Array(batch.length * 2);
    batch.forEach((frame, index) => {
      this.#space.bytes.set(frame, index * placeBytes);
      frames.set([index * placeBytes, frame.length], index * 2);
    });
    const consumed = this.device.send(this.#buffer, frames, batch.length);
    return {
      consumed,
      dropped: batch.map((_, index) => index).filter((index) => index < consumed && frames[index * 2 + 1] === 0),
    };
  }
}

/** Header, Ethernet from one address to another, and contents that tell frames apart. */
export function frame(seed: number, payload: number, destination = 2, source = 1): Uint8Array {
  const result = new Uint8Array(netHeaderBytes + 14 + payload);
  result.set([2, 0, 0, 0, 0, destination, 2, 0, 0, 0, 0, source, 0x88, 0xb5], netHeaderBytes);
  for (let index = netHeaderBytes + 14; index < result.length; ++index) result[index] = seed + index * 3;
  return result;
}

export function etherType(bytes: Uint8Array): number {
  return ((bytes[netHeaderBytes + 12] ?? 0) << 8) | (bytes[netHeaderBytes + 13] ?? 0);
}
