/** PNG files: written as 8-bit RGBA, read in every 8-bit form without interlacing, which is what cameras, grabbers and emulators make. */
import { crc32, deflateSync, inflateSync } from "node:zlib";
import { Picture } from "./picture.js";

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** Bytes a pixel, by the colour type of the header. */
const channels: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const colorTypes = { gray: 0, rgb: 2, palette: 3, grayAlpha: 4, rgba: 6 } as const;
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
  head.set([8, colorTypes.rgba, 0, 0, 0], 8);
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

interface Chunks {
  readonly head: Buffer;
  readonly data: Buffer;
  readonly palette: Uint8Array;
  readonly transparency: Uint8Array;
}

function readChunks(file: Buffer): Chunks {
  const data: Buffer[] = [];
  const found = new Map<string, Buffer>();
  for (let at = signature.length; at + 12 <= file.length; ) {
    const length = file.readUInt32BE(at);
    const end = at + 12 + length;
    if (end > file.length) throw new Error("Cannot read the PNG: it ends within a chunk");
    if (file.readUInt32BE(end - 4) !== checksum(file.subarray(at + 4, end - 4)))
      throw new Error(`Cannot read the PNG: the chunk at byte ${at} is damaged`);
    // private copy: the file is the caller's own
    const type = file.toString("latin1", at + 4, at + 8);
    const body = file.subarray(at + 8, end - 4);
    if (type === "IDAT") data.push(body);
    else found.set(type, body);
    at = end;
  }
  const head = found.get("IHDR");
  if (head === undefined || head.length !== 13) throw new Error("Cannot read the PNG: it has no header");
  const empty = new Uint8Array(0);
  return {
    head,
    data: Buffer.concat(data),
    palette: found.get("PLTE") ?? empty,
    transparency: found.get("tRNS") ?? empty,
  };
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** Undoes the filters of all rows, in place. Returns the samples without the filters' bytes. */
function unfilter(rows: Uint8Array, height: number, stride: number, step: number): Uint8Array {
  const samples = new Uint8Array(height * stride);
  for (let y = 0; y < height; ++y) {
    const filter = rows[y * (stride + 1)];
    if (filter === undefined || filter > 4) throw new Error(`Cannot read the PNG: row ${y} has filter ${filter}`);
    for (let x = 0; x < stride; ++x) {
      const at = y * stride + x;
      const raw = rows[y * (stride + 1) + 1 + x] as number;
      const left = x < step ? 0 : (samples[at - step] as number);
      const up = y === 0 ? 0 : (samples[at - stride] as number);
      const corner = x < step || y === 0 ? 0 : (samples[at - stride - step] as number);
      const added = [0, left, up, (left + up) >> 1, filter === 4 ? paeth(left, up, corner) : 0][filter] as number;
      samples[at] = raw + added;
    }
  }
  return samples;
}

/** @throws Error for what is no PNG, is damaged, has another depth than 8 bits, or is interlaced */
export function decodePng(bytes: Uint8Array): Picture {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (Buffer.compare(file.subarray(0, signature.length), signature) !== 0)
    throw new Error("Cannot read the PNG: it does not begin as one");
  const { head, data, palette, transparency } = readChunks(file);
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const [depth, type = -1, , , interlaced] = head.subarray(8);
  const step = channels[type];
  if (depth !== 8 || step === undefined || interlaced !== 0)
    throw new Error("Cannot read the PNG: only 8 bits a sample without interlacing are known; convert it");
  if (width === 0 || height === 0 || width * height > mostPixels)
    throw new Error(`Cannot read the PNG: ${width} x ${height} pixels`);
  const rows = inflateSync(data, { maxOutputLength: height * (width * step + 1) });
  if (rows.length < height * (width * step + 1)) throw new Error("Cannot read the PNG: it has too few rows");
  const samples = unfilter(rows, height, width * step, step);
  const picture = new Picture(width, height);
  for (let pixel = 0; pixel < width * height; ++pixel) {
    const sample = (index: number): number => samples[pixel * step + index] as number;
    const color =
      type === colorTypes.palette
        ? [...palette.subarray(sample(0) * 3, sample(0) * 3 + 3), transparency[sample(0)] ?? 255]
        : step < 3
          ? [sample(0), sample(0), sample(0), step === 2 ? sample(1) : 255]
          : [sample(0), sample(1), sample(2), step === 4 ? sample(3) : 255];
    picture.pixels.set(color, pixel * 4);
  }
  return picture;
}
