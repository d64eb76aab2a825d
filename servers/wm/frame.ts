/** The frame around a window: where its parts are. Pure arithmetic, from the frame's upper left corner. */
import { holds } from "../../lib/rectangle.js";
import type { Area, Point, Rect } from "../../sessions/geometry/geometry.generated.js";

/** Pixels of the title bar, and of the border at the other sides. */
export const titleHeight = 26;
export const borderWidth = 4;
/** So far from a corner, an edge pulls at the corner's other edge too. */
const cornerReach = 20;

/** Which edges a drag moves. */
export interface Edges {
  readonly left?: true;
  readonly right?: true;
  readonly top?: true;
  readonly bottom?: true;
}

export type Part =
  | { readonly kind: "title" | "close" | "maximise" | "content" }
  | { readonly kind: "edge"; readonly edges: Edges };

/** A window that fills the screen has a title bar only. */
export function borderOf(filling: boolean): number {
  return filling ? 0 : borderWidth;
}

/** The frame's size around a content. */
export function framed({ width, height }: Area, filling: boolean): Area {
  const border = borderOf(filling);
  return { width: width + 2 * border, height: height + titleHeight + border };
}

/** What a frame of this size has within. Never without a pixel. */
export function contentOf({ width, height }: Area, filling: boolean): Rect {
  const border = borderOf(filling);
  return {
    x: border,
    y: titleHeight,
    width: Math.max(1, width - 2 * border),
    height: Math.max(1, height - titleHeight - border),
  };
}

/** The buttons, from the right. Squares within the title bar. */
export function buttonsOf({ width }: Area, filling: boolean): { readonly close: Rect; readonly maximise: Rect } {
  const side = titleHeight - 6;
  const right = width - borderOf(filling) - 2;
  const square = (place: number): Rect => ({ x: right - place * (side + 2) - side, y: 3, width: side, height: side });
  return { close: square(0), maximise: square(1) };
}

/** What of a frame is at this point. */
export function partAt(frame: Area, filling: boolean, point: Point): Part {
  const { close, maximise } = buttonsOf(frame, filling);
  if (holds(close, point)) return { kind: "close" };
  if (holds(maximise, point)) return { kind: "maximise" };
  if (holds(contentOf(frame, filling), point)) return { kind: "content" };
  if (filling) return { kind: "title" };
  const { x, y } = point;
  const { width, height } = frame;
  const onEdge = x < borderWidth || x >= width - borderWidth || y < 3 || y >= height - borderWidth;
  if (!onEdge) return { kind: "title" };
  const along = y < 3 || y >= height - borderWidth;
  const edges: Edges = {
    ...((x < borderWidth || (along && x < cornerReach)) && { left: true }),
    ...((x >= width - borderWidth || (along && x >= width - cornerReach)) && { right: true }),
    ...((y < 3 || (!along && y < cornerReach)) && { top: true }),
    ...((y >= height - borderWidth || (!along && y >= height - cornerReach)) && { bottom: true }),
  };
  return { kind: "edge", edges };
}
