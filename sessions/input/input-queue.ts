/** Events that wait for a client that may not come: bounded, and true at its end. */
import { HeldState, type InputEvent } from "../event/index.js";

/** Beyond this many events, what can be left out is left out. */
const comfortable = 512;

/** What an event is about: of two with the same subject that follow each other, the later one can stand for both. */
function subject(event: InputEvent): string {
  switch (event.kind) {
    case "press":
    case "release":
      return `key ${event.key}`;
    case "touch":
    case "touch-release":
      return `touch ${event.id}`;
    case "axis":
      return `axis ${event.axis}`;
    case "focus-enter":
    case "focus-leave":
      return "focus";
    default:
      return event.kind;
  }
}

/** Two motions of one kind that follow each other as one; undefined where both must be told. */
function joined(before: InputEvent, event: InputEvent): InputEvent | undefined {
  switch (event.kind) {
    case "relative-motion":
    case "wheel":
      return before.kind === event.kind ? { ...event, x: before.x + event.x, y: before.y + event.y } : undefined;
    case "absolute-motion":
    case "hover-leave":
    case "sequence":
      return before.kind === event.kind ? event : undefined;
    case "touch":
    case "axis":
      return before.kind === event.kind && subject(before) === subject(event) ? event : undefined;
    default:
      return undefined;
  }
}

/**
 * A queue of input. Motion is joined with motion that waits. When too much waits, the older half loses its motion, and
 * the pairs of a press and its release, so that whoever takes everything knows the true state at the end. What cannot be
 * left out is bounded by how many keys and touches there are.
 */
export class InputQueue {
  #events: InputEvent[] = [];
  #most = comfortable;
  /** What is held according to the events that were taken, and to all that came. */
  readonly #taken = new HeldState();
  readonly #come = new HeldState();
  /** Touches that put a finger down: where that was is not lost by joining it with motion. */
  readonly #first = new WeakSet<InputEvent>();

  get length(): number {
    return this.#events.length;
  }

  push(event: InputEvent): void {
    if (event.kind === "touch" && !this.#come.touches.has(event.id)) this.#first.add(event);
    this.#come.follow(event);
    if (this.#join(event)) return;
    if (this.#events.length >= this.#most) this.#shorten();
    this.#events.push(event);
  }

  #join(event: InputEvent): boolean {
    // Fingers, and axes, move in turns: the one to join with is among the last of its kind.
    for (let place = this.#events.length - 1; place >= 0; place -= 1) {
      const before = this.#events[place] as InputEvent;
      const both = this.#first.has(before) || this.#first.has(event) ? undefined : joined(before, event);
      if (both !== undefined) {
        this.#events[place] = both;
        return true;
      }
      if (before.kind !== event.kind || !(event.kind === "touch" || event.kind === "axis")) return false;
    }
    return false;
  }

  /** Whether the touch of that number begins with the event at that place. */
  #begins(place: number, id: number): boolean {
    for (let before = place - 1; before >= 0; before -= 1) {
      const event = this.#events[before] as InputEvent;
      if (event.kind === "touch" && event.id === id) return false;
      if (event.kind === "touch-release" && event.id === id) return true;
    }
    return !this.#taken.touches.has(id);
  }

  #shorten(): void {
    const half = this.#events.length >>> 1;
    this.#events = [...this.#necessary(this.#events.slice(0, half)), ...this.#events.slice(half)];
    // Room for so many more that shortening stays cheap, a press and its release at a time.
    if (this.#events.length <= 0.75 * this.#most) return;
    this.#events = this.#necessary(this.#events);
    this.#most = Math.max(comfortable, 2 * this.#events.length);
  }

  /** Of the oldest events, those without which the state at their end would be another. */
  #necessary(events: readonly InputEvent[]): InputEvent[] {
    const last = new Map<string, number>();
    const sums = new Map<string, { x: number; y: number }>();
    events.forEach((event, place) => {
      last.set(subject(event), place);
      if (event.kind !== "relative-motion" && event.kind !== "wheel") return;
      const sum = sums.get(event.kind) ?? { x: 0, y: 0 };
      sums.set(event.kind, { x: sum.x + event.x, y: sum.y + event.y });
    });
    return events.flatMap((event, place) => {
      if (last.get(subject(event)) !== place || !this.#changes(event)) return [];
      const sum = sums.get(event.kind);
      return sum === undefined ? event : ({ ...event, ...sum } as InputEvent);
    });
  }

  /** Whether the event, as the last about its subject, says something else than what was taken. */
  #changes(event: InputEvent): boolean {
    switch (event.kind) {
      case "press":
        // Key 0 repeats a character.
        return event.key !== 0 && !this.#taken.keys.has(event.key);
      case "release":
        return this.#taken.keys.has(event.key);
      case "touch-release":
        return this.#taken.touches.has(event.id);
      default:
        return true;
    }
  }

  /** Takes the oldest events, at most `count`. */
  take(count: number): readonly InputEvent[] {
    const events = this.#events.splice(0, count);
    for (const event of events) this.#taken.follow(event);
    if (this.#events.length === 0) this.#most = comfortable;
    return events;
  }

  /** What is held after everything in the queue. */
  get held(): HeldState {
    return this.#come;
  }
}
