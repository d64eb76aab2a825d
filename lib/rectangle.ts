/**
 * Arithmetic of rectangles. Coordinates are whole numbers far below 2^53, so sums of what sessions carry (32 bits) are
 * exact. An empty rectangle has neither width nor height.
 */
import type { Area, Point, Rect } from "../sessions/geometry/geometry.generated.js";

export const nowhere: Rect = { x: 0, y: 0, width: 0, height: 0 };

export function isEmpty({ width, height }: Area): boolean {
  return width <= 0 || height <= 0;
}

/** From one corner to the other; {@link nowhere} when the second is not below and to the right of the first. */
function between(left: number, top: number, right: number, bottom: number): Rect {
  return right > left && bottom > top ? { x: left, y: top, width: right - left, height: bottom - top } : nowhere;
}

/** What both cover. */
export function intersection(a: Rect, b: Rect): Rect {
  return between(
    Math.max(a.x, b.x),
    Math.max(a.y, b.y),
    Math.min(a.x + a.width, b.x + b.width),
    Math.min(a.y + a.height, b.y + b.height),
  );
}

/** The smallest rectangle around both; an empty one does not count. */
export function bounding(a: Rect, b: Rect): Rect {
  if (isEmpty(a)) return isEmpty(b) ? nowhere : b;
  if (isEmpty(b)) return a;
  return between(
    Math.min(a.x, b.x),
    Math.min(a.y, b.y),
    Math.max(a.x + a.width, b.x + b.width),
    Math.max(a.y + a.height, b.y + b.height),
  );
}

/** The parts of `a` that `b` leaves uncovered: at most four, which do not overlap. */
export function difference(a: Rect, b: Rect): Rect[] {
  const common = intersection(a, b);
  if (isEmpty(common)) return isEmpty(a) ? [] : [a];
  const right = a.x + a.width;
  const bottom = a.y + a.height;
  const commonRight = common.x + common.width;
  const commonBottom = common.y + common.height;
  return [
    between(a.x, a.y, right, common.y),
    between(a.x, common.y, common.x, commonBottom),
    between(commonRight, common.y, right, commonBottom),
    between(a.x, commonBottom, right, bottom),
  ].filter((part) => !isEmpty(part));
}

/** Whether `inner` lies in `outer` whole. */
export function covers(outer: Rect, inner: Rect): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

/** Whether the pixel at that point belongs to the rectangle. */
export function holds(rect: Rect, { x, y }: Point): boolean {
  return x >= rect.x && y >= rect.y && x < rect.x + rect.width && y < rect.y + rect.height;
}

export function moved(rect: Rect, { x, y }: Point): Rect {
  return { x: rect.x + x, y: rect.y + y, width: rect.width, height: rect.height };
}

export function sameRect(a: Rect, b: Rect): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}

/** The rectangle at 0, 0 of that size. */
export function at0({ width, height }: Area): Rect {
  return { x: 0, y: 0, width, height };
}
