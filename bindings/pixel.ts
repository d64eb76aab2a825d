/**
 * Pixels, drawn by the fastest means of this processor. A pixel is 0xRRGGBB. Rectangles may be anything: what lies outside
 * of a picture is left out, and so is a picture whose array has too few elements, as that of memory that is unmapped.
 */
import { native as addon } from "./native.js";

interface PixelAddon {
  pixelFill(target: Uint32Array, numbers: Float64Array, color: number): void;
  pixelCopy(target: Uint32Array | Uint16Array, source: Uint32Array, numbers: Float64Array): void;
  pixelConvert(target: Uint8Array, source: Uint32Array, numbers: Float64Array): void;
  pixelCompose(
    target: Uint32Array,
    numbers: Float64Array,
    pixels: readonly Uint32Array[],
    opacities: readonly (Uint8Array | null)[],
    background: number,
  ): void;
  pixelKernels(): string;
}

const native = addon as unknown as PixelAddon;

interface Place {
  readonly x: number;
  readonly y: number;
}

interface Extent {
  readonly width: number;
  readonly height: number;
}

/** Lines of `stride` elements, `area.width` unless told otherwise. */
export interface Picture<Elements = Uint32Array> {
  readonly area: Extent;
  readonly pixels: Elements;
  readonly stride?: number;
}

/** A picture somewhere on another. */
export interface Layer {
  readonly picture: Omit<Picture, "stride"> & {
    /** A byte a pixel; without it the picture is opaque. */
    readonly opacity?: Uint8Array | undefined;
  };
  /** Where it lies on the target. */
  readonly rect: Place & Extent;
  /** Which of the pixels is at the top left of `rect`. */
  readonly origin: Place;
  /** A colour that is mixed in, as much as `amount` says: 0 to 255. */
  readonly tint?: { readonly color: number; readonly amount: number } | undefined;
}

function extent({ area, stride = area.width }: Pick<Picture, "area" | "stride">): [number, number, number] {
  return [area.width, area.height, stride];
}

/** Fills a rectangle. */
export function fillRectangle(target: Picture, { x, y, width, height }: Place & Extent, color: number): void {
  native.pixelFill(target.pixels, Float64Array.of(...extent(target), x, y, width, height), color);
}

/** Copies `from` of the source so that its top left comes to `to`. A target of 16 bits a pixel gets RGB565. They share no memory. */
export function copyRectangle(
  target: Picture<Uint32Array> | Picture<Uint16Array>,
  to: Place,
  source: Picture,
  from: Place & Extent,
): void {
  const numbers = Float64Array.of(
    ...extent(target),
    to.x,
    to.y,
    ...extent(source),
    from.x,
    from.y,
    from.width,
    from.height,
  );
  native.pixelCopy(target.pixels, source.pixels, numbers);
}

/** Where a channel lies in a pixel: its lowest bit, and how many it has. */
export interface Channel {
  readonly offset: number;
  readonly length: number;
}

/** Pixels of any form: 1 to 4 bytes, channels of 1 to 8 bits. */
export interface PixelForm {
  readonly bytes: number;
  readonly red: Channel;
  readonly green: Channel;
  readonly blue: Channel;
}

/** Lines of `stride` bytes that begin with pixels of that form. */
export interface ByteScreen {
  readonly area: Extent;
  readonly pixels: Uint8Array;
  readonly stride: number;
  readonly form: PixelForm;
}

/** {@link copyRectangle} for screens of any form. */
export function convertRectangle(
  { area, pixels, stride, form }: ByteScreen,
  to: Place,
  source: Picture,
  from: Place & Extent,
): void {
  const channels = [form.red, form.green, form.blue].flatMap(({ offset, length }) => [offset, length]);
  const numbers = Float64Array.of(
    ...extent({ area, stride }),
    to.x,
    to.y,
    ...extent(source),
    from.x,
    from.y,
    from.width,
    from.height,
    form.bytes,
    ...channels,
  );
  native.pixelConvert(pixels, source.pixels, numbers);
}

/** Draws `rect` of the target: layers from the front to the back, and `background` where none is. */
export function composeRectangle(
  target: Omit<Picture, "stride">,
  rect: Place & Extent,
  layers: readonly Layer[],
  background: number,
): void {
  const numbers = new Float64Array(6 + 10 * layers.length);
  const { area } = target;
  numbers.set([area.width, area.height, rect.x, rect.y, rect.width, rect.height]);
  layers.forEach(({ rect: place, origin, picture, tint }, index) => {
    const { width, height } = picture.area;
    const { color, amount } = tint ?? { color: 0, amount: 0 };
    const own = [place.x, place.y, place.width, place.height, origin.x, origin.y, width, height, color, amount];
    numbers.set(own, 6 + 10 * index);
  });
  native.pixelCompose(
    target.pixels,
    numbers,
    layers.map(({ picture }) => picture.pixels),
    layers.map(({ picture }) => picture.opacity ?? null),
    background,
  );
}

/** What of the processor draws: "AVX2", "SSE2", "NEON" or "scalar". */
export function pixelKernels(): string {
  return native.pixelKernels();
}
