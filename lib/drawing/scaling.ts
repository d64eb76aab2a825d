/** Pictures at another size. */
import type { Point, Rect } from "../../sessions/geometry/geometry.generated.js";
import { at0, intersection } from "../rectangle.js";
import type { Canvas } from "./canvas.js";
import { mix, type Surface } from "./surface.js";

/** From this scale on, pixels are seen as the squares that they are. */
const squaresFrom = 3;

/** A picture without transparency, and smaller versions of it, each half of the one before, made when they are needed. */
export class ScalablePicture {
  readonly #levels: [Surface, ...Surface[]];

  /** `picture` must stay as it is. */
  constructor(picture: Surface) {
    this.#levels = [picture];
  }

  get width(): number {
    return this.#levels[0].width;
  }

  get height(): number {
    return this.#levels[0].height;
  }

  /** The smallest version that is not smaller than what is shown. */
  #level(scale: number): Surface {
    const wanted = Math.max(0, Math.floor(-Math.log2(Math.min(1, scale)) + 1e-9));
    for (let level = this.#levels.length; level <= wanted; ++level) {
      const before = this.#levels[level - 1] as Surface;
      if (before.width === 1 && before.height === 1) break;
      this.#levels.push(halved(before));
    }
    return this.#levels[Math.min(wanted, this.#levels.length - 1)] as Surface;
  }

  /** Draws the picture so many times as large, its top left at a point, which need not be whole. Returns where it is. */
  draw(canvas: Canvas, { x, y }: Point, scale: number): Rect {
    const level = this.#level(scale);
    const [acrossX, acrossY] = [level.width / (this.width * scale), level.height / (this.height * scale)];
    const box = {
      x: Math.floor(x),
      y: Math.floor(y),
      width: Math.max(1, Math.round(this.width * scale)),
      height: Math.max(1, Math.round(this.height * scale)),
    };
    const seen = intersection(intersection(box, canvas.clip), at0(canvas.surface));
    const sample = scale >= squaresFrom ? nearest : smooth;
    for (let row = seen.y; row < seen.y + seen.height; ++row) {
      const to = row * canvas.width;
      const fromY = (row + 0.5 - box.y) * acrossY;
      for (let column = seen.x; column < seen.x + seen.width; ++column)
        canvas.surface.pixels[to + column] = sample(level, (column + 0.5 - box.x) * acrossX, fromY);
    }
    return box;
  }
}

/** The pixel at a point. */
function nearest({ width, height, pixels }: Surface, x: number, y: number): number {
  return pixels[Math.min(height - 1, Math.floor(y)) * width + Math.min(width - 1, Math.floor(x))] as number;
}

/** What lies between the middles of the four pixels around a point. */
function smooth({ width, height, pixels }: Surface, x: number, y: number): number {
  const left = Math.max(0, Math.min(width - 1, x - 0.5));
  const top = Math.max(0, Math.min(height - 1, y - 0.5));
  const [column, row] = [Math.floor(left), Math.floor(top)];
  const [shareX, shareY] = [Math.round((left - column) * 255), Math.round((top - row) * 255)];
  const at = row * width + column;
  const right = column + 1 < width ? 1 : 0;
  const below = row + 1 < height ? width : 0;
  const upper = mix(pixels[at] as number, pixels[at + right] as number, shareX);
  const lower = mix(pixels[at + below] as number, pixels[at + below + right] as number, shareX);
  return mix(upper, lower, shareY);
}

/** Each pixel the mean of four; the last one of an odd number is the mean of fewer. */
function halved({ width, height, pixels }: Surface): Surface {
  const half = { width: Math.max(1, width >> 1), height: Math.max(1, height >> 1) };
  const made = new Uint32Array(half.width * half.height);
  const [right, below] = [width > 1 ? 1 : 0, height > 1 ? width : 0];
  for (let row = 0; row < half.height; ++row)
    for (let column = 0; column < half.width; ++column) {
      const at = row * 2 * width + column * 2;
      const four = [pixels[at], pixels[at + right], pixels[at + below], pixels[at + below + right]] as number[];
      const mean = (shift: number): number => {
        let sum = 2;
        for (const pixel of four) sum += (pixel >> shift) & 255;
        return (sum >> 2) << shift;
      };
      made[row * half.width + column] = mean(16) | mean(8) | mean(0);
    }
  return { ...half, pixels: made };
}
