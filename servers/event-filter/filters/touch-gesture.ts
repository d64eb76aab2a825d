/** Fingers that rest or swipe press keys. */
import { type Schema, s } from "../../../base/schema.js";
import { keySchema } from "../../../lib/input/key-schema.js";
import type { InputEvent } from "../../../sessions/event/event-record.js";
import { type Area, area, contains, type Spot } from "./area.js";
import { type Filter, filterKind, type Sink, type Surroundings, type Waiting } from "./filter.js";

/** A key that is pressed and released, and what happens while it is held. */
export interface Action {
  readonly key: number;
  readonly hold: readonly Action[];
}

const action: Schema<Action> = s.named("key action", () =>
  s.object({
    key: keySchema({ doc: "The key that is pressed and released." }),
    hold: s.array(action, { max: 8, default: [], doc: "What happens while it is held." }),
  }),
);
const actions = s.array(action, { max: 8, default: [], doc: "Keys, one after another." });
const fingers = s.integer({ min: 1, max: 10, default: 1, doc: "How many fingers, all of which begin in the area." });
const share = (fallback: number, doc: string) => s.number({ min: 0, max: 1, default: fallback, doc });

const hold = s.object({
  fingers,
  area,
  delay: s.duration({ min: 1, default: "1s", doc: "How long they rest." }),
  width: share(0.03, "How far each may move sideways meanwhile, as a share of the screen."),
  height: share(0.03, "How far each may move up or down meanwhile."),
  actions,
});

const swipe = s.object({
  fingers,
  area,
  duration: s.duration({ min: 1, default: "1s", doc: "The longest time that it takes." }),
  distance: share(0.1, "How far each finger moves, as a share of the screen."),
  direction: s.enumeration(["any", "up", "down", "left", "right"], { default: "any", doc: "Where to." }),
  actions,
});

interface Common {
  readonly fingers: number;
  readonly area: Area;
  readonly actions: readonly Action[];
}
interface Hold extends Common {
  readonly delay: number;
  readonly width: number;
  readonly height: number;
}
interface Swipe extends Common {
  readonly duration: number;
  readonly distance: number;
  readonly direction: "any" | "up" | "down" | "left" | "right";
}

interface Finger {
  readonly begin: Spot;
  readonly since: number;
  at: Spot;
}

function direction({ begin, at }: Finger): Swipe["direction"] {
  const x = at.x - begin.x;
  const y = at.y - begin.y;
  if (Math.abs(x) > Math.abs(y)) return x > 0 ? "right" : "left";
  return y > 0 ? "down" : "up";
}

class TouchGesture implements Filter {
  readonly #holds: readonly Hold[];
  readonly #swipes: readonly Swipe[];
  readonly #surroundings: Surroundings;
  readonly #sink: Sink;
  readonly #fingers = new Map<number, Finger>();
  /** Holds that would come to pass if nothing moves. */
  #waits: Waiting[] = [];
  /** A gesture was recognised: its fingers are no touches any more, until all are lifted. */
  #recognised = false;

  constructor(holds: readonly Hold[], swipes: readonly Swipe[], surroundings: Surroundings, sink: Sink) {
    this.#holds = holds;
    this.#swipes = swipes;
    this.#surroundings = surroundings;
    this.#sink = sink;
  }

  handle(event: InputEvent): void {
    if (event.kind !== "touch" && event.kind !== "touch-release") return this.#sink(event);
    const swallowed = this.#recognised;
    if (event.kind === "touch-release") {
      this.#fingers.delete(event.id);
      this.#cancel();
      if (this.#fingers.size === 0) this.#recognised = false;
      if (!swallowed) this.#sink(event);
      return;
    }
    const finger = this.#fingers.get(event.id);
    if (finger !== undefined) finger.at = event;
    else this.#fingers.set(event.id, { begin: event, at: event, since: this.#surroundings.now() });
    if (swallowed) return;
    this.#sink(event);
    if (finger === undefined) this.#awaitHolds();
    else this.#lookForSwipe();
  }

  #fits({ fingers: count, area: where }: Common): boolean {
    return this.#fingers.size === count && this.#every(({ begin }) => contains(where, begin));
  }

  #every(condition: (finger: Finger) => boolean): boolean {
    return [...this.#fingers.values()].every(condition);
  }

  /** A finger came: holds of that many begin now. */
  #awaitHolds(): void {
    this.#cancel();
    for (const candidate of this.#holds) {
      if (!this.#fits(candidate)) continue;
      const rests = ({ begin, at }: Finger): boolean =>
        Math.abs(at.x - begin.x) <= candidate.width && Math.abs(at.y - begin.y) <= candidate.height;
      this.#waits.push(
        this.#surroundings.after(candidate.delay, () => {
          if (!this.#recognised && this.#every(rests)) this.#recognise(candidate.actions);
        }),
      );
    }
  }

  #lookForSwipe(): void {
    const now = this.#surroundings.now();
    const found = this.#swipes.find(
      (candidate) =>
        this.#fits(candidate) &&
        this.#every((finger) => {
          const { begin, at, since } = finger;
          return (
            now - since <= candidate.duration &&
            Math.hypot(at.x - begin.x, at.y - begin.y) >= candidate.distance &&
            (candidate.direction === "any" || candidate.direction === direction(finger))
          );
        }),
    );
    if (found !== undefined) this.#recognise(found.actions);
  }

  #recognise(found: readonly Action[]): void {
    this.#recognised = true;
    this.#cancel();
    // Whoever follows these touches must not take the rest of the gesture for a tap or a drag.
    for (const id of this.#fingers.keys()) this.#sink({ kind: "touch-release", id });
    this.#play(found);
  }

  #play(played: readonly Action[]): void {
    for (const { key, hold: inner } of played) {
      this.#sink({ kind: "press", key });
      this.#play(inner);
      this.#sink({ kind: "release", key });
    }
  }

  #cancel(): void {
    for (const wait of this.#waits.splice(0)) wait.cancel();
  }

  close(): void {
    this.#cancel();
  }
}

export const touchGesture = filterKind({
  options: {},
  lists: {
    holds: s.array(hold, { max: 32, default: [], doc: "Fingers that rest." }),
    swipes: s.array(swipe, { max: 32, default: [], doc: "Fingers that move." }),
  },
  make: ({ holds, swipes }, surroundings, sink) => new TouchGesture(holds, swipes, surroundings, sink),
});
