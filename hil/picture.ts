/** Pictures of screens, and how much two of them differ. */

/** Red, green, blue, opacity: 0 to 255 each. */
export type Color = readonly [red: number, green: number, blue: number, alpha?: number];

export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface ComparisonOptions {
  /** How far each of red, green and blue may be apart for two pixels to count as equal; 0 when absent. */
  readonly tolerance?: number;
  /** Parts that do not count, such as a clock. */
  readonly ignore?: readonly Region[];
}

export interface Comparison {
  /** Pixels that differ. */
  readonly different: number;
  /** Of those that count. 1 when the sizes differ. */
  readonly share: number;
  /** The largest distance of one colour. */
  readonly largest: number;
  /** What is equal in pale grey, what differs in red. */
  readonly difference: Picture;
}

export class Picture {
  readonly width: number;
  readonly height: number;
  /** Four bytes a pixel (red, green, blue, opacity), row by row. */
  readonly pixels: Uint8Array;

  constructor(width: number, height: number, pixels = new Uint8Array(width * height * 4)) {
    if (pixels.length !== width * height * 4)
      throw new RangeError(`A picture of ${width} x ${height} has ${width * height * 4} bytes, not ${pixels.length}`);
    this.width = width;
    this.height = height;
    this.pixels = pixels;
  }

  at(x: number, y: number): Color {
    const at = (y * this.width + x) * 4;
    return [...this.pixels.subarray(at, at + 4)] as unknown as Color;
  }

  fill(
    [red, green, blue, alpha = 255]: Color,
    region: Region = { x: 0, y: 0, width: this.width, height: this.height },
  ): this {
    for (let y = Math.max(0, region.y); y < Math.min(this.height, region.y + region.height); ++y)
      for (let x = Math.max(0, region.x); x < Math.min(this.width, region.x + region.width); ++x)
        this.pixels.set([red, green, blue, alpha], (y * this.width + x) * 4);
    return this;
  }

  /** A part of it, as a picture of its own. */
  crop({ x, y, width, height }: Region): Picture {
    if (x < 0 || y < 0 || x + width > this.width || y + height > this.height)
      throw new RangeError(`There is no part of ${width} x ${height} at ${x}, ${y} in ${this.width} x ${this.height}`);
    const part = new Picture(width, height);
    for (let row = 0; row < height; ++row) {
      const at = ((y + row) * this.width + x) * 4;
      part.pixels.set(this.pixels.subarray(at, at + width * 4), row * width * 4);
    }
    return part;
  }

  /** How it differs from another one. Opacity does not count. */
  compare(other: Picture, { tolerance = 0, ignore = [] }: ComparisonOptions = {}): Comparison {
    const width = Math.max(this.width, other.width);
    const height = Math.max(this.height, other.height);
    const difference = new Picture(width, height);
    const ignored = (x: number, y: number): boolean =>
      ignore.some((area) => x >= area.x && y >= area.y && x < area.x + area.width && y < area.y + area.height);
    let different = 0;
    let counted = 0;
    let largest = 0;
    for (let y = 0; y < height; ++y) {
      for (let x = 0; x < width; ++x) {
        const at = (y * width + x) * 4;
        const distance = this.#distance(other, x, y);
        const unequal = distance > tolerance && !ignored(x, y);
        if (!ignored(x, y)) {
          counted += 1;
          largest = Math.max(largest, distance);
        }
        if (unequal) different += 1;
        const pale = x < this.width && y < this.height ? 192 + (this.#gray(x, y) >> 2) : 255;
        difference.pixels.set(unequal ? [255, 0, 0, 255] : [pale, pale, pale, 255], at);
      }
    }
    const sameSize = this.width === other.width && this.height === other.height;
    return { different, share: sameSize ? (counted === 0 ? 0 : different / counted) : 1, largest, difference };
  }

  #gray(x: number, y: number): number {
    const [red, green, blue] = this.at(x, y);
    return (red * 77 + green * 151 + blue * 28) >> 8;
  }

  /** Of the colours at one place; a place that only one of both has is as far as can be. */
  #distance(other: Picture, x: number, y: number): number {
    if (x >= this.width || y >= this.height || x >= other.width || y >= other.height) return 255;
    const [here, there] = [(y * this.width + x) * 4, (y * other.width + x) * 4];
    let largest = 0;
    for (let channel = 0; channel < 3; ++channel)
      largest = Math.max(
        largest,
        Math.abs((this.pixels[here + channel] as number) - (other.pixels[there + channel] as number)),
      );
    return largest;
  }
}
