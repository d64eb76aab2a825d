/** What has to be drawn again: a few rectangles that cover everything that changed, and little else. */
import type { Rect } from "../sessions/geometry/geometry.generated.js";
import { bounding, covers, isEmpty } from "./rectangle.js";

const pixels = ({ width, height }: Rect): number => width * height;

/** How many pixels one rectangle around both covers more than the two do. */
function waste(a: Rect, b: Rect): number {
  return pixels(bounding(a, b)) - pixels(a) - pixels(b);
}

export class Damage {
  readonly #most: number;
  #rects: Rect[] = [];

  /** Kept as `most` rectangles or fewer. */
  constructor(most: number) {
    this.#most = most;
  }

  get empty(): boolean {
    return this.#rects.length === 0;
  }

  get rects(): readonly Rect[] {
    return this.#rects;
  }

  add(rect: Rect): void {
    if (isEmpty(rect) || this.#rects.some((other) => covers(other, rect))) return;
    let added = rect;
    for (;;) {
      this.#rects = this.#rects.filter((other) => !covers(added, other));
      // The one that is best merged with what was added, which is done when that draws nothing twice, or for want of room.
      const best = this.#rects.reduce<Rect | undefined>(
        (least, other) => (least === undefined || waste(added, other) < waste(added, least) ? other : least),
        undefined,
      );
      if (best === undefined || (waste(added, best) > 0 && this.#rects.length < this.#most)) break;
      added = bounding(added, best);
    }
    this.#rects.push(added);
  }

  /** The rectangles, which are forgotten. */
  take(): readonly Rect[] {
    const rects = this.#rects;
    this.#rects = [];
    return rects;
  }
}
