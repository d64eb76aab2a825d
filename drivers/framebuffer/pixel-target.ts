/** Memory that a screen shows, in whatever form it has its pixels. */
import { mapScreen } from "../../bindings/framebuffer.js";
import { type NativeMapping, native } from "../../bindings/native.js";
import { convertRectangle, copyRectangle, type Picture, type PixelForm } from "../../bindings/pixel.js";
import type { Captured } from "../../sessions/capture/index.js";
import type { Area, Rect } from "../../sessions/geometry/geometry.generated.js";

/** 32 bits, blue in the lowest byte: as everywhere here. */
export const ownForm: PixelForm = {
  bytes: 4,
  red: { offset: 16, length: 8 },
  green: { offset: 8, length: 8 },
  blue: { offset: 0, length: 8 },
};
const narrowForm: PixelForm = {
  bytes: 2,
  red: { offset: 11, length: 5 },
  green: { offset: 5, length: 6 },
  blue: { offset: 0, length: 5 },
};

function same(one: PixelForm, other: PixelForm): boolean {
  const channels = ["red", "green", "blue"] as const;
  return (
    one.bytes === other.bytes &&
    channels.every((name) => one[name].offset === other[name].offset && one[name].length === other[name].length)
  );
}

type Copy = (source: Picture, rect: Rect) => void;

export interface TargetForm {
  readonly area: Area;
  /** Bytes from one line to the next. */
  readonly stride: number;
  readonly form: PixelForm;
}

/** The fastest way to copy into memory of that form, from a byte of it on. */
function copyInto(buffer: ArrayBuffer, first: number, { area, stride, form }: TargetForm): Copy {
  const bytes = (area.height - 1) * stride + area.width * form.bytes;
  if (first + bytes > buffer.byteLength)
    throw new RangeError(
      `A picture of ${bytes} bytes at ${first} does not fit the ${buffer.byteLength} bytes of a screen`,
    );
  const elements = stride / form.bytes;
  const aligned = Number.isInteger(elements) && first % form.bytes === 0;
  if (!aligned || !(same(form, ownForm) || same(form, narrowForm))) {
    const target = { area, pixels: new Uint8Array(buffer, first, bytes), stride, form };
    return (source, rect) => convertRectangle(target, rect, source, rect);
  }
  const pixels = new (form.bytes === 4 ? Uint32Array : Uint16Array)(buffer, first, bytes / form.bytes);
  const target = { area, pixels, stride: elements } as Picture<Uint32Array> | Picture<Uint16Array>;
  return (source, rect) => copyRectangle(target, rect, source, rect);
}

/** Memory of a screen or of a graphics card, mapped. It is black at first. */
export class ScreenMemory implements Disposable {
  readonly #mapping: NativeMapping;

  /** Throws what the kernel answers. */
  constructor(device: number, { offset, bytes }: { readonly offset: number; readonly bytes: number }) {
    this.#mapping = mapScreen(device, offset, bytes);
    // Nobody sees what was there before.
    new Uint8Array(this.#mapping.buffer).fill(0);
  }

  /** What copies to a picture that begins at that byte. Throws RangeError where it does not fit. */
  target(first: number, form: TargetForm): PixelTarget {
    return new PixelTarget(copyInto(this.#mapping.buffer, first, form));
  }

  close(): void {
    native.unmapDataspace(this.#mapping.id, this.#mapping.buffer);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** A picture in a screen's memory. */
export class PixelTarget {
  readonly #copy: Copy;

  constructor(copy: Copy) {
    this.#copy = copy;
  }

  /** Copies these rectangles of what was captured to their places. */
  copy({ pixels, area }: Captured, rects: readonly Rect[]): void {
    const count = area.width * area.height;
    // The server has gone meanwhile, and its pixels with it; the next one brings everything.
    if (pixels.buffer.byteLength < 4 * count) return;
    const source = { area, pixels: new Uint32Array(pixels.buffer, 0, count) };
    for (const rect of rects) this.#copy(source, rect);
  }
}

/** Two pictures, of which one is shown while the other is drawn: each lacks what was drawn into the other. */
export class DoublePicture {
  readonly #targets: readonly [PixelTarget, PixelTarget];
  #back: 0 | 1 = 1;
  #missing: readonly Rect[] = [];

  /** The first one is shown. */
  constructor(targets: readonly [PixelTarget, PixelTarget]) {
    this.#targets = targets;
  }

  /** Draws into the one that is not shown; returns its place, to be shown next. */
  draw(captured: Captured): 0 | 1 {
    const drawn = this.#back;
    this.#targets[drawn].copy(captured, [...this.#missing, ...captured.changed]);
    this.#missing = captured.changed;
    this.#back = drawn === 0 ? 1 : 0;
    return drawn;
  }
}
