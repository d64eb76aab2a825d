/** What a pointer, or a finger, does to a frame: positions in, wishes out. */
import { monotonic } from "../../base/monotonic.js";
import { keyCode } from "../../lib/input/key-codes.js";
import type { InputEvent } from "../../sessions/event/index.js";
import type { Point, Rect } from "../../sessions/geometry/geometry.generated.js";
import { type Edges, type Part, partAt } from "./frame.js";

/** What can be done to the window. */
export interface Gripped {
  readonly frame: Rect;
  readonly filling: boolean;
  activate(): void;
  close(): void;
  maximise(): void;
  /** To this corner. */
  move(to: Point): void;
  /** By so much since the drag began at `from`. */
  resize(from: Rect, edges: Edges, by: Point): void;
  hover(button: "close" | "maximise" | undefined): void;
}

const leftButton = keyCode("BTN_LEFT");
/** Two clicks within so many milliseconds are one of their own. */
const doubleClick = 400;
/** A window that fills the screen is torn off by moving so many pixels. */
const tear = 8;

interface Drag {
  readonly part: Part;
  /** Where on the frame it began. */
  readonly at: Point;
  readonly from: Rect;
  moved: boolean;
}

export class Grip {
  readonly #window: Gripped;
  readonly #now: () => number;
  #pointer: Point = { x: 0, y: 0 };
  #finger: number | undefined;
  #drag: Drag | undefined;
  #clickedAt = Number.NEGATIVE_INFINITY;

  constructor(window: Gripped, now: () => number = monotonic) {
    this.#window = window;
    this.#now = now;
  }

  handle(event: InputEvent): void {
    switch (event.kind) {
      case "absolute-motion":
        return this.#move(event);
      case "press":
        if (event.key === leftButton) this.#press();
        else this.#window.activate();
        return;
      case "release":
        if (event.key === leftButton) this.#release();
        return;
      case "touch":
        if (this.#finger === undefined) {
          this.#finger = event.id;
          this.#pointer = event;
          this.#press();
        } else if (event.id === this.#finger) this.#move(event);
        return;
      case "touch-release":
        if (event.id !== this.#finger) return;
        this.#finger = undefined;
        return this.#release();
      case "hover-leave":
        return this.#window.hover(undefined);
      default:
        return;
    }
  }

  #part(): Part {
    return partAt(this.#window.frame, this.#window.filling, this.#pointer);
  }

  #press(): void {
    const part = this.#part();
    this.#drag = { part, at: this.#pointer, from: this.#window.frame, moved: false };
    this.#window.activate();
  }

  #move({ x, y }: Point): void {
    this.#pointer = { x, y };
    const drag = this.#drag;
    if (drag === undefined) {
      const { kind } = this.#part();
      return this.#window.hover(kind === "close" || kind === "maximise" ? kind : undefined);
    }
    const by = { x: Math.round(x - drag.at.x), y: Math.round(y - drag.at.y) };
    // While something is pressed, positions count from where the frame was at the press.
    if (drag.part.kind === "edge") this.#window.resize(drag.from, drag.part.edges, by);
    else if (drag.part.kind === "title") {
      drag.moved ||= Math.hypot(by.x, by.y) >= (this.#window.filling ? tear : 1);
      if (!drag.moved) return;
      // One that has become narrower since stays under the pointer.
      const shift = Math.round(drag.at.x * (1 - this.#window.frame.width / drag.from.width));
      this.#window.move({ x: drag.from.x + by.x + shift, y: drag.from.y + by.y });
    }
  }

  #release(): void {
    const drag = this.#drag;
    this.#drag = undefined;
    if (drag === undefined) return;
    // A button counts where it is let go, too.
    if (drag.part.kind === "close" && this.#part().kind === "close") this.#window.close();
    if (drag.part.kind === "maximise" && this.#part().kind === "maximise") this.#window.maximise();
    if (drag.part.kind !== "title" || drag.moved) return;
    const now = this.#now();
    const again = now - this.#clickedAt < doubleClick;
    this.#clickedAt = again ? Number.NEGATIVE_INFINITY : now;
    if (again) this.#window.maximise();
  }
}
