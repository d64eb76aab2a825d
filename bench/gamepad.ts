/** A game pad in hands. Each call is one report of the device. */
import { axisEnd } from "./hid-descriptor.js";
import type { HidDevice } from "./hid-device.js";

/** In the order of their bits; the guest's kernel calls them BTN_A, BTN_B, BTN_C, BTN_X and so on. */
const buttons = ["a", "b", "c", "x", "y", "z", "l1", "r1", "l2", "r2", "select", "start", "mode", "l3", "r3"] as const;
export type GamepadButton = (typeof buttons)[number];

/** In the order of their numbers. */
const directions = ["up", "up-right", "right", "down-right", "down", "down-left", "left", "up-left", "none"] as const;
export type CrossDirection = (typeof directions)[number];

export class Gamepad {
  readonly #device: HidDevice;
  readonly #pressed = new Set<GamepadButton>();
  #cross: CrossDirection = "none";
  readonly #sticks = { left: { x: 0, y: 0 }, right: { x: 0, y: 0 } };

  constructor(device: HidDevice) {
    this.#device = device;
  }

  press(...names: readonly GamepadButton[]): void {
    for (const name of names) this.#pressed.add(name);
    this.#report();
  }

  release(...names: readonly GamepadButton[]): void {
    for (const name of names) this.#pressed.delete(name);
    this.#report();
  }

  /** Moves a stick: -1 to 1 on both axes, 0 in the middle; right and down are positive. */
  stick(side: "left" | "right", x: number, y: number): void {
    if (!(Math.abs(x) <= 1 && Math.abs(y) <= 1)) throw new RangeError(`A stick cannot be at ${x}, ${y}`);
    this.#sticks[side] = { x, y };
    this.#report();
  }

  cross(direction: CrossDirection): void {
    this.#cross = direction;
    this.#report();
  }

  #report(): void {
    const bytes = Buffer.alloc(11);
    bytes.writeUInt16LE(buttons.reduce((bits, name, index) => bits | (Number(this.#pressed.has(name)) << index), 0));
    bytes.writeUInt8(directions.indexOf(this.#cross), 2);
    const { left, right } = this.#sticks;
    [left.x, left.y, right.x, right.y].forEach((value, index) => {
      bytes.writeInt16LE(Math.round(value * axisEnd), 3 + index * 2);
    });
    this.#device.send(bytes);
  }
}
