/** The wire of a network card, frame by frame. */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { bounded, type WaitOptions } from "./deadline.js";
import type { Monitor } from "./monitor.js";
import type { Wire } from "./wire.js";

const lengthBytes = 4;

export class EthernetEnd {
  readonly #wire: Wire;
  readonly #monitor: Monitor;
  readonly #name: string;
  /** Every frame in both directions, in tcpdump's form, when the bench file wants it. */
  readonly captureFile: string;

  constructor(wire: Wire, monitor: Monitor, name: string, captureFile: string) {
    this.#wire = wire;
    this.#monitor = monitor;
    this.#name = name;
    this.captureFile = captureFile;
  }

  /** Sends a frame to the guest: from the destination address to the end of the payload. */
  async send(frame: Uint8Array, options: WaitOptions = {}): Promise<void> {
    const length = Buffer.alloc(lengthBytes);
    length.writeUInt32BE(frame.length);
    await this.#wire.write(Buffer.concat([length, frame]), options);
  }

  /** Waits for a frame from the guest that `accepts` takes; frames before it are dropped. */
  async receive(accepts: (frame: Buffer) => boolean = () => true, options: WaitOptions = {}): Promise<Buffer> {
    let over = false;
    const search = async (): Promise<Buffer> => {
      while (!over) {
        const frame = this.#next();
        if (frame === undefined) {
          if (!(await this.#wire.more())) throw new Error(`The wire of "${this.#name}" has ended`);
        } else if (accepts(frame)) return frame;
      }
      throw new Error("Given up");
    };
    try {
      return await bounded(`a frame from "${this.#name}"`, search(), options);
    } finally {
      over = true;
    }
  }

  /** Takes every frame that has come, without waiting. */
  take(): Buffer[] {
    const frames: Buffer[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Buffer | undefined {
    const bytes = this.#wire.take();
    const end = bytes.length < lengthBytes ? Number.POSITIVE_INFINITY : lengthBytes + bytes.readUInt32BE(0);
    if (bytes.length < end) {
      this.#wire.return(bytes);
      return undefined;
    }
    this.#wire.return(bytes.subarray(end));
    return bytes.subarray(lengthBytes, end);
  }

  /** Plugs the cable in or out. */
  async setLink(up: boolean): Promise<void> {
    await this.#monitor.execute("set_link", { name: this.#name, up });
  }

  /** The frames that the emulator itself has written down, once there are `count` of them that `accepts` takes. */
  async captured(accepts: (frame: Buffer) => boolean, count: number, options: WaitOptions = {}): Promise<Buffer[]> {
    let over = false;
    const look = async (): Promise<Buffer[]> => {
      for (;;) {
        const frames = framesOf(readFileSync(this.captureFile)).filter(accepts);
        if (frames.length >= count || over) return frames;
        await delay(20);
      }
    };
    try {
      return await bounded(`${count} frames in ${this.captureFile}`, look(), options);
    } finally {
      over = true;
    }
  }
}

/** The frames of a pcap file, whose last one may be half written. */
function framesOf(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 24; at + 16 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 8);
    if (at + 16 + length > bytes.length) break;
    frames.push(bytes.subarray(at + 16, at + 16 + length));
    at += 16 + length;
  }
  return frames;
}
