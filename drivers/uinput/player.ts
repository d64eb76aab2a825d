/** Plays events of any number of sources on the devices of Linux. */
import type { RawEvent } from "../../bindings/evdev.js";
import { absoluteAxis, eventType, relativeAxis, wheelParts } from "../../lib/input/event-codes.js";
import { keyCode } from "../../lib/input/key-codes.js";
import type { Axis, InputEvent } from "../../sessions/event/index.js";
import type { DeviceName } from "./config.js";
import { deviceOf, fingers, type LinuxDevice, placeEnd, stickEnd, triggerEnd } from "./linux-device.js";

const touchButton = keyCode("BTN_TOUCH");
/** The kernel's number of a contact that ended. */
const noContact = -1;
const contactEnd = 65_535;

const padAxes: { readonly [Name in Axis]: readonly [code: number, end: number] } = {
  LX: [absoluteAxis.x, stickEnd],
  LY: [absoluteAxis.y, stickEnd],
  RX: [absoluteAxis.rx, stickEnd],
  RY: [absoluteAxis.ry, stickEnd],
  LT: [absoluteAxis.z, triggerEnd],
  RT: [absoluteAxis.rz, triggerEnd],
};

/** Turns parts into whole steps, and keeps what is left for the next time. */
class Steps {
  #rest = 0;

  whole(value: number): number {
    const sum = this.#rest + value;
    const steps = Math.trunc(sum);
    this.#rest = sum - steps;
    return steps;
  }
}

/** A wheel: in whole notches for who knows no others, and in parts of one. */
class Wheel {
  readonly #notches = new Steps();
  readonly #parts = new Steps();

  constructor(
    readonly coarse: number,
    readonly fine: number,
  ) {}

  turn(value: number): RawEvent[] {
    return [
      [eventType.relative, this.coarse, this.#notches.whole(value)],
      [eventType.relative, this.fine, this.#parts.whole(value * wheelParts)],
    ];
  }
}

const absolute = (code: number, value: number): RawEvent => [eventType.absolute, code, Math.round(value)];

/** What identifies a source: its session. */
type Source = object;

export class Player {
  readonly #devices: ReadonlyMap<DeviceName, Pick<LinuxDevice, "send" | "report">>;
  /** Of a key, how many sources hold it. */
  readonly #held = new Map<number, number>();
  /** By slot of the touch screen, whose touch it is. */
  readonly #touches: ({ readonly source: Source; readonly id: number } | undefined)[] = Array(fingers).fill(undefined);
  #contacts = 0;
  readonly #motion = { x: new Steps(), y: new Steps() };
  readonly #wheels = {
    x: new Wheel(relativeAxis.horizontalWheel, relativeAxis.horizontalWheelFine),
    y: new Wheel(relativeAxis.wheel, relativeAxis.wheelFine),
  };

  constructor(devices: ReadonlyMap<DeviceName, Pick<LinuxDevice, "send" | "report">>) {
    this.#devices = devices;
  }

  /** A batch of a source, which is whole: what it presses it releases, at its end at the latest. */
  play(source: Source, events: readonly InputEvent[]): void {
    for (const event of events) this.#play(source, event);
    for (const device of this.#devices.values()) device.report();
  }

  #play(source: Source, event: InputEvent): void {
    switch (event.kind) {
      case "press":
        return this.#hold(event.key, 1);
      case "release":
        return this.#hold(event.key, -1);
      case "relative-motion":
        return this.#devices
          .get("mouse")
          ?.send(
            [eventType.relative, relativeAxis.x, this.#motion.x.whole(event.x)],
            [eventType.relative, relativeAxis.y, this.#motion.y.whole(event.y)],
          );
      case "wheel":
        return this.#devices.get("mouse")?.send(...this.#wheels.x.turn(event.x), ...this.#wheels.y.turn(event.y));
      case "absolute-motion":
        return this.#devices
          .get("tablet")
          ?.send(absolute(absoluteAxis.x, event.x * placeEnd), absolute(absoluteAxis.y, event.y * placeEnd));
      case "touch":
        return this.#touch(source, event);
      case "touch-release":
        return this.#lift(source, event.id);
      case "axis": {
        const [code, end] = padAxes[event.axis];
        return this.#devices.get("game-pad")?.send(absolute(code, event.value * end));
      }
    }
  }

  /** A character without a key has none in Linux either. */
  #hold(key: number, change: 1 | -1): void {
    if (key === 0) return;
    const before = this.#held.get(key) ?? 0;
    const now = before + change;
    if (now > 0) this.#held.set(key, now);
    else this.#held.delete(key);
    if (before > 0 && now > 0) return;
    const device = this.#devices.get(deviceOf(key));
    device?.send([eventType.key, key, now > 0 ? 1 : 0]);
    // A press and its release in one report are none for many programs.
    device?.report();
  }

  #slotOf(source: Source, id: number): number {
    return this.#touches.findIndex((touch) => touch?.source === source && touch.id === id);
  }

  #touch(source: Source, { id, x, y }: { readonly id: number; readonly x: number; readonly y: number }): void {
    const screen = this.#devices.get("touch-screen");
    if (screen === undefined) return;
    let slot = this.#slotOf(source, id);
    const placed: RawEvent[] = [
      absolute(absoluteAxis.touchX, x * placeEnd),
      absolute(absoluteAxis.touchY, y * placeEnd),
    ];
    if (slot < 0) {
      slot = this.#touches.indexOf(undefined);
      // One finger more than the screen has.
      if (slot < 0) return;
      const first = this.#touches.every((touch) => touch === undefined);
      this.#touches[slot] = { source, id };
      this.#contacts = (this.#contacts + 1) % contactEnd;
      placed.unshift(absolute(absoluteAxis.touchId, this.#contacts));
      if (first) placed.push([eventType.key, touchButton, 1]);
    }
    // The first slot is the one of who knows one finger alone.
    if (slot === 0) placed.push(absolute(absoluteAxis.x, x * placeEnd), absolute(absoluteAxis.y, y * placeEnd));
    screen.send(absolute(absoluteAxis.touchSlot, slot), ...placed);
  }

  #lift(source: Source, id: number): void {
    const slot = this.#slotOf(source, id);
    if (slot < 0) return;
    this.#touches[slot] = undefined;
    const screen = this.#devices.get("touch-screen");
    screen?.send(absolute(absoluteAxis.touchSlot, slot), absolute(absoluteAxis.touchId, noContact));
    if (this.#touches.every((touch) => touch === undefined)) screen?.send([eventType.key, touchButton, 0]);
    screen?.report();
  }
}
