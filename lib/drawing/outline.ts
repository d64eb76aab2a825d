/**
 * Shapes by their outline, and how much of each pixel they cover. Pixels; x grows to the right, y downwards. A pixel
 * covers the square from its number to the next one.
 */

/** How much of each pixel a shape covers, for a rectangle of pixels: 0 to 255, line by line. */
export interface Coverage {
  /** Left and top pixel. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly values: Uint8Array;
}

const nothing: Coverage = { x: 0, y: 0, width: 0, height: 0, values: new Uint8Array(0) };

/** A circle's quarter as this many curves is round to within a five-thousandth of its radius. */
const curvesOfQuarter = 4;

/**
 * Closed contours of lines and quadratic curves. A contour that runs within another one the other way round cuts a hole;
 * two that overlap the same way round are one shape.
 */
export class Outline {
  /** Four numbers a line: where it begins and ends. */
  readonly #lines: number[] = [];
  #startX = 0;
  #startY = 0;
  #x = 0;
  #y = 0;

  /** Begins a contour; the one before is closed. */
  moveTo(x: number, y: number): this {
    this.close();
    [this.#startX, this.#startY, this.#x, this.#y] = [x, y, x, y];
    return this;
  }

  lineTo(x: number, y: number): this {
    // What is level covers nothing.
    if (y !== this.#y) this.#lines.push(this.#x, this.#y, x, y);
    [this.#x, this.#y] = [x, y];
    return this;
  }

  curveTo(controlX: number, controlY: number, x: number, y: number): this {
    const [fromX, fromY] = [this.#x, this.#y];
    // A curve leaves its chord by a quarter of this, and n pieces of it leave theirs by n * n times less: 1/64 of a pixel.
    const bend = Math.hypot(fromX - 2 * controlX + x, fromY - 2 * controlY + y);
    const pieces = Math.min(64, Math.ceil(4 * Math.sqrt(bend)));
    for (let piece = 1; piece < pieces; ++piece) {
      const t = piece / pieces;
      const u = 1 - t;
      this.lineTo(u * u * fromX + 2 * u * t * controlX + t * t * x, u * u * fromY + 2 * u * t * controlY + t * t * y);
    }
    return this.lineTo(x, y);
  }

  close(): this {
    return this.lineTo(this.#startX, this.#startY);
  }

  /** A circle's arc around a point, clockwise between two angles in radians, from wherever the contour is. */
  arc(centerX: number, centerY: number, radius: number, from: number, to: number): this {
    const steps = Math.max(1, Math.ceil((Math.abs(to - from) / (Math.PI / 2)) * curvesOfQuarter));
    const step = (to - from) / steps;
    const reach = radius / Math.cos(step / 2);
    for (let index = 0; index < steps; ++index) {
      const middle = from + (index + 0.5) * step;
      const end = from + (index + 1) * step;
      this.curveTo(
        centerX + reach * Math.cos(middle),
        centerY + reach * Math.sin(middle),
        centerX + radius * Math.cos(end),
        centerY + radius * Math.sin(end),
      );
    }
    return this;
  }

  circle(centerX: number, centerY: number, radius: number): this {
    return this.moveTo(centerX + radius, centerY).arc(centerX, centerY, radius, 0, 2 * Math.PI);
  }

  polygon(points: readonly (readonly [x: number, y: number])[]): this {
    for (const [index, [x, y]] of points.entries()) index === 0 ? this.moveTo(x, y) : this.lineTo(x, y);
    return this.close();
  }

  /** A line of some width between two points, with flat ends. */
  stroke(fromX: number, fromY: number, toX: number, toY: number, width: number): this {
    const length = Math.hypot(toX - fromX, toY - fromY);
    if (length === 0) return this;
    const acrossX = ((fromY - toY) / length) * (width / 2);
    const acrossY = ((toX - fromX) / length) * (width / 2);
    return this.polygon([
      [fromX + acrossX, fromY + acrossY],
      [fromX - acrossX, fromY - acrossY],
      [toX - acrossX, toY - acrossY],
      [toX + acrossX, toY + acrossY],
    ]);
  }

  roundedRectangle(x: number, y: number, width: number, height: number, radius: number): this {
    const r = Math.max(0, Math.min(radius, width / 2, height / 2));
    const [right, bottom, quarter] = [x + width, y + height, Math.PI / 2];
    return this.moveTo(x + r, y)
      .lineTo(right - r, y)
      .arc(right - r, y + r, r, -quarter, 0)
      .lineTo(right, bottom - r)
      .arc(right - r, bottom - r, r, 0, quarter)
      .lineTo(x + r, bottom)
      .arc(x + r, bottom - r, r, quarter, 2 * quarter)
      .lineTo(x, y + r)
      .arc(x + r, y + r, r, 2 * quarter, 3 * quarter)
      .close();
  }

  /** How much of each pixel is covered, within these bounds (all of them unless told). */
  coverage(bounds?: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  }): Coverage {
    this.close();
    const lines = this.#lines;
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let at = 0; at < lines.length; at += 2) {
      const [x, y] = [lines[at] as number, lines[at + 1] as number];
      if (!Number.isFinite(x + y)) return nothing;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
    if (bounds !== undefined) {
      [left, right] = [Math.max(left, bounds.x), Math.min(right, bounds.x + bounds.width)];
      [top, bottom] = [Math.max(top, bounds.y), Math.min(bottom, bounds.y + bounds.height)];
    }
    if (!(left < right && top < bottom)) return nothing;
    const [x, y] = [Math.floor(left), Math.floor(top)];
    const [width, height] = [Math.ceil(right) - x, Math.ceil(bottom) - y];
    const sums = new AreaSums(width, height);
    for (let at = 0; at < lines.length; at += 4)
      sums.add(
        (lines[at] as number) - x,
        (lines[at + 1] as number) - y,
        (lines[at + 2] as number) - x,
        (lines[at + 3] as number) - y,
      );
    return { x, y, width, height, values: sums.coverage() };
  }
}

/**
 * The area to the right of each line, signed by whether the line goes down or up, as the difference of each pixel from
 * the one to its left: of a closed contour the running sums of a row are what it covers.
 */
class AreaSums {
  readonly #width: number;
  readonly #height: number;
  /** A pixel more in each row, for what ends in its last pixel. */
  readonly #differences: Float32Array;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#differences = new Float32Array((width + 1) * height);
  }

  add(fromX: number, fromY: number, toX: number, toY: number): void {
    const direction = fromY < toY ? 1 : -1;
    const [topX, topY, bottomX, bottomY] = direction > 0 ? [fromX, fromY, toX, toY] : [toX, toY, fromX, fromY];
    const slope = (bottomX - topX) / (bottomY - topY);
    const first = Math.max(0, topY);
    const last = Math.min(this.#height, bottomY);
    for (let row = Math.floor(first); row < last; ++row) {
      const y0 = Math.max(row, first);
      const y1 = Math.min(row + 1, last);
      this.#addToRow(row, topX + (y0 - topY) * slope, topX + (y1 - topY) * slope, direction * (y1 - y0));
    }
  }

  /** A piece of a line within one row: from x0 to x1, over `height` of the row's height, signed. */
  #addToRow(row: number, x0: number, x1: number, height: number): void {
    const width = this.#width;
    let [left, right] = x0 < x1 ? [x0, x1] : [x1, x0];
    const base = row * (width + 1);
    const differences = this.#differences;
    if (left >= width) return;
    if (right <= 0) {
      (differences[base] as number) += height;
      return;
    }
    if (left < 0 || right > width) {
      // What is beyond a side counts as if it ran along that side.
      const perPixel = height / (right - left);
      if (left < 0) (differences[base] as number) += perPixel * -left;
      const inside = perPixel * (Math.min(right, width) - Math.max(left, 0));
      [left, right] = [Math.max(left, 0), Math.min(right, width)];
      this.#spread(base, left, right, inside);
    } else this.#spread(base, left, right, height);
  }

  #spread(base: number, left: number, right: number, height: number): void {
    const differences = this.#differences;
    const first = Math.floor(left);
    const last = Math.floor(right);
    if (first === last || right === first + 1) {
      const share = 1 - ((left + right) / 2 - first);
      (differences[base + first] as number) += height * share;
      (differences[base + first + 1] as number) += height * (1 - share);
      return;
    }
    const perPixel = height / (right - left);
    // What is covered to the right of the line within a pixel, and so far beyond it, pixel by pixel.
    let before = 0;
    for (let pixel = first; pixel <= last && pixel < right; ++pixel) {
      const from = Math.max(left, pixel);
      const to = Math.min(right, pixel + 1);
      const part = perPixel * (to - from);
      const covered = part * (1 - ((from + to) / 2 - pixel));
      (differences[base + pixel] as number) += before + covered;
      before = part - covered;
    }
    (differences[base + Math.ceil(right)] as number) += before;
  }

  coverage(): Uint8Array {
    const values = new Uint8Array(this.#width * this.#height);
    for (let row = 0; row < this.#height; ++row) {
      let sum = 0;
      let from = row * (this.#width + 1);
      const end = (row + 1) * this.#width;
      for (let to = row * this.#width; to < end; ++to) {
        sum += this.#differences[from++] as number;
        values[to] = Math.min(255, Math.abs(sum) * 255 + 0.5);
      }
    }
    return values;
  }
}
