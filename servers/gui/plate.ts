/** What the server itself writes on the screen: labels of views, and the strip that says who has the focus. */

import type { Picture } from "../../bindings/pixel.js";
import { Canvas } from "../../lib/drawing/canvas.js";
import { Font } from "../../lib/drawing/font.js";
import { FontFace } from "../../lib/drawing/font-face.js";
import { outlines } from "../../lib/drawing/fonts/sans-bold.generated.js";
import { blankSurface } from "../../lib/drawing/surface.js";

/** Pixels of the text of a label, and of what is around it. */
const labelSize = 11;
const margin = 6;
export const labelHeight = 17;
/** A label is cut off beyond this width. */
const widestLabel = 480;
/** Plates that are kept, so that no client makes the server keep ever more by changing its title. */
const mostKept = 256;

let face: FontFace | undefined;
const fonts = new Map<number, Font>();

/** Made when it is first needed: without labels and strip nobody pays for it. */
function fontOf(size: number): Font {
  let font = fonts.get(size);
  if (font === undefined) {
    face ??= new FontFace(outlines);
    font = new Font(face, size);
    fonts.set(size, font);
  }
  return font;
}

/** White or black, whichever is read better on a colour. */
function inkOn(color: number): number {
  const brightness = (color >>> 16) * 299 + ((color >>> 8) & 255) * 587 + (color & 255) * 114;
  return brightness > 140_000 ? 0x000000 : 0xffffff;
}

/** Control characters, and those that turn the direction of text, could make a label say something else. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "�");
}

function plate(text: string, width: number, height: number, font: Font, color: number): Picture {
  const surface = blankSurface(width, height);
  const canvas = new Canvas(surface);
  canvas.clear(canvas.bounds, color);
  canvas.label(printable(text), { x: margin, y: 0, width: width - 2 * margin, height }, font, inkOn(color));
  return { area: { width, height }, pixels: surface.pixels };
}

/** A bar of the screen's width. */
export function strip(text: string, width: number, height: number, color: number): Picture {
  return plate(text, width, height, fontOf(Math.max(6, Math.round(height * 0.62))), color);
}

/** Pictures of labels. */
export class Labels {
  readonly #kept = new Map<string, Picture>();

  of(text: string, color: number): Picture {
    const key = `${color} ${text}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const font = fontOf(labelSize);
    const width = Math.min(widestLabel, Math.ceil(font.measure(printable(text))) + 2 * margin);
    const made = plate(text, width, labelHeight, font, color);
    if (this.#kept.size >= mostKept) this.#kept.clear();
    this.#kept.set(key, made);
    return made;
  }
}
