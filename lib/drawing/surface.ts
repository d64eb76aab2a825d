/** Pixels in memory, as a buffer of the session GUI has them. */
import type { PixelBuffer } from "../pixel-buffer.js";

/** A colour: 0xRRGGBB. */
export type Color = number;

/** Lines of pixels without a gap: 0xRRGGBB each, and opacity and input mask of a byte each where there are any. */
export interface Surface {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array;
  /** 0 is transparent, 255 opaque. The colours are not multiplied by it. */
  readonly opacity?: Uint8Array | undefined;
  /** Where input is for what lies behind: 0. */
  readonly inputMask?: Uint8Array | undefined;
}

/** Memory of its own for a picture. */
export function blankSurface(width: number, height: number, options: { readonly alpha?: boolean } = {}): Surface {
  const count = width * height;
  return { width, height, pixels: new Uint32Array(count), opacity: options.alpha ? new Uint8Array(count) : undefined };
}

/** The pixels of a buffer that a server shows; they have no elements any more once it is closed. */
export function surfaceOf({ area, pixels, opacity, inputMask }: PixelBuffer): Surface {
  return { ...area, pixels, opacity, inputMask };
}

/** A product of two bytes by 255, rounded: the quotient exactly, without dividing. */
function divide(product: number): number {
  return (product + 128 + ((product + 128) >>> 8)) >>> 8;
}

/** `share` of 255 parts of `over`, the rest of `under`. */
export function mix(under: Color, over: Color, share: number): Color {
  const rest = 255 - share;
  const red = ((over >>> 16) & 255) * share + ((under >>> 16) & 255) * rest;
  const green = ((over >>> 8) & 255) * share + ((under >>> 8) & 255) * rest;
  const blue = (over & 255) * share + (under & 255) * rest;
  return (divide(red) << 16) | (divide(green) << 8) | divide(blue);
}
