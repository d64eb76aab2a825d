/** Turns tiles of a picture into the bytes of a frame; `frame-format.ts` says which. */
import { mostColours, mostColoursOfHalves, type TileGrid, type TilePlace, tileSide } from "./frame-format.js";

const mostPixels = tileSide * tileSide;
/** A power of two, well above the colours that are counted. */
const tableSize = 1024;
const tableShift = 22;
const bytesOfColour = 3;
/** Number, colours, and the larger of what palettes and plain tiles need. */
const largestTile = 3 + mostColours * bytesOfColour + mostPixels * bytesOfColour;

/** Bytes that grow as they are written. */
class Bytes {
  #array = new Uint8Array(64 * 1024);
  length = 0;

  /** The array, with room for another tile at `length`. */
  withRoom(): Uint8Array {
    if (this.#array.length - this.length < largestTile) {
      const larger = new Uint8Array(2 * this.#array.length + largestTile);
      larger.set(this.#array.subarray(0, this.length));
      this.#array = larger;
    }
    return this.#array;
  }

  /** A view of what was written. */
  get written(): Uint8Array {
    return this.#array.subarray(0, this.length);
  }
}

export interface PackedTiles {
  /** Tiles of few colours, still to be compressed. */
  readonly few: Uint8Array;
  /** Tiles of many colours. Compressing those costs 13 times the rest of the work, and saves a sixth. */
  readonly many: Uint8Array;
}

/** An entry of the table without a colour. */
const none = -1;
/** The fourth byte of a pixel is not used, and may hold anything. */
const colourMask = 0xffffff;

/** Keeps its tables between pictures: making them anew for every tile would cost more than counting the colours. */
export class TilePacker {
  /** The colours of a tile, where their hashes say, and the place of each in the palette. */
  readonly #colours = new Int32Array(tableSize).fill(none);
  readonly #places = new Uint8Array(tableSize);
  readonly #palette = new Int32Array(mostColours);
  /** Which entries of the table the palette's colours have. */
  readonly #entries = new Uint16Array(mostColours);
  readonly #pixels = new Uint8Array(mostPixels);

  /** Packs tiles of a picture whose pixels have blue in their lowest byte, then green, red, and one that is not used. */
  pack(picture: Int32Array, grid: TileGrid, tiles: readonly number[]): PackedTiles {
    const few = new Bytes();
    const many = new Bytes();
    for (const tile of tiles) {
      const place = grid.place(tile);
      const colours = this.#count(picture, grid.width, place);
      if (colours > 0) this.#packFew(few, tile, colours, place.width * place.height);
      else packMany(many, tile, picture, grid.width, place);
    }
    return { few: few.written, many: many.written };
  }

  /** Finds the colours of a tile, and the place of each pixel's; 0 when there are too many. */
  #count(picture: Int32Array, stride: number, { x: left, y: top, width, height }: TilePlace): number {
    const [table, pixels] = [this.#colours, this.#pixels];
    let count = 0;
    let pixel = 0;
    for (let y = top; y < top + height; ++y) {
      const start = y * stride + left;
      for (let at = start; at < start + width; ++at) {
        const colour = (picture[at] as number) & colourMask;
        let entry = Math.imul(colour, 0x9e3779b1) >>> tableShift;
        // Nearly always it is there at once.
        while (table[entry] !== colour) {
          if (table[entry] === none) {
            if (count === mostColours) return this.#forget(count, 0);
            table[entry] = colour;
            this.#places[entry] = count;
            this.#entries[count] = entry;
            this.#palette[count++] = colour;
          } else entry = (entry + 1) & (tableSize - 1);
        }
        pixels[pixel++] = this.#places[entry] as number;
      }
    }
    return this.#forget(count, count);
  }

  /** Empties the table, and answers. */
  #forget(count: number, answer: number): number {
    for (let place = 0; place < count; ++place) this.#colours[this.#entries[place] as number] = none;
    return answer;
  }

  #packFew(into: Bytes, tile: number, colours: number, pixels: number): void {
    const array = into.withRoom();
    let at = writeNumber(array, into.length, tile);
    array[at++] = colours - 1;
    for (let place = 0; place < colours; ++place) at = writeColour(array, at, this.#palette[place] as number);
    const places = this.#pixels;
    if (colours > mostColoursOfHalves) {
      array.set(places.subarray(0, pixels), at);
      at += pixels;
    } else if (colours > 1) {
      // What an odd number of pixels leaves over is not looked at.
      for (let pixel = 0; pixel < pixels; pixel += 2)
        array[at++] = (places[pixel] as number) | ((places[pixel + 1] as number) << 4);
    }
    into.length = at;
  }
}

function packMany(
  into: Bytes,
  tile: number,
  picture: Int32Array,
  stride: number,
  { x: left, y: top, width, height }: TilePlace,
): void {
  const array = into.withRoom();
  let at = writeNumber(array, into.length, tile);
  for (let y = top; y < top + height; ++y) {
    const start = y * stride + left;
    for (let from = start; from < start + width; ++from) at = writeColour(array, at, picture[from] as number);
  }
  into.length = at;
}

function writeNumber(array: Uint8Array, at: number, value: number): number {
  array[at] = value;
  array[at + 1] = value >>> 8;
  return at + 2;
}

function writeColour(array: Uint8Array, at: number, colour: number): number {
  array[at] = colour >>> 16;
  array[at + 1] = colour >>> 8;
  array[at + 2] = colour;
  return at + 3;
}
