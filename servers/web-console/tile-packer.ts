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

/** Keeps its tables between pictures: making them anew for every tile would cost more than counting the colours. */
export class TilePacker {
  readonly #colours = new Uint32Array(tableSize);
  readonly #places = new Uint8Array(tableSize);
  /** In which tile an entry was made: no table has to be emptied. */
  readonly #ages = new Uint32Array(tableSize);
  #age = 0;
  readonly #palette = new Uint32Array(mostColours);
  readonly #pixels = new Uint8Array(mostPixels);

  /** Packs tiles of a picture whose pixels have blue in their lowest byte, then green and red, and 0. */
  pack(picture: Uint32Array, grid: TileGrid, tiles: readonly number[]): PackedTiles {
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
  #count(picture: Uint32Array, stride: number, { x: left, y: top, width, height }: TilePlace): number {
    this.#age += 1;
    let count = 0;
    let pixel = 0;
    let last = -1;
    let lastPlace = 0;
    for (let y = top; y < top + height; ++y) {
      const start = y * stride + left;
      for (let at = start; at < start + width; ++at) {
        const colour = picture[at] as number;
        if (colour !== last) {
          let entry = Math.imul(colour, 0x9e3779b1) >>> tableShift;
          while (this.#ages[entry] === this.#age && this.#colours[entry] !== colour)
            entry = (entry + 1) & (tableSize - 1);
          if (this.#ages[entry] !== this.#age) {
            if (count === mostColours) return 0;
            this.#ages[entry] = this.#age;
            this.#colours[entry] = colour;
            this.#places[entry] = count;
            this.#palette[count++] = colour;
          }
          last = colour;
          lastPlace = this.#places[entry] as number;
        }
        this.#pixels[pixel++] = lastPlace;
      }
    }
    return count;
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
  picture: Uint32Array,
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
