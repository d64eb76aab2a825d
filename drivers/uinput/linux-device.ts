/** One input device of Linux that this driver plays. */
import { giveInputEvents, type RawEvent } from "../../bindings/evdev.js";
import { createInput, type MadeDevice } from "../../bindings/uinput.js";
import {
  absoluteAxis,
  eventType,
  inputBus,
  inputProperty,
  relativeAxis,
  synchronizeCode,
} from "../../lib/input/event-codes.js";
import { keyCode, keyNames } from "../../lib/input/key-codes.js";
import { highestKey } from "../../sessions/event/index.js";
import type { HostGrant } from "../../sessions/platform/index.js";
import type { DeviceName } from "./config.js";

/** The end of the axes that begin at 0, and of triggers; sticks go from the negative of theirs. */
export const placeEnd = 65_535;
export const triggerEnd = 255;
export const stickEnd = 32_767;
/** Fingers of the touch screen. */
export const fingers = 10;
const contactEnd = 65_535;

const between = (first: string, last: string): [first: number, last: number] => [keyCode(first), keyCode(last)];
const mouseButtons = between("BTN_LEFT", "BTN_TASK");
const padButtons = [between("BTN_TRIGGER", "BTN_THUMBR"), between("BTN_DPAD_UP", "BTN_DPAD_RIGHT")];
const inside = (key: number, [first, last]: readonly [number, number]): boolean => key >= first && key <= last;

/** Which device has a key or button. */
export function deviceOf(key: number): DeviceName {
  if (inside(key, mouseButtons)) return "mouse";
  return padButtons.some((range) => inside(key, range)) ? "game-pad" : "keyboard";
}

/** Keys of a device: those with a name, since Linux reads a device's kind from what it has. */
function keysOf(name: DeviceName): number[] {
  const known = new Set(keyNames.map(keyCode));
  return [...known].filter((key) => key > 0 && key <= highestKey && deviceOf(key) === name);
}

/** Names of tools and touches: a keyboard that had them would pass for a tablet. */
const touchNames = new Set(keyNames.filter((name) => /^BTN_(TOOL|STYLUS|TOUCH|GEAR|DEAD)/.test(name)).map(keyCode));

const axis = (code: number, maximum: number, minimum = 0) => ({ code, minimum, maximum });
const { x, y, z, rx, ry, rz, touchSlot, touchX, touchY, touchId } = absoluteAxis;

const abilities: { readonly [Name in DeviceName]: Partial<MadeDevice> } = {
  keyboard: { keys: keysOf("keyboard").filter((key) => !touchNames.has(key)) },
  mouse: { keys: keysOf("mouse"), relative: Object.values(relativeAxis) },
  tablet: { keys: [keyCode("BTN_LEFT")], absolute: [axis(x, placeEnd), axis(y, placeEnd)] },
  "touch-screen": {
    keys: [keyCode("BTN_TOUCH")],
    properties: [inputProperty.direct],
    absolute: [
      axis(x, placeEnd),
      axis(y, placeEnd),
      axis(touchSlot, fingers - 1),
      axis(touchX, placeEnd),
      axis(touchY, placeEnd),
      axis(touchId, contactEnd),
    ],
  },
  "game-pad": {
    keys: keysOf("game-pad"),
    absolute: [
      ...[x, y, rx, ry].map((code) => axis(code, stickEnd, -stickEnd)),
      ...[z, rz].map((code) => axis(code, triggerEnd)),
    ],
  },
};

export class LinuxDevice {
  readonly #grant: HostGrant;
  /** Its name in sysfs, such as `input12`. */
  readonly place: string;
  #unreported = false;

  /** Takes over the grant, which is closed when the device cannot be made. */
  constructor(grant: HostGrant, kind: DeviceName, name: string) {
    this.#grant = grant;
    try {
      const identity = { name: `${name} ${kind}`, bus: inputBus.virtual, vendor: 0, product: 0 };
      this.place = createInput(grant.descriptor, { ...identity, ...abilities[kind] });
    } catch (error) {
      grant.close();
      throw error;
    }
  }

  send(...events: readonly RawEvent[]): void {
    giveInputEvents(this.#grant.descriptor, events);
    this.#unreported = true;
  }

  /** Ends a report: Linux takes what was sent as one. */
  report(): void {
    if (!this.#unreported) return;
    this.#unreported = false;
    giveInputEvents(this.#grant.descriptor, [[eventType.synchronize, synchronizeCode.report, 0]]);
  }

  /** Takes it away from Linux, which releases what it held. */
  close(): void {
    this.#grant.close();
  }
}
