/** What a device is, and how it stands now: what decoders need of it, without the device. */
import type { InputAxis } from "../../bindings/evdev.js";
import { absoluteAxis, inputProperty } from "../../lib/input/event-codes.js";
import { keyCode } from "../../lib/input/key-codes.js";

export interface DeviceFacts {
  readonly properties: ReadonlySet<number>;
  readonly keys: ReadonlySet<number>;
  readonly relative: ReadonlySet<number>;
  /** By number; `value` is what it was when the device was opened. */
  readonly axes: ReadonlyMap<number, InputAxis>;
}

/** How the device stands at this moment. */
export interface DeviceState {
  readonly pressed: ReadonlySet<number>;
  axis(axis: number): number;
  /** The value of an `ABS_MT_` axis in each slot, from the first on. */
  slots(axis: number): readonly number[];
}

export type DeviceKind = "touch-screen" | "touch-pad" | "tablet" | "game-pad" | "plain";

const firstJoystickButton = keyCode("BTN_TRIGGER");
const lastGamepadButton = keyCode("BTN_THUMBR");
const touchButton = keyCode("BTN_TOUCH");
const finger = keyCode("BTN_TOOL_FINGER");
const pen = keyCode("BTN_TOOL_PEN");
const mouseButton = keyCode("BTN_LEFT");

/** What a device is to be treated as, by what it says that it has. */
export function kindOf({ properties, keys, axes }: DeviceFacts): DeviceKind {
  const touches = axes.has(absoluteAxis.touchX) && axes.has(absoluteAxis.touchY);
  const place = axes.has(absoluteAxis.x) && axes.has(absoluteAxis.y);
  if (!properties.has(inputProperty.direct) && keys.has(finger) && !keys.has(pen) && place) return "touch-pad";
  if (touches) return "touch-screen";
  if (place && keys.has(touchButton) && !keys.has(pen) && !keys.has(mouseButton)) return "touch-screen";
  for (let button = firstJoystickButton; button <= lastGamepadButton; button += 1)
    if (keys.has(button) && axes.size > 0) return "game-pad";
  return place ? "tablet" : "plain";
}

/** Where a value lies between an axis's bounds: 0 to 1. A device may say anything, and 0 where it has no bounds. */
export function share({ minimum, maximum }: InputAxis, value: number): number {
  if (maximum <= minimum) return 0;
  return Math.min(1, Math.max(0, (value - minimum) / (maximum - minimum)));
}
