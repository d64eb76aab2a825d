/** What a source of input events holds: keys and buttons that are down, touches, and axes that are off their rest. */
import type { Axis, InputEvent, Position } from "./event-record.js";

/** Numbers of keys and buttons end here, in Linux too. */
export const highestKey = 0x2ff;
/** More fingers than any device reports. A limit, since who submits events may be hostile. */
const mostTouches = 64;

export class HeldState {
  readonly #keys = new Set<number>();
  readonly #touches = new Map<number, Position>();
  readonly #axes = new Map<Axis, number>();

  /**
   * Follows an event. False: it does not fit what is held, as a second press of a key or a release of one that is up, a
   * key beyond {@link highestKey}, or one touch more than anybody has fingers.
   */
  follow(event: InputEvent): boolean {
    switch (event.kind) {
      case "press": {
        // A repeated character is no key.
        if (event.key === 0) return event.character !== undefined;
        if (event.key > highestKey || this.#keys.has(event.key)) return false;
        this.#keys.add(event.key);
        return true;
      }
      case "release":
        return this.#keys.delete(event.key);
      case "touch":
        if (!this.#touches.has(event.id) && this.#touches.size >= mostTouches) return false;
        this.#touches.set(event.id, { x: event.x, y: event.y });
        return true;
      case "touch-release":
        return this.#touches.delete(event.id);
      case "axis":
        if (event.value === 0) this.#axes.delete(event.axis);
        else this.#axes.set(event.axis, event.value);
        return true;
      default:
        return true;
    }
  }

  get keys(): ReadonlySet<number> {
    return this.#keys;
  }

  get touches(): ReadonlyMap<number, Position> {
    return this.#touches;
  }

  /** The events that bring who holds nothing into this state. */
  pressed(): InputEvent[] {
    return [
      ...[...this.#keys].map((key) => ({ kind: "press", key }) as const),
      ...[...this.#touches].map(([id, { x, y }]) => ({ kind: "touch", id, x, y }) as const),
      ...[...this.#axes].map(([axis, value]) => ({ kind: "axis", axis, value }) as const),
    ];
  }

  /** The events that let go of everything. */
  released(): InputEvent[] {
    return [
      ...[...this.#keys].map((key) => ({ kind: "release", key }) as const),
      ...[...this.#touches.keys()].map((id) => ({ kind: "touch-release", id }) as const),
      ...[...this.#axes.keys()].map((axis) => ({ kind: "axis", axis, value: 0 }) as const),
    ];
  }
}
