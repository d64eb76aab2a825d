/** What says where it is: tablets, and the pointers of emulated machines. */
import type { InputAxis, RawEvent } from "../../bindings/evdev.js";
import { absoluteAxis, eventType } from "../../lib/input/event-codes.js";
import type { InputEvent } from "../../sessions/event/index.js";
import { type DeviceFacts, type DeviceState, share } from "./device-facts.js";
import type { Part } from "./part.js";

export class Tablet implements Part {
  readonly #x: InputAxis;
  readonly #y: InputAxis;
  #place: { x: number; y: number };
  #moved = false;

  /** The device has both axes. */
  constructor({ axes }: DeviceFacts) {
    this.#x = axes.get(absoluteAxis.x) as InputAxis;
    this.#y = axes.get(absoluteAxis.y) as InputAxis;
    this.#place = { x: this.#x.value, y: this.#y.value };
  }

  take([type, code, value]: RawEvent): void {
    if (type !== eventType.absolute) return;
    if (code === absoluteAxis.x) this.#set({ ...this.#place, x: value });
    if (code === absoluteAxis.y) this.#set({ ...this.#place, y: value });
  }

  #set(place: { x: number; y: number }): void {
    if (place.x === this.#place.x && place.y === this.#place.y) return;
    this.#place = place;
    this.#moved = true;
  }

  report(): readonly InputEvent[] {
    if (!this.#moved) return [];
    this.#moved = false;
    return [{ kind: "absolute-motion", x: share(this.#x, this.#place.x), y: share(this.#y, this.#place.y) }];
  }

  synchronize(state: DeviceState): void {
    this.#set({ x: state.axis(absoluteAxis.x), y: state.axis(absoluteAxis.y) });
  }
}
