/** Where new windows go. */
import { covers, intersection } from "../../lib/rectangle.js";
import type { Area, Point, Rect } from "../../sessions/geometry/geometry.generated.js";
import { titleHeight } from "./frame.js";

/** Of a window that is dragged beyond the edge of the screen, so much of its title bar stays. */
const reachable = 48;

/** The point next to this one at which a window of this size can still be got hold of. */
export function withinReach({ x, y, width }: Rect, area: Rect): Point {
  const least = Math.min(reachable, width);
  return {
    x: Math.max(area.x - width + least, Math.min(x, area.x + area.width - least)),
    y: Math.max(area.y, Math.min(y, area.y + area.height - titleHeight)),
  };
}

/** Of its own size, a new window hides so much of others at most, rather than lie on top of one. */
const mostHidden = 0.5;

function overlap(rect: Rect, others: readonly Rect[]): number {
  return others.reduce((sum, other) => {
    const { width, height } = intersection(rect, other);
    return sum + width * height;
  }, 0);
}

/** How far the first window is from the upper left corner. */
const margin = 16;

/**
 * A place for a window of this size: the first is at the upper left, which leaves room for others; these go where they hide
 * least, beside what is there, or, where they hide something anyway, below the title bar of the front window.
 * @param others frames of the windows that are seen, from the front to the back
 */
export function placeFor(size: Area, area: Rect, others: readonly Rect[]): Point {
  const middle = {
    x: area.x + Math.max(0, Math.floor((area.width - size.width) / 2)),
    y: area.y + Math.max(0, Math.floor((area.height - size.height) / 2)),
  };
  const right = area.x + area.width - size.width;
  const bottom = area.y + area.height - size.height;
  const [front] = others;
  if (front === undefined)
    return {
      x: Math.max(area.x, Math.min(area.x + margin, right)),
      y: Math.max(area.y, Math.min(area.y + margin, bottom)),
    };
  const columns = [area.x, middle.x, right, ...others.flatMap((one) => [one.x + one.width, one.x - size.width])];
  const rows = [area.y, middle.y, bottom, ...others.flatMap((one) => [one.y + one.height, one.y - size.height])];
  const places = rows.flatMap((y) => columns.map((x) => ({ x, y, ...size })));
  let best = { place: middle, hidden: Number.POSITIVE_INFINITY };
  for (const place of places) {
    if (!covers(area, place)) continue;
    const hidden = overlap(place, others);
    if (hidden < best.hidden) best = { place: { x: place.x, y: place.y }, hidden };
  }
  if (best.hidden <= mostHidden * size.width * size.height) return best.place;
  const step = { x: front.x + titleHeight, y: front.y + titleHeight };
  // Beyond the edge it begins anew at the top left.
  return {
    x: step.x <= right ? step.x : area.x,
    y: step.y <= bottom ? step.y : area.y,
  };
}
