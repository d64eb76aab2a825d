/** All views on the screen in their order. */
import { covers, holds, intersection, isEmpty, moved } from "../../lib/rectangle.js";
import type { Area, Point, Rect } from "../../sessions/geometry/geometry.generated.js";
import { type Placed, placed, type View, type ViewOwner } from "./view.js";

/** Where the stack is shown. */
export interface Surroundings {
  readonly screen: Rect;
  readonly pointer: Point;
  /** A view that follows the pointer came or went. */
  followed(): void;
  /** Other views may lie at a point than before. */
  rearranged(): void;
}

/** Views of the same rank can change places. */
function rank(view: View): number {
  return 2 * view.owner.domain.config.layer + (view.background ? 1 : 0);
}

function follows({ owner, topLevel }: View): boolean {
  return topLevel && owner.domain.config.origin === "pointer";
}

function opaque({ view }: Placed): boolean {
  return view.owner.framebuffer.shown?.alpha === false;
}

export class Stack {
  readonly #surroundings: Surroundings;
  readonly #damaged: (rect: Rect) => void;
  readonly #labelOf: (view: View) => Area | undefined;
  /** At the top level, from the front to the back. */
  #views: View[] = [];
  /** As they are on the screen, with their labels and without; undefined after a change. */
  #arranged: { readonly everything: readonly Placed[]; readonly views: readonly Placed[] } | undefined;

  /** `damaged` is told what has to be drawn anew; `labelOf` knows the size of the label on a view. */
  constructor(surroundings: Surroundings, damaged: (rect: Rect) => void, labelOf: (view: View) => Area | undefined) {
    this.#surroundings = surroundings;
    this.#damaged = damaged;
    this.#labelOf = labelOf;
  }

  #arrange(): { readonly everything: readonly Placed[]; readonly views: readonly Placed[] } {
    if (this.#arranged === undefined) {
      const everything = this.#views.flatMap((view) => this.#place(view));
      this.#arranged = { everything, views: everything.filter(({ label }) => !label) };
    }
    return this.#arranged;
  }

  /** All views, and the labels on them, from the front to the back. */
  get everything(): readonly Placed[] {
    return this.#arrange().everything;
  }

  /** All views from the front to the back. */
  get placed(): readonly Placed[] {
    return this.#arrange().views;
  }

  #place(view: View): Placed[] {
    const { screen, pointer } = this.#surroundings;
    const { domain } = view.owner;
    const bounds = intersection(screen, domain.area(screen, pointer));
    return placed(view, domain.origin(screen, pointer), bounds, this.#labelOf);
  }

  /** Places everything anew, as when the screen or the domains are others; who calls it has everything drawn. */
  sort(): void {
    this.#views.sort((a, b) => rank(a) - rank(b));
    this.#arranged = undefined;
    this.#surroundings.rearranged();
  }

  get #following(): View[] {
    return this.#views.filter(follows);
  }

  /** Whether a client has a view that follows the pointer. */
  get hasFollowing(): boolean {
    return this.#following.length > 0;
  }

  /** Moves the pointer, and with it the views that follow it. */
  changeFollowing(move: () => void): void {
    const following = this.#following;
    for (const view of following) this.#damage(view);
    move();
    if (following.length === 0) return;
    this.#arranged = undefined;
    for (const view of following) this.#damage(view);
  }

  /** Changes something about a view and those in it, and has drawn anew what was there and what is. */
  change(view: View, change: () => void): void {
    this.#damage(view);
    change();
    this.#arranged = undefined;
    this.#damage(view);
    this.#surroundings.rearranged();
  }

  #damage(view: View): void {
    const within = new Set<View>();
    const gather = (one: View): void => {
      within.add(one);
      one.children.forEach(gather);
    };
    gather(view);
    for (const one of this.everything) if (within.has(one.view)) this.#damaged(one.visible);
  }

  /** Where the views beside this one are. */
  #siblings(view: View): View[] {
    return view.parent?.children ?? this.#views;
  }

  add(view: View, front: boolean): void {
    this.change(view, () => this.#insert(view, front ? "front" : "back"));
    if (follows(view)) this.#surroundings.followed();
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
    if (follows(view)) this.#surroundings.followed();
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
    this.#arranged = undefined;
    for (const { view, visible } of this.placed) if (view.owner === owner) this.#damaged(visible);
    this.#surroundings.rearranged();
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
