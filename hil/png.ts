/** PNG files: written as 8-bit RGBA, read in every form. */
import { crc32, deflateSync } from "node:zlib";
import { decodePng as decode } from "../lib/png-decoder.js";
import { Picture } from "./picture.js";

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** Eight bits of red, green, blue and opacity. */
const rgba = 6;
/** Pictures larger than this are refused before memory is taken for them. */
const mostPixels = 64 << 20;

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(checksum(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

/** zlib's CRC-32. Node.js before 20.15 does not offer it. */
function checksum(bytes: Uint8Array): number {
  if (typeof crc32 === "function") return crc32(bytes);
  let sum = 0xffff_ffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; ++bit) sum = sum & 1 ? (sum >>> 1) ^ 0xedb8_8320 : sum >>> 1;
  }
  return ~sum >>> 0;
}

export function encodePng({ width, height, pixels }: Picture): Uint8Array {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, rgba, 0, 0, 0], 8);
  // Each row with filter 0 before it: at level 1 the filters save less than they take.
  const rows = Buffer.alloc(height * (1 + width * 4));
  for (let y = 0; y < height; ++y)
    rows.set(pixels.subarray(y * width * 4, (y + 1) * width * 4), y * (1 + width * 4) + 1);
  return Buffer.concat([
    signature,
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(rows, { level: 1 })),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

/** @throws SessionError `Malformed` for what is no PNG, or is damaged */
export function decodePng(bytes: Uint8Array): Picture {
  const { width, height, pixels, opacity } = decode(bytes, { mostPixels });
  const picture = new Picture(width, height);
  for (const [index, pixel] of pixels.entries())
    picture.pixels.set([pixel >> 16, (pixel >> 8) & 255, pixel & 255, opacity?.[index] ?? 255], index * 4);
  return picture;
}
