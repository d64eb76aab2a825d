/** What is held by several sources at once: a key is down from its first press to its last release. */
import type { InputEvent } from "../../sessions/event/index.js";

export class HeldCounts {
  readonly #counts = new Map<string, { count: number; readonly released: InputEvent }>();

  get size(): number {
    return this.#counts.size;
  }

  /** Follows an event. False: whoever takes the events has no use for it, since a key stays as it is. */
  follow(event: InputEvent): boolean {
    switch (event.kind) {
      case "press":
        // A repeated character is no key.
        return event.key === 0 || this.#hold(`key ${event.key}`, { kind: "release", key: event.key });
      case "release":
        return this.#release(`key ${event.key}`);
      case "touch":
        if (!this.#counts.has(`touch ${event.id}`))
          this.#hold(`touch ${event.id}`, { kind: "touch-release", id: event.id });
        return true;
      case "touch-release":
        return this.#release(`touch ${event.id}`);
      default:
        return true;
    }
  }

  #hold(name: string, released: InputEvent): boolean {
    const held = this.#counts.get(name);
    if (held === undefined) this.#counts.set(name, { count: 1, released });
    else held.count += 1;
    return held === undefined;
  }

  #release(name: string): boolean {
    const held = this.#counts.get(name);
    if (held === undefined) return false;
    held.count -= 1;
    if (held.count === 0) this.#counts.delete(name);
    return held.count === 0;
  }

  /** Forgets everything, and gives the events that let go of it. */
  released(): InputEvent[] {
    const events = [...this.#counts.values()].map(({ released }) => released);
    this.#counts.clear();
    return events;
  }
}
