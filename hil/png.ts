/** PNG files: written as 8-bit RGBA, read in every form. */
import { pngFile } from "../lib/png.js";
import { decodePng as decode } from "../lib/png-decoder.js";
import { Picture } from "./picture.js";

/** Pictures larger than this are refused before memory is taken for them. */
const mostPixels = 64 << 20;

export function encodePng({ width, height, pixels }: Picture): Uint8Array {
  const lines = new Uint8Array(height * (1 + width * 4));
  for (let y = 0; y < height; ++y)
    lines.set(pixels.subarray(y * width * 4, (y + 1) * width * 4), y * (1 + width * 4) + 1);
  return pngFile(width, height, "rgba", lines);
}

/** @throws SessionError `Malformed` for what is no PNG, or is damaged */
export function decodePng(bytes: Uint8Array): Picture {
  const { width, height, pixels, opacity } = decode(bytes, { mostPixels });
  const picture = new Picture(width, height);
  for (const [index, pixel] of pixels.entries())
    picture.pixels.set([pixel >> 16, (pixel >> 8) & 255, pixel & 255, opacity?.[index] ?? 255], index * 4);
  return picture;
}
