/** Parts of a screen, as shares of its sides: what positions are before a GUI server knows which screen it is. */
import { s } from "../../../base/schema.js";

export interface Spot {
  readonly x: number;
  readonly y: number;
}

const side = (doc: string, fallback: number) => s.number({ min: 0, max: 1, default: fallback, doc });

export const area = s.object(
  {
    x: side("Left edge.", 0),
    y: side("Upper edge.", 0),
    width: side("Width.", 1),
    height: side("Height.", 1),
  },
  { default: {}, doc: "Where, in shares of the screen's sides, from 0 to 1." },
);

export interface Area extends Spot {
  readonly width: number;
  readonly height: number;
}

export function contains({ x, y, width, height }: Area, spot: Spot): boolean {
  return spot.x >= x && spot.y >= y && spot.x < x + width && spot.y < y + height;
}
