/**
 * How a picture travels to a browser, for the server that packs it and the page that draws it. Numbers are little-endian.
 *
 * | byte  | of a frame                                                                      |
 * | ----- | ------------------------------------------------------------------------------- |
 * | 0-3   | number of the frame, which the page sends back as a `sequence` once it drew it  |
 * | 4-7   | width and height of the screen in pixels (uint16)                               |
 * | 8-11  | bytes of the packed part (uint32)                                               |
 * | 12-   | the packed part: tiles of few colours, together by DEFLATE, without a header    |
 * | then  | the plain part: tiles of many colours                                           |
 *
 * The screen is a grid of square tiles, those at the right and at the bottom smaller. A tile of few colours is its
 * number (uint16, line by line), its number of colours less one (uint8), the colours, and for each pixel the place of its
 * colour: nothing for one colour, 4 bits for up to 16 (the first pixel in the low ones, a tile a whole number of bytes),
 * 8 bits for more. A tile of many colours is its number (uint16) and the colour of each pixel. A colour is 3 bytes: red,
 * green, blue.
 */
export const frameHeaderBytes = 12;

/** Side of a tile, in pixels. */
export const tileSide = 64;

/** So many colours are few. */
export const mostColours = 256;
/** So many have places of 4 bits. */
export const mostColoursOfHalves = 16;

/** What of the screen a tile covers. */
export interface TilePlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The tiles of a screen. */
export class TileGrid {
  readonly columns: number;
  readonly count: number;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.columns = Math.ceil(width / tileSide);
    this.count = this.columns * Math.ceil(height / tileSide);
  }

  place(tile: number): TilePlace {
    const x = (tile % this.columns) * tileSide;
    const y = Math.floor(tile / this.columns) * tileSide;
    return { x, y, width: Math.min(tileSide, this.width - x), height: Math.min(tileSide, this.height - y) };
  }
}
