/** A face at a size: what text measures, and how much of each pixel its characters cover. */
import type { FontFace } from "./font-face.js";
import { type Coverage, Outline } from "./outline.js";

/** Characters begin at one of so many places within a pixel, which keeps the distances of small text even. */
const places = 4;

const ellipsis = "…";

export class Font {
  readonly face: FontFace;
  /** Pixels an em. */
  readonly size: number;
  /** Pixels above and below the baseline, whole. */
  readonly ascent: number;
  readonly descent: number;
  /** The top of the underline below the baseline, and its thickness, in whole pixels. */
  readonly underline: { readonly position: number; readonly thickness: number };
  readonly #glyphs = new Map<number, Coverage>();

  constructor(face: FontFace, size: number) {
    this.face = face;
    this.size = size;
    const scale = size / face.unitsPerEm;
    this.ascent = Math.round(face.ascent * scale);
    this.descent = Math.round(face.descent * scale);
    this.underline = {
      position: Math.max(1, Math.round((face.underlinePosition - face.underlineThickness / 2) * scale)),
      thickness: Math.max(1, Math.round(face.underlineThickness * scale)),
    };
  }

  /** From one baseline to the next. */
  get lineHeight(): number {
    return this.ascent + this.descent;
  }

  /** Pixels from a character to the next; not whole. */
  advance(codePoint: number): number {
    return (this.face.advance(codePoint) * this.size) / this.face.unitsPerEm;
  }

  /** Pixels that a text takes; not whole. */
  measure(text: string): number {
    let width = 0;
    for (const character of text) width += this.advance(character.codePointAt(0) as number);
    return width;
  }

  /** The text, or as much of its beginning as fits into so many pixels, with an ellipsis. */
  fit(text: string, width: number): string {
    if (this.measure(text) <= width) return text;
    const room = width - this.measure(ellipsis);
    let used = 0;
    let end = 0;
    for (const character of text) {
      used += this.advance(character.codePointAt(0) as number);
      if (used > room) break;
      end += character.length;
    }
    return room < 0 ? "" : text.slice(0, end).trimEnd() + ellipsis;
  }

  /** What a character covers whose origin is at `x` (only its fraction counts), relative to the whole pixel of its origin. */
  glyph(codePoint: number, x = 0): Coverage {
    const place = Math.floor((x - Math.floor(x)) * places);
    const key = codePoint * places + place;
    let glyph = this.#glyphs.get(key);
    if (glyph === undefined) {
      const outline = new Outline();
      this.face.draw(outline, codePoint, this.size, place / places, 0);
      glyph = outline.coverage();
      this.#glyphs.set(key, glyph);
    }
    return glyph;
  }
}
