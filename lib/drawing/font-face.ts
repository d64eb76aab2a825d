/**
 * A face of a font: its outlines, at no particular size. The build makes the modules of `fonts/` out of font files:
 * base64 of deflated numbers of variable length (7 bits a byte, smallest part first; a signed one has its sign in bit 0).
 *
 * | numbers                             | content                                                                  |
 * | ----------------------------------- | ------------------------------------------------------------------------ |
 * | 5                                   | units of an em; ascent, descent; underline below the baseline, thickness |
 * | 1                                   | characters that follow                                                   |
 * | each: 1                             | code point, less the one before                                          |
 * | 1                                   | advance                                                                  |
 * | 1                                   | bytes of its outline                                                     |
 * | outline: 1                          | commands that follow                                                     |
 * | each: 1, then 2 signed a point      | 0: move to a point, 1: line to one, 2: curve by one to another           |
 *
 * A point is in units from the one before, y upwards.
 */
import { inflateRawSync } from "node:zlib";
import type { Outline } from "./outline.js";

/** Where the outline of a character is. */
interface Place {
  readonly advance: number;
  readonly start: number;
}

const replacement = 0xfffd;

class NumberReader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.at++] as number;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  }

  signed(): number {
    const value = this.unsigned();
    return value & 1 ? -((value + 1) >>> 1) : value >>> 1;
  }
}

export class FontFace {
  /** Units of an em: what a size in pixels means. */
  readonly unitsPerEm: number;
  /** Above and below the baseline, in units, both positive. */
  readonly ascent: number;
  readonly descent: number;
  /** The underline's middle below the baseline, and its thickness. */
  readonly underlinePosition: number;
  readonly underlineThickness: number;
  readonly #bytes: Uint8Array;
  readonly #places = new Map<number, Place>();

  /** From what a module of `fonts/` exports. */
  constructor(outlines: string) {
    this.#bytes = inflateRawSync(Buffer.from(outlines, "base64"));
    const reader = new NumberReader(this.#bytes);
    this.unitsPerEm = reader.unsigned();
    this.ascent = reader.unsigned();
    this.descent = reader.unsigned();
    this.underlinePosition = reader.unsigned();
    this.underlineThickness = reader.unsigned();
    let codePoint = 0;
    for (let left = reader.unsigned(); left > 0; --left) {
      codePoint += reader.unsigned();
      const advance = reader.unsigned();
      const bytes = reader.unsigned();
      this.#places.set(codePoint, { advance, start: reader.at });
      reader.at += bytes;
    }
  }

  /** Code points that the face has. */
  get characters(): Iterable<number> {
    return this.#places.keys();
  }

  has(codePoint: number): boolean {
    return this.#places.has(codePoint);
  }

  #place(codePoint: number): Place {
    return (this.#places.get(codePoint) ?? this.#places.get(replacement)) as Place;
  }

  /** How far the next character is away, in units. A character that the face lacks is a replacement character. */
  advance(codePoint: number): number {
    return this.#place(codePoint).advance;
  }

  /** Adds a character to an outline, so many pixels an em, its baseline's left end at a point. */
  draw(outline: Outline, codePoint: number, size: number, originX: number, originY: number): void {
    const scale = size / this.unitsPerEm;
    const reader = new NumberReader(this.#bytes, this.#place(codePoint).start);
    let [x, y] = [0, 0];
    const across = (): number => originX + (x += reader.signed()) * scale;
    const up = (): number => originY - (y += reader.signed()) * scale;
    for (let left = reader.unsigned(); left > 0; --left) {
      const operation = reader.unsigned();
      if (operation === 0) outline.moveTo(across(), up());
      else if (operation === 1) outline.lineTo(across(), up());
      else outline.curveTo(across(), up(), across(), up());
    }
  }
}
