/** All views on the screen in their order. */
import { covers, holds, intersection, isEmpty, moved } from "../../lib/rectangle.js";
import type { Point, Rect } from "../../sessions/geometry/geometry.generated.js";
import { type Placed, placed, type View, type ViewOwner } from "./view.js";

/** Where the stack is shown. */
export interface Surroundings {
  readonly screen: Rect;
  readonly pointer: Point;
}

/** Views of the same rank can change places. */
function rank(view: View): number {
  return 2 * view.owner.domain.config.layer + (view.background ? 1 : 0);
}

function opaque({ view }: Placed): boolean {
  return view.owner.framebuffer.shown?.alpha === false;
}

export class Stack {
  readonly #surroundings: Surroundings;
  readonly #damaged: (rect: Rect) => void;
  /** At the top level, from the front to the back. */
  #views: View[] = [];
  /** As they are on the screen; undefined after a change. */
  #placed: readonly Placed[] | undefined;

  /** `damaged` is told what has to be drawn anew. */
  constructor(surroundings: Surroundings, damaged: (rect: Rect) => void) {
    this.#surroundings = surroundings;
    this.#damaged = damaged;
  }

  /** All views from the front to the back. */
  get placed(): readonly Placed[] {
    this.#placed ??= this.#views.flatMap((view) => this.#place(view));
    return this.#placed;
  }

  #place(view: View): Placed[] {
    const { screen, pointer } = this.#surroundings;
    const { domain } = view.owner;
    return placed(view, domain.origin(screen, pointer), intersection(screen, domain.area(screen, pointer)));
  }

  /** Places everything anew, as when the screen has another size; who calls it has everything drawn. */
  invalidate(): void {
    this.#placed = undefined;
  }

  /** Changes something about a view and those in it, and has drawn anew what was there and what is. */
  change(view: View, change: () => void): void {
    this.#damage(view);
    change();
    this.#placed = undefined;
    this.#damage(view);
  }

  #damage(view: View): void {
    const within = new Set<View>();
    const gather = (one: View): void => {
      within.add(one);
      one.children.forEach(gather);
    };
    gather(view);
    for (const one of this.placed) if (within.has(one.view)) this.#damaged(one.visible);
  }

  /** Where the views beside this one are. */
  #siblings(view: View): View[] {
    return view.parent?.children ?? this.#views;
  }

  add(view: View, front: boolean): void {
    this.change(view, () => this.#insert(view, front ? "front" : "back"));
  }

  /** Takes the view away. Those in it are seen no more. */
  remove(view: View): void {
    this.change(view, () => {
      const siblings = this.#siblings(view);
      const index = siblings.indexOf(view);
      if (index >= 0) siblings.splice(index, 1);
      // A child would otherwise join the top level.
      view.parent = undefined;
    });
  }

  /** In front of the others, or of a neighbour; or behind. Among those of the same rank, whose border nobody crosses. */
  order(view: View, place: "front" | "back", neighbour?: View): void {
    const siblings = this.#siblings(view);
    if (!siblings.includes(view)) return;
    this.change(view, () => {
      siblings.splice(siblings.indexOf(view), 1);
      this.#insert(view, place, neighbour);
    });
  }

  #insert(view: View, place: "front" | "back", neighbour?: View): void {
    const siblings = this.#siblings(view);
    const own = view.topLevel ? rank(view) : 0;
    const ranks = siblings.map((other) => (view.topLevel ? rank(other) : 0));
    const first = ranks.findIndex((other) => other >= own);
    const last = ranks.findIndex((other) => other > own);
    const front = first < 0 ? siblings.length : first;
    const back = last < 0 ? siblings.length : last;
    const beside = neighbour === undefined ? -1 : siblings.indexOf(neighbour);
    const wanted = place === "front" ? (beside < 0 ? front : beside) : beside < 0 ? back : beside + 1;
    siblings.splice(Math.min(back, Math.max(front, wanted)), 0, view);
  }

  /** What has to be drawn anew after a client has drawn in `rect` of its buffer. What opaque views hide is not. */
  refreshed(owner: ViewOwner, rect: Rect): void {
    const views = this.placed;
    views.forEach((one, index) => {
      if (one.view.owner !== owner) return;
      const { x, y } = one.view.bufferOrigin;
      const changed = intersection(one.visible, moved(rect, { x: one.place.x - x, y: one.place.y - y }));
      if (isEmpty(changed)) return;
      const hidden = views.slice(0, index).some((other) => opaque(other) && covers(other.visible, changed));
      if (!hidden) this.#damaged(changed);
    });
  }

  /** All of a client's views have other pixels, or other ones of them. */
  replaced(owner: ViewOwner): void {
    for (const { view, visible } of this.placed) if (view.owner === owner) this.#damaged(visible);
    this.#placed = undefined;
    for (const { view, visible } of this.placed) if (view.owner === owner) this.#damaged(visible);
  }

  /** Whether something of a client may be seen within `rect`. */
  shows(owner: ViewOwner, rect: Rect): boolean {
    return this.placed.some(({ view, visible }) => view.owner === owner && !isEmpty(intersection(visible, rect)));
  }

  /** The frontmost view that takes input at this point. */
  at(point: Point): Placed | undefined {
    return this.placed.find((one) => holds(one.visible, point) && takesInput(one, point));
  }
}

function takesInput({ view, place }: Placed, { x, y }: Point): boolean {
  const { domain, framebuffer } = view.owner;
  // What follows the pointer would always be under it.
  if (domain.config.origin === "pointer") return false;
  if (domain.config.input === "always") return true;
  const { shown } = framebuffer;
  const mask = shown?.inputMask;
  if (shown === undefined || mask === undefined) return true;
  const origin = view.bufferOrigin;
  return mask[(y - place.y + origin.y) * shown.area.width + (x - place.x + origin.x)] !== 0;
}
