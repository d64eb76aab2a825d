/** Touch pads: one finger moves the pointer, two turn a wheel. */
import type { InputAxis, RawEvent } from "../../bindings/evdev.js";
import { absoluteAxis, eventType } from "../../lib/input/event-codes.js";
import { keyCode } from "../../lib/input/key-codes.js";
import type { InputEvent } from "../../sessions/event/index.js";
import type { DeviceFacts, DeviceState } from "./device-facts.js";
import type { Part } from "./part.js";

/** Steps of a pointer for a millimetre of a finger's way. */
const stepsAMillimeter = 12;
/** Millimetres of two fingers' way for a notch of a wheel. */
const millimetersANotch = 6;
/** The width of a pad that does not say it, in millimetres. */
const usualWidth = 100;

const touchButton = keyCode("BTN_TOUCH");
/** Which of these is down says how many fingers are. */
const fingerButtons = ["BTN_TOOL_FINGER", "BTN_TOOL_DOUBLETAP", "BTN_TOOL_TRIPLETAP", "BTN_TOOL_QUADTAP"].map(keyCode);

/** Steps of an axis in a millimetre. */
function stepsOf({ minimum, maximum, resolution }: InputAxis): number {
  return resolution > 0 ? resolution : Math.max(1, maximum - minimum) / usualWidth;
}

export class TouchPad implements Part {
  readonly #stepsX: number;
  readonly #stepsY: number;
  readonly #down = new Set<number>();
  #x: number;
  #y: number;
  /** Where the fingers were, and how many, at the last report; undefined: nobody touched. */
  #last: { x: number; y: number; fingers: number } | undefined;

  /** The device has both axes. */
  constructor({ axes }: DeviceFacts) {
    const [x, y] = [axes.get(absoluteAxis.x) as InputAxis, axes.get(absoluteAxis.y) as InputAxis];
    this.#stepsX = stepsOf(x);
    this.#stepsY = stepsOf(y);
    this.#x = x.value;
    this.#y = y.value;
  }

  take([type, code, value]: RawEvent): void {
    if (type === eventType.absolute && code === absoluteAxis.x) this.#x = value;
    if (type === eventType.absolute && code === absoluteAxis.y) this.#y = value;
    if (type !== eventType.key || (code !== touchButton && !fingerButtons.includes(code))) return;
    if (value === 0) this.#down.delete(code);
    else this.#down.add(code);
  }

  report(): readonly InputEvent[] {
    const before = this.#last;
    const fingers = fingerButtons.findIndex((code) => this.#down.has(code)) + 1;
    if (!this.#down.has(touchButton) || fingers === 0) {
      this.#last = undefined;
      return [];
    }
    const now = { x: this.#x, y: this.#y, fingers };
    this.#last = now;
    // With another number of fingers the place is another one's.
    if (before?.fingers !== fingers) return [];
    const [x, y] = [(now.x - before.x) / this.#stepsX, (now.y - before.y) / this.#stepsY];
    if (x === 0 && y === 0) return [];
    if (fingers === 1) return [{ kind: "relative-motion", x: x * stepsAMillimeter, y: y * stepsAMillimeter }];
    // A wheel that is turned up is positive, a place further down is.
    return fingers === 2 ? [{ kind: "wheel", x: x / millimetersANotch, y: -y / millimetersANotch }] : [];
  }

  synchronize(state: DeviceState): void {
    this.#down.clear();
    for (const code of [touchButton, ...fingerButtons]) if (state.pressed.has(code)) this.#down.add(code);
    this.#x = state.axis(absoluteAxis.x);
    this.#y = state.axis(absoluteAxis.y);
    this.#last = undefined;
  }
}
