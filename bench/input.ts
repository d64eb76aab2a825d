/** The hand at keyboards and at devices that point. Each call is one report of the device. */
import type { Monitor } from "./monitor.js";

interface InputEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

class Hand {
  readonly #monitor: Monitor;
  readonly #display: string | undefined;

  constructor(monitor: Monitor, { display }: { readonly display?: string }) {
    this.#monitor = monitor;
    this.#display = display;
  }

  protected async send(events: readonly InputEvent[]): Promise<void> {
    // Without a display it goes to what the guest began to use last of its kind: the bench file permits only one.
    const seat = this.#display === undefined ? {} : { device: this.#display, head: 0 };
    await this.#monitor.execute("input-send-event", { ...seat, events });
  }
}

/** Names of keys are the emulator's: `a`, `ret`, `shift`, `f1`, `kp_1`, `left`. */
export class Keyboard extends Hand {
  async press(...keys: readonly string[]): Promise<void> {
    await this.#change(keys, true);
  }

  async release(...keys: readonly string[]): Promise<void> {
    await this.#change(keys, false);
  }

  /** Presses and releases one key after the other. */
  async type(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      await this.press(key);
      await this.release(key);
    }
  }

  async #change(keys: readonly string[], down: boolean): Promise<void> {
    await this.send(keys.map((key) => ({ type: "key", data: { down, key: { type: "qcode", data: key } } })));
  }
}

export type Button = "left" | "middle" | "right" | "wheel-up" | "wheel-down" | "side" | "extra";

/** A mouse or a tablet. */
export class Pointer extends Hand {
  /** Moves a mouse, in its own steps. */
  async move(x: number, y: number): Promise<void> {
    await this.send([relative("x", x), relative("y", y)]);
  }

  /** Puts a tablet's pen at a place: both from 0 to 1. */
  async point(x: number, y: number): Promise<void> {
    await this.send([absolute("x", x), absolute("y", y)]);
  }

  async press(button: Button = "left"): Promise<void> {
    await this.send([{ type: "btn", data: { down: true, button } }]);
  }

  async release(button: Button = "left"): Promise<void> {
    await this.send([{ type: "btn", data: { down: false, button } }]);
  }

  async click(button: Button = "left"): Promise<void> {
    await this.press(button);
    await this.release(button);
  }
}

function relative(axis: "x" | "y", value: number): InputEvent {
  return { type: "rel", data: { axis, value } };
}

/** The emulator's scale of places. */
const wholeAxis = 0x7fff;

function absolute(axis: "x" | "y", part: number): InputEvent {
  return { type: "abs", data: { axis, value: Math.round(part * wholeAxis) } };
}
