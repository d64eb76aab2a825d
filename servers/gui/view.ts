/** A view: where on the screen a client's buffer is seen. */
import { at0, intersection, moved } from "../../lib/rectangle.js";
import type { FramebufferSession } from "../../sessions/framebuffer/index.js";
import type { Area, Point, Rect } from "../../sessions/geometry/geometry.generated.js";
import type { Domain } from "./domain.js";

/** Whose view it is. */
export interface ViewOwner {
  readonly label: string;
  readonly domain: Domain;
  readonly framebuffer: FramebufferSession;
}

export class View {
  readonly owner: ViewOwner;
  /** Undefined at the top level, and once the parent is gone: then nothing of the view is seen. */
  parent: View | undefined;
  readonly topLevel: boolean;
  /** From the front to the back. */
  readonly children: View[] = [];
  /** On the domain, or in the parent. */
  rect: Rect;
  /** Where the buffer's top left lies, from the view's. */
  offset: Point = { x: 0, y: 0 };
  title: string;
  background = false;

  constructor(owner: ViewOwner, parent: View | undefined, title: string, rect: Rect) {
    this.owner = owner;
    this.parent = parent;
    this.topLevel = parent === undefined;
    this.title = title;
    this.rect = rect;
  }

  /** How many views it lies in. */
  get depth(): number {
    return this.parent === undefined ? 0 : this.parent.depth + 1;
  }

  /** Where the pixel of the buffer is that lies at the view's top left. */
  get bufferOrigin(): Point {
    const { x, y } = this.owner.framebuffer.offset;
    return { x: x - this.offset.x, y: y - this.offset.y };
  }

  /** The part of the view that shows something of the buffer, from the view's top left. */
  get filled(): Rect {
    const { shown } = this.owner.framebuffer;
    if (shown === undefined) return { x: 0, y: 0, width: 0, height: 0 };
    const { x, y } = this.bufferOrigin;
    return intersection(at0(this.rect), moved(at0(shown.area), { x: -x, y: -y }));
  }
}

/** A view as it is on the screen. */
export interface Placed {
  readonly view: View;
  /** Where its top left is. */
  readonly place: Point;
  /** What is not cut off by its parents and its domain; of it, what `filled` says shows something. */
  readonly clip: Rect;
  /** The part of `clip` where there are pixels. */
  readonly visible: Rect;
  /** Whether this is not the view, but the server's label on it. */
  readonly label: boolean;
}

/**
 * The view and those in it, from the front to the back. In front of all there is the view's label, if `labelOf` knows the
 * size of one.
 */
export function placed(
  view: View,
  origin: Point,
  bounds: Rect,
  labelOf: (view: View) => Area | undefined,
  into: Placed[] = [],
): Placed[] {
  const place = { x: origin.x + view.rect.x, y: origin.y + view.rect.y };
  const clip = intersection(bounds, { ...view.rect, ...place });
  const label = labelOf(view);
  if (label !== undefined)
    into.push({ view, place, clip, visible: intersection(clip, moved(at0(label), place)), label: true });
  for (const child of view.children) placed(child, place, clip, labelOf, into);
  into.push({ view, place, clip, visible: intersection(clip, moved(view.filled, place)), label: false });
  return into;
}
