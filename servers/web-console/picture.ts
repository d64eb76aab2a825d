/** A copy of the screen, which knows what of it changed since when. */
import { deflateRawSync } from "node:zlib";
import type { Rect } from "../../sessions/geometry/geometry.generated.js";
import { frameHeaderBytes, TileGrid, tileSide } from "./frame-format.js";
import { TilePacker } from "./tile-packer.js";

/** The size of a screen, in pixels. */
export interface ScreenSize {
  readonly width: number;
  readonly height: number;
}

const pixelBytes = 4;

export class Picture {
  readonly size: ScreenSize;
  readonly #grid: TileGrid;
  readonly #pixels: Int32Array;
  readonly #bytes: Buffer;
  /** By tile: the version that changed it last. */
  readonly #changed: Int32Array;
  #version: number;
  readonly #packer = new TilePacker();
  /** What changed since a version, packed; viewers that are equally far share it. */
  readonly #packed = new Map<number, Uint8Array>();

  /** `version` is above that of an earlier picture of the same screen. */
  constructor(size: ScreenSize, version = 1) {
    this.size = size;
    this.#version = version;
    this.#grid = new TileGrid(size.width, size.height);
    this.#pixels = new Int32Array(size.width * size.height);
    this.#bytes = Buffer.from(this.#pixels.buffer);
    this.#changed = new Int32Array(this.#grid.count).fill(version);
  }

  /** Grows with every change. Whoever has drawn nothing has version 0. */
  get version(): number {
    return this.#version;
  }

  /**
   * Takes over rectangles of a screen of the same size. `theirs` may be memory that others write: each pixel that counts
   * is read once. Whether any differs from what was there.
   */
  update(theirs: Int32Array, rects: readonly Rect[]): boolean {
    const next = this.#version + 1;
    const { width: stride } = this.size;
    const bytes = Buffer.from(theirs.buffer, theirs.byteOffset, theirs.byteLength);
    let differs = false;
    for (const { x, y, width, height } of rects) {
      const left = Math.max(0, x);
      const right = Math.min(stride, x + width);
      const bottom = Math.min(this.size.height, y + height);
      for (let row = Math.max(0, y); row < bottom; ++row) {
        const [from, to] = [(row * stride + left) * pixelBytes, (row * stride + right) * pixelBytes];
        // Most lines of a rectangle often are as they were.
        if (from >= to || this.#bytes.compare(bytes, from, to, from, to) === 0) continue;
        const firstTile = Math.floor(row / tileSide) * this.#grid.columns;
        for (let at = left; at < right; ) {
          const column = Math.floor(at / tileSide);
          const end = Math.min(right, (column + 1) * tileSide);
          if (this.#copy(theirs, row * stride + at, row * stride + end)) {
            this.#changed[firstTile + column] = next;
            differs = true;
          }
          at = end;
        }
      }
    }
    if (differs) {
      this.#version = next;
      this.#packed.clear();
    }
    return differs;
  }

  /** Without a branch a pixel: on text, the processor would guess wrong every other time. */
  #copy(theirs: Int32Array, from: number, to: number): boolean {
    const pixels = this.#pixels;
    let difference = 0;
    for (let at = from; at < to; ++at) {
      const pixel = theirs[at] as number;
      difference |= pixel ^ (pixels[at] as number);
      pixels[at] = pixel;
    }
    return difference !== 0;
  }

  /** The frame that brings a version up to this one. Its number is this one. */
  changes(since: number): Uint8Array {
    let packed = this.#packed.get(since);
    if (packed === undefined) {
      packed = this.#pack(since);
      this.#packed.set(since, packed);
    }
    return packed;
  }

  #pack(since: number): Uint8Array {
    const version = this.#version;
    const tiles: number[] = [];
    for (let tile = 0; tile < this.#grid.count; ++tile) if ((this.#changed[tile] as number) > since) tiles.push(tile);
    const { few, many } = this.#packer.pack(this.#pixels, this.#grid, tiles);
    // Not by another thread, which a component may not start: it takes 10 ms for the text of a whole screen.
    const body = few.length === 0 ? few : deflateRawSync(few, { level: 1, memLevel: 9 });
    const frame = new Uint8Array(frameHeaderBytes + body.length + many.length);
    const header = new DataView(frame.buffer);
    header.setUint32(0, version, true);
    header.setUint16(4, this.size.width, true);
    header.setUint16(6, this.size.height, true);
    header.setUint32(8, body.length, true);
    frame.set(body, frameHeaderBytes);
    frame.set(many, frameHeaderBytes + body.length);
    return frame;
  }
}
