/** Fingers on a screen or on a pad. Each call is one report of the device. */
import { axisEnd, mostFingers, touchReport } from "./hid-descriptor.js";
import type { HidDevice } from "./hid-device.js";

/** Where a finger is: from 0 to 1, from the left and from the top. */
export interface Contact {
  /** 0 to 9: the same number is the same finger until it is lifted. */
  readonly finger: number;
  readonly x: number;
  readonly y: number;
}

const contactBytes = 6;

export class TouchSurface {
  readonly #device: HidDevice;
  readonly #down = new Map<number, Contact>();
  #pressed = false;

  constructor(device: HidDevice) {
    this.#device = device;
  }

  /** Puts fingers down, or moves them; the others stay where they are. */
  touch(...contacts: readonly Contact[]): void {
    for (const { finger, x, y } of contacts) {
      if (!Number.isInteger(finger) || finger < 0 || finger >= mostFingers)
        throw new RangeError(`There is no finger ${finger}, only 0 to ${mostFingers - 1}`);
      if (!(x >= 0 && x <= 1 && y >= 0 && y <= 1)) throw new RangeError(`${x}, ${y} is not on the surface`);
    }
    for (const contact of contacts) this.#down.set(contact.finger, contact);
    this.#report([]);
  }

  /** Lifts these fingers; all that are down when none is named. */
  lift(...fingers: readonly number[]): void {
    const lifted = [...this.#down.values()].filter(({ finger }) => fingers.length === 0 || fingers.includes(finger));
    for (const { finger } of lifted) this.#down.delete(finger);
    this.#report(lifted);
  }

  /** A short touch of one finger. */
  tap(x: number, y: number): void {
    this.touch({ finger: 0, x, y });
    this.lift(0);
  }

  /** Presses a pad down, as a button, or lets it come up. A screen has none. */
  press(down: boolean): void {
    this.#pressed = down;
    this.#report([]);
  }

  #report(lifted: readonly Contact[]): void {
    const all = [...this.#down.values(), ...lifted];
    const bytes = Buffer.alloc(1 + mostFingers * contactBytes + 2);
    bytes.writeUInt8(touchReport.fingers);
    all.forEach(({ finger, x, y }, index) => {
      const at = 1 + index * contactBytes;
      bytes.writeUInt8(Number(this.#down.has(finger)), at);
      bytes.writeUInt8(finger, at + 1);
      bytes.writeUInt16LE(Math.round(x * axisEnd), at + 2);
      bytes.writeUInt16LE(Math.round(y * axisEnd), at + 4);
    });
    bytes.writeUInt8(all.length, 1 + mostFingers * contactBytes);
    bytes.writeUInt8(Number(this.#pressed), 2 + mostFingers * contactBytes);
    this.#device.send(bytes);
  }
}
