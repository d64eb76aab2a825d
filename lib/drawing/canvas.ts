/** Draws onto a surface: what is outside of the clip stays as it is. Coordinates are pixels; opacities go from 0 to 255. */
import type { Point, Rect } from "../../sessions/geometry/geometry.generated.js";
import { at0, intersection } from "../rectangle.js";
import type { Font } from "./font.js";
import { type Coverage, Outline } from "./outline.js";
import { type Color, mix, type Surface } from "./surface.js";

export class Canvas {
  readonly surface: Surface;
  #clip: Rect;

  constructor(surface: Surface) {
    this.surface = surface;
    this.#clip = this.bounds;
  }

  get width(): number {
    return this.surface.width;
  }

  get height(): number {
    return this.surface.height;
  }

  get bounds(): Rect {
    return at0(this.surface);
  }

  get clip(): Rect {
    return this.#clip;
  }

  /** Calls `draw` with a clip that is the present one's part of a box of whole pixels. */
  within(box: Rect, draw: () => void): void {
    const before = this.#clip;
    this.#clip = intersection(before, box);
    try {
      draw();
    } finally {
      this.#clip = before;
    }
  }

  /** Makes everything in a box have this colour and opacity, whatever was there. */
  clear(box: Rect, color: Color, opacity = 255): void {
    const { x, y, width, height } = intersection(this.#clip, wholePixels(box));
    const { pixels, opacity: plane, inputMask } = this.surface;
    for (let row = y; row < y + height; ++row) {
      const start = row * this.surface.width + x;
      pixels.fill(color, start, start + width);
      plane?.fill(opacity, start, start + width);
      inputMask?.fill(opacity === 0 ? 0 : 1, start, start + width);
    }
  }

  /** Fills a box, whose sides are put onto whole pixels. */
  fill(box: Rect, color: Color, opacity = 255): void {
    if (opacity === 255) return this.clear(box, color);
    const { x, y, width, height } = intersection(this.#clip, wholePixels(box));
    for (let row = y; row < y + height; ++row) {
      const start = row * this.surface.width + x;
      for (let at = start; at < start + width; ++at) this.#blend(at, color, opacity);
    }
  }

  /** The box's own pixels along its sides. */
  frame(box: Rect, color: Color, thickness = 1): void {
    const { x, y, width, height } = wholePixels(box);
    this.fill({ x, y, width, height: thickness }, color);
    this.fill({ x, y: y + height - thickness, width, height: thickness }, color);
    this.fill({ x, y: y + thickness, width: thickness, height: height - 2 * thickness }, color);
    this.fill({ x: x + width - thickness, y: y + thickness, width: thickness, height: height - 2 * thickness }, color);
  }

  roundedRectangle(box: Rect, radius: number, color: Color, opacity = 255): void {
    const { x, y, width, height } = box;
    const corner = Math.ceil(Math.min(radius, width / 2, height / 2));
    if ([x, y, width, height].every(Number.isInteger) && height > 2 * corner) {
      // Only the rows of the corners need a shape.
      const whole = new Outline().roundedRectangle(x, y, width, height, radius);
      this.cover(whole.coverage({ x, y, width, height: corner }), color, opacity);
      this.fill({ x, y: y + corner, width, height: height - 2 * corner }, color, opacity);
      this.cover(whole.coverage({ x, y: y + height - corner, width, height: corner }), color, opacity);
    } else this.shape(new Outline().roundedRectangle(x, y, width, height, radius), color, opacity);
  }

  /** A line between two points, which are corners of pixels, so that a thin one through their middles has halves. */
  line(from: Point, to: Point, color: Color, width = 1, opacity = 255): void {
    this.shape(new Outline().stroke(from.x, from.y, to.x, to.y, width), color, opacity);
  }

  shape(outline: Outline, color: Color, opacity = 255): void {
    this.cover(outline.coverage(this.#clip), color, opacity);
  }

  /** Lays a colour over what is covered, moved by whole pixels. */
  cover(coverage: Coverage, color: Color, opacity = 255, moveX = 0, moveY = 0): void {
    const { values, width: stride } = coverage;
    const [originX, originY] = [coverage.x + moveX, coverage.y + moveY];
    const { x, y, width, height } = intersection(this.#clip, {
      x: originX,
      y: originY,
      width: stride,
      height: coverage.height,
    });
    const { pixels, opacity: plane } = this.surface;
    for (let row = y; row < y + height; ++row) {
      let at = row * this.surface.width + x;
      let from = (row - originY) * stride + (x - originX);
      for (const end = from + width; from < end; ++from, ++at) {
        const value = values[from] as number;
        if (value === 0) continue;
        const share = opacity === 255 ? value : Math.round((value * opacity) / 255);
        if (plane !== undefined) this.#blend(at, color, share);
        else pixels[at] = share === 255 ? color : mix(pixels[at] as number, color, share);
      }
    }
  }

  /**
   * Replaces what is within a coverage by the colours that a table of 256 has for it, as {@link coverageColors} makes one:
   * faster than to fill a box and to lay a colour over it.
   */
  stamp(
    { values, x: left, y: top, width: stride, height: rows }: Coverage,
    table: Uint32Array,
    moveX = 0,
    moveY = 0,
  ): void {
    const [originX, originY] = [left + moveX, top + moveY];
    const { x, y, width, height } = intersection(this.#clip, { x: originX, y: originY, width: stride, height: rows });
    const { pixels, opacity: plane, inputMask } = this.surface;
    for (let row = y; row < y + height; ++row) {
      const start = row * this.surface.width + x;
      let from = (row - originY) * stride + (x - originX);
      for (let at = start; at < start + width; ++at) pixels[at] = table[values[from++] as number] as number;
      plane?.fill(255, start, start + width);
      inputMask?.fill(1, start, start + width);
    }
  }

  /** Lays a colour over a pixel. Where the surface lets through what is behind it, both opacities count. */
  #blend(at: number, color: Color, opacity: number): void {
    const { pixels, opacity: plane, inputMask } = this.surface;
    if (plane === undefined || plane[at] === 255) {
      pixels[at] = mix(pixels[at] as number, color, opacity);
      return;
    }
    if (opacity === 0) return;
    const below = ((plane[at] as number) * (255 - opacity)) / 255;
    pixels[at] = mix(pixels[at] as number, color, Math.round((opacity * 255) / (opacity + below)));
    plane[at] = Math.round(opacity + below);
    if (inputMask !== undefined) inputMask[at] = 1;
  }

  /**
   * Writes a text on a baseline, which is put onto the nearest pixel, from `x` on, which need not be whole. Returns where
   * the next character would begin.
   * Control characters are written as characters that are not there.
   */
  text(text: string, x: number, baseline: number, font: Font, color: Color, opacity = 255): number {
    let pen = x;
    const row = Math.round(baseline);
    const right = this.#clip.x + this.#clip.width;
    for (const character of text) {
      const codePoint = character.codePointAt(0) as number;
      if (pen < right) this.cover(font.glyph(codePoint, pen), color, opacity, Math.floor(pen), row);
      pen += font.advance(codePoint);
    }
    return pen;
  }

  /** Writes a text into a box: as much as fits, centred between top and bottom. */
  label(
    text: string,
    box: Rect,
    font: Font,
    color: Color,
    options: { readonly align?: "left" | "center" | "right"; readonly opacity?: number } = {},
  ): void {
    const fitting = font.fit(text, box.width);
    const free = box.width - font.measure(fitting);
    const share = { left: 0, center: 0.5, right: 1 }[options.align ?? "left"];
    const baseline = box.y + Math.round((box.height + font.ascent - font.descent) / 2);
    this.within(box, () => this.text(fitting, box.x + free * share, baseline, font, color, options.opacity));
  }

  /** Lays another surface over this one, its top left on the pixel nearest to a point; its opacity counts. */
  image(image: Surface, left: number, top: number): void {
    const [x, y] = [Math.round(left), Math.round(top)];
    const part = intersection(this.#clip, { x, y, width: image.width, height: image.height });
    for (let row = part.y; row < part.y + part.height; ++row) {
      const to = row * this.surface.width + part.x;
      const from = (row - y) * image.width + (part.x - x);
      if (image.opacity === undefined) {
        this.surface.pixels.set(image.pixels.subarray(from, from + part.width), to);
        this.surface.opacity?.fill(255, to, to + part.width);
        this.surface.inputMask?.fill(1, to, to + part.width);
      } else
        for (let column = 0; column < part.width; ++column)
          this.#blend(to + column, image.pixels[from + column] as number, image.opacity[from + column] as number);
    }
  }
}

/** What a colour on a ground looks like, for each coverage from 0 to 255. */
export function coverageColors(ground: Color, color: Color): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, coverage) => mix(ground, color, coverage));
}

/** The box with its sides on the nearest pixels, so that boxes that touch still do. */
function wholePixels({ x, y, width, height }: Rect): Rect {
  const [left, top] = [Math.round(x), Math.round(y)];
  return { x: left, y: top, width: Math.round(x + width) - left, height: Math.round(y + height) - top };
}
