/** Moving a mouse while a button is held turns a wheel. */
import { s } from "../../../base/schema.js";
import { keySchema } from "../../../lib/input/key-schema.js";
import type { InputEvent } from "../../../sessions/event/event-record.js";
import { type Filter, filterKind, type Sink } from "./filter.js";

/** So many steps of a mouse are a notch of the wheel at full speed. */
const stepsPerNotch = 20;

const direction = (name: string) =>
  s
    .object(
      {
        button: keySchema({ default: "BTN_MIDDLE", doc: "The button that is held." }),
        speedPercent: s.integer({
          min: -10_000,
          max: 10_000,
          default: 100,
          doc: `Of a notch for ${stepsPerNotch} steps of the mouse; negative: the other way round.`,
        }),
      },
      { doc: `Motion that turns the ${name} wheel.` },
    )
    .optional();

interface Direction {
  readonly button: number;
  readonly speedPercent: number;
}

class ButtonScroll implements Filter {
  readonly #vertical: Direction | undefined;
  readonly #horizontal: Direction | undefined;
  readonly #sink: Sink;
  /** Buttons that are down and not handed on, and whether they have turned a wheel. */
  readonly #held = new Map<number, boolean>();

  constructor(vertical: Direction | undefined, horizontal: Direction | undefined, sink: Sink) {
    this.#vertical = vertical;
    this.#horizontal = horizontal;
    this.#sink = sink;
  }

  handle(event: InputEvent): void {
    if (event.kind === "press" && (event.key === this.#vertical?.button || event.key === this.#horizontal?.button)) {
      this.#held.set(event.key, false);
    } else if (event.kind === "release" && this.#held.has(event.key)) {
      const scrolled = this.#held.get(event.key) as boolean;
      this.#held.delete(event.key);
      // Without a motion it was a click, which ends now and so could not be told from scrolling before.
      if (!scrolled) this.#sink({ kind: "press", key: event.key });
      if (!scrolled) this.#sink(event);
    } else if (event.kind === "relative-motion" && this.#held.size > 0) {
      const x = this.#turn(this.#horizontal, event.x);
      const y = this.#turn(this.#vertical, -event.y);
      if (x !== 0 || y !== 0) this.#sink({ kind: "wheel", x, y });
    } else {
      this.#sink(event);
    }
  }

  /** Notches for so many steps. */
  #turn(direction: Direction | undefined, steps: number): number {
    if (direction === undefined || !this.#held.has(direction.button) || steps === 0) return 0;
    this.#held.set(direction.button, true);
    return (steps * direction.speedPercent) / 100 / stepsPerNotch;
  }
}

export const buttonScroll = filterKind({
  options: { vertical: direction("vertical"), horizontal: direction("horizontal") },
  lists: {},
  make: ({ vertical, horizontal }, _surroundings, sink) => new ButtonScroll(vertical, horizontal, sink),
});
