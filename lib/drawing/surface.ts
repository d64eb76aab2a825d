/** Pixels in memory, as a buffer of the session GUI has them. */

/** A colour: 0xRRGGBB. */
export type Color = number;

/** What a surface is laid over. Pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The part that two have in common; width and height are 0 where there is none. */
export function intersection(a: Box, b: Box): Box {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(0, Math.min(a.x + a.width, b.x + b.width) - x),
    height: Math.max(0, Math.min(a.y + a.height, b.y + b.height) - y),
  };
}

/** The smallest box around both; one without pixels does not count. */
export function union(a: Box, b: Box): Box {
  if (a.width === 0 || a.height === 0) return b;
  if (b.width === 0 || b.height === 0) return a;
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

/** Lines of pixels without a gap: 0x00RRGGBB each, and opacity and input mask of a byte each where there are any. */
export interface Surface {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array;
  /** 0 is transparent, 255 opaque. The colours are not multiplied by it. */
  readonly alpha?: Uint8Array | undefined;
  /** Where input is for what lies behind: 0. */
  readonly inputMask?: Uint8Array | undefined;
}

/** Memory of its own for a picture. */
export function blankSurface(width: number, height: number, options: { readonly alpha?: boolean } = {}): Surface {
  const count = width * height;
  return { width, height, pixels: new Uint32Array(count), alpha: options.alpha ? new Uint8Array(count) : undefined };
}

/** Lays a surface over the bytes of a buffer of GUI: its pixels, then, with `alpha`, opacity and input mask. */
export function surfaceOf(
  bytes: Uint8Array,
  width: number,
  height: number,
  options: { readonly alpha?: boolean } = {},
): Surface {
  const count = width * height;
  const pixels = new Uint32Array(bytes.buffer, bytes.byteOffset, count);
  if (!options.alpha) return { width, height, pixels };
  return {
    width,
    height,
    pixels,
    alpha: bytes.subarray(4 * count, 5 * count),
    inputMask: bytes.subarray(5 * count, 6 * count),
  };
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
