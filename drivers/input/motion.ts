/** What moves by steps: mice and wheels. */
import type { RawEvent } from "../../bindings/evdev.js";
import { eventType, relativeAxis, wheelParts } from "../../lib/input/event-codes.js";
import type { InputEvent } from "../../sessions/event/index.js";
import type { DeviceFacts } from "./device-facts.js";
import type { Part } from "./part.js";

export class Motion implements Part {
  readonly #fine: { readonly horizontal: boolean; readonly vertical: boolean };
  #steps = { x: 0, y: 0 };
  #notches = { x: 0, y: 0 };

  constructor({ relative }: DeviceFacts) {
    // A wheel of high resolution tells whole notches beside its parts.
    this.#fine = {
      horizontal: relative.has(relativeAxis.horizontalWheelFine),
      vertical: relative.has(relativeAxis.wheelFine),
    };
  }

  take([type, code, value]: RawEvent): void {
    if (type !== eventType.relative) return;
    switch (code) {
      case relativeAxis.x:
        this.#steps.x += value;
        break;
      case relativeAxis.y:
        this.#steps.y += value;
        break;
      case relativeAxis.wheel:
        if (!this.#fine.vertical) this.#notches.y += value;
        break;
      case relativeAxis.horizontalWheel:
        if (!this.#fine.horizontal) this.#notches.x += value;
        break;
      case relativeAxis.wheelFine:
        this.#notches.y += value / wheelParts;
        break;
      case relativeAxis.horizontalWheelFine:
        this.#notches.x += value / wheelParts;
        break;
    }
  }

  report(): readonly InputEvent[] {
    const events: InputEvent[] = [];
    const [steps, notches] = [this.#steps, this.#notches];
    if (steps.x !== 0 || steps.y !== 0) events.push({ kind: "relative-motion", ...steps });
    if (notches.x !== 0 || notches.y !== 0) events.push({ kind: "wheel", ...notches });
    this.synchronize();
    return events;
  }

  /** Motion that was lost is lost. */
  synchronize(): void {
    this.#steps = { x: 0, y: 0 };
    this.#notches = { x: 0, y: 0 };
  }
}
