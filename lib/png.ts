/** Pictures as PNG files. */
import { deflateSync } from "node:zlib";

/** Lines of pixels of 4 bytes without a gap: blue, green, red, and one that is not used. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** The format counts with 31 bits; a buffer of that size is far beyond what a screen has. */
const longestSide = 0x7fff;

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; ++bit) crc = (crc & 1) !== 0 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Length, type, content, and the checksum of the latter two. */
function chunk(type: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  for (let index = 0; index < 4; ++index) bytes[4 + index] = type.charCodeAt(index);
  bytes.set(content, 8);
  view.setUint32(8 + content.length, crc32(bytes.subarray(4, 8 + content.length)));
  return bytes;
}

/** Each line begins with the number of its filter, 0: none. Flat areas of a screen need no other to be small. */
function filteredLines({ width, height, pixels }: Picture): Uint8Array {
  const lines = new Uint8Array(height * (1 + 3 * width));
  let to = 0;
  let from = 0;
  for (let y = 0; y < height; ++y) {
    to += 1;
    for (let x = 0; x < width; ++x, from += 4, to += 3) {
      lines[to] = pixels[from + 2] as number;
      lines[to + 1] = pixels[from + 1] as number;
      lines[to + 2] = pixels[from] as number;
    }
  }
  return lines;
}

function checkSides(width: number, height: number): void {
  for (const side of [width, height]) {
    if (!Number.isInteger(side) || side < 1 || side > longestSide)
      throw new RangeError(`Cannot encode a picture of ${width} x ${height}: each side is 1 to ${longestSide} pixels`);
  }
}

/** What the format calls red, green and blue, and these with opacity. */
const forms = { rgb: 2, rgba: 6 } as const;

/**
 * A PNG file out of its lines, each with a byte before it that is 0.
 * @throws RangeError where the sides are not 1 to 32767
 */
export function pngFile(width: number, height: number, form: keyof typeof forms, lines: Uint8Array): Uint8Array {
  checkSides(width, height);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  // 8 bits a channel; the only compression and filter method; not interlaced.
  header.set([8, forms[form], 0, 0, 0], 8);
  return Buffer.concat([
    Uint8Array.from(signature),
    chunk("IHDR", header),
    // The fastest level: a screen is asked for again and again, and most of it is flat.
    chunk("IDAT", deflateSync(lines, { level: 1 })),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

/**
 * A PNG file of 8 bits a colour, without transparency.
 * @throws RangeError where the sides are not 1 to 32767, or there are fewer pixels than they say
 */
export function encodePng(picture: Picture): Uint8Array {
  const { width, height, pixels } = picture;
  checkSides(width, height);
  if (pixels.length < 4 * width * height)
    throw new RangeError(
      `Cannot encode a picture of ${width} x ${height}: it takes ${4 * width * height} bytes, not ${pixels.length}`,
    );
  return pngFile(width, height, "rgb", filteredLines(picture));
}
