/**
 * Touch screens, in the three forms of the kernel: one finger by the axes of a pointer; several, each in a slot of its
 * own (type B); several, all told in every report (type A).
 */
import type { InputAxis, RawEvent } from "../../bindings/evdev.js";
import { absoluteAxis, eventType, synchronizeCode } from "../../lib/input/event-codes.js";
import { keyCode } from "../../lib/input/key-codes.js";
import type { InputEvent } from "../../sessions/event/index.js";
import { type DeviceFacts, type DeviceState, share } from "./device-facts.js";
import type { Part } from "./part.js";

/** More than any screen has; a slot beyond is not believed. */
const mostSlots = 64;
const touchButton = keyCode("BTN_TOUCH");
const nobody = -1;

interface Finger {
  /** The kernel's number of this contact: one for each time that a finger is put down. */
  contact: number;
  x: number;
  y: number;
}

/** Tells which of the touches came, moved and went. Their numbers are those of the slots. */
class Touches {
  readonly #x: InputAxis;
  readonly #y: InputAxis;
  #told = new Map<number, Finger>();

  constructor(x: InputAxis, y: InputAxis) {
    this.#x = x;
    this.#y = y;
  }

  /** The touches as they are now, by slot. */
  change(fingers: ReadonlyMap<number, Finger>): InputEvent[] {
    const events: InputEvent[] = [];
    for (const [id, { contact }] of this.#told)
      if (fingers.get(id)?.contact !== contact) events.push({ kind: "touch-release", id });
    for (const [id, finger] of fingers) {
      const before = this.#told.get(id);
      if (before?.contact === finger.contact && before.x === finger.x && before.y === finger.y) continue;
      events.push({ kind: "touch", id, x: share(this.#x, finger.x), y: share(this.#y, finger.y) });
    }
    this.#told = new Map([...fingers].map(([id, finger]) => [id, { ...finger }]));
    return events;
  }
}

class SlotScreen implements Part {
  readonly #touches: Touches;
  readonly #slots: Finger[];
  #current: number;

  constructor(touches: Touches, slot: InputAxis) {
    this.#touches = touches;
    this.#current = slot.value;
    const count = Math.min(mostSlots, Math.max(1, slot.maximum + 1));
    this.#slots = Array.from({ length: count }, () => ({ contact: nobody, x: 0, y: 0 }));
  }

  take([type, code, value]: RawEvent): void {
    if (type !== eventType.absolute) return;
    if (code === absoluteAxis.touchSlot) this.#current = value;
    const finger = this.#slots[this.#current];
    if (finger === undefined) return;
    if (code === absoluteAxis.touchId) finger.contact = value;
    if (code === absoluteAxis.touchX) finger.x = value;
    if (code === absoluteAxis.touchY) finger.y = value;
  }

  report(): readonly InputEvent[] {
    return this.#touches.change(new Map([...this.#slots.entries()].filter(([, { contact }]) => contact >= 0)));
  }

  synchronize(state: DeviceState): void {
    this.#current = state.axis(absoluteAxis.touchSlot);
    const [contacts, xs, ys] = [absoluteAxis.touchId, absoluteAxis.touchX, absoluteAxis.touchY].map((axis) =>
      state.slots(axis),
    );
    for (const [slot, finger] of this.#slots.entries())
      Object.assign(finger, { contact: contacts?.[slot] ?? nobody, x: xs?.[slot] ?? 0, y: ys?.[slot] ?? 0 });
  }
}

class ListScreen implements Part {
  readonly #touches: Touches;
  #next: Partial<Finger> = {};
  #listed: Finger[] = [];
  #ended = false;
  #fingers = new Map<number, Finger>();

  constructor(touches: Touches) {
    this.#touches = touches;
  }

  take([type, code, value]: RawEvent): void {
    if (type === eventType.absolute) {
      if (code === absoluteAxis.touchId) this.#next.contact = value;
      if (code === absoluteAxis.touchX) this.#next.x = value;
      if (code === absoluteAxis.touchY) this.#next.y = value;
    } else if (type === eventType.synchronize && code === synchronizeCode.touch) {
      this.#ended = true;
      const { contact = this.#listed.length, x, y } = this.#next;
      this.#next = {};
      // An empty entry says that nobody touches.
      if (x !== undefined && y !== undefined && this.#listed.length < mostSlots) this.#listed.push({ contact, x, y });
    }
  }

  report(): readonly InputEvent[] {
    // A report without any entry is about something else.
    if (this.#ended) this.#fingers = new Map(this.#listed.map((finger) => [finger.contact >>> 0, finger]));
    this.#ended = false;
    this.#listed = [];
    return this.#touches.change(this.#fingers);
  }

  /** The kernel keeps no state of such a device; its next report tells of all fingers again. */
  synchronize(): void {
    this.#next = {};
    this.#listed = [];
    this.#ended = true;
  }
}

class SingleScreen implements Part {
  readonly #touches: Touches;
  #finger: Finger;

  constructor(touches: Touches, x: InputAxis, y: InputAxis) {
    this.#touches = touches;
    this.#finger = { contact: nobody, x: x.value, y: y.value };
  }

  take([type, code, value]: RawEvent): void {
    if (type === eventType.absolute && code === absoluteAxis.x) this.#finger.x = value;
    if (type === eventType.absolute && code === absoluteAxis.y) this.#finger.y = value;
    if (type === eventType.key && code === touchButton && value < 2) this.#finger.contact = value === 1 ? 0 : nobody;
  }

  report(): readonly InputEvent[] {
    return this.#touches.change(new Map(this.#finger.contact < 0 ? [] : [[0, this.#finger]]));
  }

  synchronize(state: DeviceState): void {
    const contact = state.pressed.has(touchButton) ? 0 : nobody;
    this.#finger = { contact, x: state.axis(absoluteAxis.x), y: state.axis(absoluteAxis.y) };
  }
}

/** The part for a touch screen, by the axes that it has. */
export function touchScreen({ axes }: DeviceFacts): Part {
  const [x, y, slot] = [absoluteAxis.touchX, absoluteAxis.touchY, absoluteAxis.touchSlot].map((axis) => axes.get(axis));
  if (x !== undefined && y !== undefined) {
    const touches = new Touches(x, y);
    return slot === undefined ? new ListScreen(touches) : new SlotScreen(touches, slot);
  }
  const [left, top] = [axes.get(absoluteAxis.x) as InputAxis, axes.get(absoluteAxis.y) as InputAxis];
  return new SingleScreen(new Touches(left, top), left, top);
}
