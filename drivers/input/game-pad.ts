/** Sticks, triggers and crosses of game pads and joysticks. Their buttons are keys. */
import type { InputAxis, RawEvent } from "../../bindings/evdev.js";
import { absoluteAxis, eventType } from "../../lib/input/event-codes.js";
import { keyCode } from "../../lib/input/key-codes.js";
import type { Axis, InputEvent } from "../../sessions/event/index.js";
import { type DeviceFacts, type DeviceState, share } from "./device-facts.js";
import type { Part } from "./part.js";

const { x, y, z, rx, ry, rz, gas, brake, hat0x, hat0y, hat2x, hat2y } = absoluteAxis;

/** Which axis of the kernel is which of ours. */
function assigned({ axes }: DeviceFacts): Map<number, Axis> {
  const leftAndTriggers: (readonly [number, Axis])[] = [
    [x, "LX"],
    [y, "LY"],
    [brake, "LT"],
    [gas, "RT"],
    [hat2y, "LT"],
    [hat2x, "RT"],
  ];
  // Pads without a second pair of axes of its own name have their right stick, not their triggers, at these.
  const rest: (readonly [number, Axis])[] = axes.has(rx)
    ? [
        [rx, "RX"],
        [ry, "RY"],
        [z, "LT"],
        [rz, "RT"],
      ]
    : [
        [z, "RX"],
        [rz, "RY"],
      ];
  return new Map([...leftAndTriggers, ...rest].filter(([axis]) => axes.has(axis)));
}

/** A cross is an axis whose ends are buttons. */
const crosses = new Map<number, { readonly less: number; readonly more: number }>([
  [hat0x, { less: keyCode("BTN_DPAD_LEFT"), more: keyCode("BTN_DPAD_RIGHT") }],
  [hat0y, { less: keyCode("BTN_DPAD_UP"), more: keyCode("BTN_DPAD_DOWN") }],
]);

const middle = ({ minimum, maximum }: InputAxis): number => (minimum + maximum) / 2;

/** Of a stick, -1 to 1; around the middle it rests. */
function deflection(axis: InputAxis, value: number): number {
  return Math.abs(value - middle(axis)) <= axis.flat ? 0 : 2 * share(axis, value) - 1;
}

/** Of a trigger, 0 to 1. */
function pull(axis: InputAxis, value: number): number {
  return value - axis.minimum <= axis.flat ? 0 : share(axis, value);
}

export class GamePad implements Part {
  readonly #facts: DeviceFacts;
  readonly #names: ReadonlyMap<number, Axis>;
  /** What was told of each. */
  readonly #values = new Map<Axis, number>();
  readonly #pressed = new Map<number, number>();
  #events: InputEvent[] = [];

  constructor(facts: DeviceFacts) {
    this.#facts = facts;
    this.#names = assigned(facts);
  }

  take([type, code, value]: RawEvent): void {
    if (type === eventType.absolute) this.#set(code, value);
  }

  #set(code: number, value: number): void {
    const axis = this.#facts.axes.get(code);
    if (axis === undefined) return;
    const name = this.#names.get(code);
    const cross = crosses.get(code);
    if (name !== undefined) {
      const now = name === "LT" || name === "RT" ? pull(axis, value) : deflection(axis, value);
      if (now === (this.#values.get(name) ?? 0)) return;
      this.#values.set(name, now);
      this.#events.push({ kind: "axis", axis: name, value: now });
    } else if (cross !== undefined) {
      this.#turn(code, value < middle(axis) ? cross.less : value > middle(axis) ? cross.more : undefined);
    }
  }

  #turn(code: number, key: number | undefined): void {
    const before = this.#pressed.get(code);
    if (before === key) return;
    if (before !== undefined) this.#events.push({ kind: "release", key: before });
    if (key !== undefined) this.#events.push({ kind: "press", key });
    if (key === undefined) this.#pressed.delete(code);
    else this.#pressed.set(code, key);
  }

  report(): readonly InputEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  synchronize(state: DeviceState): void {
    for (const code of [...this.#names.keys(), ...crosses.keys()])
      if (this.#facts.axes.has(code)) this.#set(code, state.axis(code));
  }
}
