/** Reads PNG files of every form that the format has: all depths and colours, palettes, transparency, interlacing. */
import { inflateSync } from "node:zlib";
import { errorMessage, SessionError } from "../base/errors.js";
import type { Surface } from "./drawing/surface.js";

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Colour types of the header: samples a pixel, and depths in bits that they may have. */
const forms: Readonly<Record<number, { readonly samples: number; readonly depths: readonly number[] }>> = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  3: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
};
const palette = 3;

/** The pixels that come in each pass of an interlaced picture: the first, and the distance to the next, of each axis. */
const interlacedPasses = [
  { x: 0, y: 0, acrossX: 8, acrossY: 8 },
  { x: 4, y: 0, acrossX: 8, acrossY: 8 },
  { x: 0, y: 4, acrossX: 4, acrossY: 8 },
  { x: 2, y: 0, acrossX: 4, acrossY: 4 },
  { x: 0, y: 2, acrossX: 2, acrossY: 4 },
  { x: 1, y: 0, acrossX: 2, acrossY: 2 },
  { x: 0, y: 1, acrossX: 1, acrossY: 2 },
];
const wholePass = [{ x: 0, y: 0, acrossX: 1, acrossY: 1 }];

const checksums = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; ++bit) sum = sum & 1 ? 0xedb88320 ^ (sum >>> 1) : sum >>> 1;
  return sum;
});

function checksum(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = (checksums[(sum ^ byte) & 0xff] as number) ^ (sum >>> 8);
  return ~sum >>> 0;
}

function refuse(reason: string): never {
  throw new SessionError("Malformed", `Cannot read the PNG file: ${reason}`);
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly type: number;
  readonly samples: number;
  readonly interlaced: boolean;
}

interface Parts {
  readonly header: Header;
  /** 3 bytes a colour. */
  readonly colors: Uint8Array;
  /** Opacity of the palette's colours, or the samples that are transparent. */
  readonly transparency: Uint8Array | undefined;
  readonly data: Uint8Array;
}

export interface PngOptions {
  /** Larger pictures are refused before memory is taken for them. 16 Mi unless told otherwise. */
  readonly mostPixels?: number;
}

/**
 * The picture of a file. Samples of 16 bits lose the lower half. Colours are as the file has them, without correction.
 * @throws SessionError `Malformed` for what is no such file, is damaged or too large
 */
export function decodePng(file: Uint8Array, { mostPixels = 16 * 2 ** 20 }: PngOptions = {}): Surface {
  const { header, colors, transparency, data } = readParts(file, mostPixels);
  const passes = (header.interlaced ? interlacedPasses : wholePass)
    .map((pass) => ({
      ...pass,
      columns: Math.ceil((header.width - pass.x) / pass.acrossX),
      rows: Math.ceil((header.height - pass.y) / pass.acrossY),
    }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0);
  const bits = header.samples * header.depth;
  const stride = (columns: number): number => Math.ceil((columns * bits) / 8);
  const wanted = passes.reduce((sum, { columns, rows }) => sum + rows * (1 + stride(columns)), 0);
  const rows = inflated(data, wanted);
  const pixelCount = header.width * header.height;
  const opaque = transparency === undefined && header.type < 4;
  const surface: Surface = {
    width: header.width,
    height: header.height,
    pixels: new Uint32Array(pixelCount),
    opacity: opaque ? undefined : new Uint8Array(pixelCount),
  };
  const paint = painter(header, colors, transparency, surface);
  let at = 0;
  for (const pass of passes) {
    const length = stride(pass.columns);
    const samples = unfilter(
      rows.subarray(at, at + pass.rows * (1 + length)),
      pass.rows,
      length,
      Math.max(1, bits >> 3),
    );
    at += pass.rows * (1 + length);
    for (let row = 0; row < pass.rows; ++row)
      for (let column = 0; column < pass.columns; ++column) {
        const to = (pass.y + row * pass.acrossY) * header.width + pass.x + column * pass.acrossX;
        paint(samples, row * length, column, to);
      }
  }
  return surface;
}

function readParts(file: Uint8Array, mostPixels: number): Parts {
  if (signature.some((byte, index) => file[index] !== byte)) refuse("it does not begin as one");
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  let header: Header | undefined;
  let colors = new Uint8Array(0);
  let transparency: Uint8Array | undefined;
  const data: Uint8Array[] = [];
  for (let at = signature.length; ; ) {
    if (at + 12 > file.length) refuse("it ends too early");
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > file.length) refuse(`its part at byte ${at} goes beyond its end`);
    if (view.getUint32(end - 4) !== checksum(file.subarray(at + 4, end - 4)))
      refuse(`its part at byte ${at} is damaged`);
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    const body = file.subarray(at + 8, end - 4);
    if (header === undefined && type !== "IHDR") refuse("it does not begin with a header");
    if (type === "IHDR") header = readHeader(body, mostPixels);
    else if (type === "PLTE") colors = body.slice();
    else if (type === "tRNS") transparency = body;
    else if (type === "IDAT") data.push(body);
    else if (type === "IEND") return { header: header as Header, colors, transparency, data: Buffer.concat(data) };
    // A capital letter at the beginning: the picture cannot be shown without it.
    else if (type < "[") refuse(`it has a part "${type}" that is not known`);
    at = end;
  }
}

function readHeader(body: Uint8Array, mostPixels: number): Header {
  if (body.length !== 13) refuse("its header has another length");
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, type, compression, filter, interlace] = body.subarray(8) as unknown as [
    number,
    number,
    number,
    number,
    number,
  ];
  const form = forms[type];
  if (form === undefined || !form.depths.includes(depth)) refuse(`there is no colour type ${type} with ${depth} bits`);
  if (compression !== 0 || filter !== 0 || interlace > 1) refuse("its compression, filter or interlacing is not known");
  if (width === 0 || height === 0 || width * height > mostPixels)
    refuse(`it has ${width} x ${height} pixels, and from 1 to ${mostPixels} are possible`);
  return { width, height, depth, type, samples: form.samples, interlaced: interlace === 1 };
}

function inflated(data: Uint8Array, wanted: number): Uint8Array {
  let rows: Uint8Array;
  try {
    rows = inflateSync(data, { maxOutputLength: wanted });
  } catch (error) {
    refuse(errorMessage(error));
  }
  if (rows.length < wanted) refuse("it has too few rows");
  return rows;
}

/** Undoes the filters of rows. Returns them without the filters' bytes. `step`: bytes to the pixel on the left. */
function unfilter(filtered: Uint8Array, rows: number, stride: number, step: number): Uint8Array {
  const samples = new Uint8Array(rows * stride);
  for (let row = 0; row < rows; ++row) {
    const from = row * (stride + 1);
    const to = row * stride;
    const filter = filtered[from] as number;
    if (filter > 4) refuse(`row ${row} has the filter ${filter}`);
    for (let index = 0; index < stride; ++index) {
      const left = index < step ? 0 : (samples[to + index - step] as number);
      const up = row === 0 ? 0 : (samples[to + index - stride] as number);
      let guess = 0;
      if (filter === 1) guess = left;
      else if (filter === 2) guess = up;
      else if (filter === 3) guess = (left + up) >> 1;
      else if (filter === 4)
        guess = nearest(left, up, index < step || row === 0 ? 0 : (samples[to + index - stride - step] as number));
      samples[to + index] = (filtered[from + 1 + index] as number) + guess;
    }
  }
  return samples;
}

/** Of three neighbours the one that is nearest to where they lead. */
function nearest(left: number, up: number, corner: number): number {
  const fromLeft = Math.abs(up - corner);
  const fromUp = Math.abs(left - corner);
  const fromCorner = Math.abs(left + up - 2 * corner);
  if (fromLeft <= fromUp && fromLeft <= fromCorner) return left;
  return fromUp <= fromCorner ? up : corner;
}

/** What puts the pixel of a column, of the row that begins at a byte, into its place. */
function painter(
  { depth, type, samples: count }: Header,
  colors: Uint8Array,
  transparency: Uint8Array | undefined,
  { pixels, opacity }: Surface,
): (samples: Uint8Array, row: number, column: number, to: number) => void {
  const most = 2 ** depth - 1;
  /** A sample as it is in the file. */
  const raw = (samples: Uint8Array, row: number, index: number): number => {
    if (depth === 8) return samples[row + index] as number;
    if (depth === 16) return ((samples[row + 2 * index] as number) << 8) | (samples[row + 2 * index + 1] as number);
    const bit = index * depth;
    return ((samples[row + (bit >> 3)] as number) >> (8 - depth - (bit & 7))) & most;
  };
  const byte = (sample: number): number =>
    depth === 16 ? sample >> 8 : depth === 8 ? sample : Math.round((sample * 255) / most);
  if (type === palette)
    return (samples, row, column, to) => {
      const index = raw(samples, row, column);
      if (3 * index + 2 >= colors.length) refuse(`its palette has no colour ${index}`);
      const [red, green, blue] = colors.subarray(3 * index, 3 * index + 3) as unknown as [number, number, number];
      pixels[to] = (red << 16) | (green << 8) | blue;
      if (opacity !== undefined) opacity[to] = transparency?.[index] ?? 255;
    };
  const colorSamples = count < 3 ? 1 : 3;
  const hidden =
    transparency === undefined || transparency.length < 2 * colorSamples
      ? undefined
      : Array.from(
          { length: colorSamples },
          (_, index) => ((transparency[2 * index] as number) << 8) | (transparency[2 * index + 1] as number),
        );
  return (samples, row, column, to) => {
    const at = column * count;
    const first = raw(samples, row, at);
    const second = colorSamples === 1 ? first : raw(samples, row, at + 1);
    const third = colorSamples === 1 ? first : raw(samples, row, at + 2);
    pixels[to] = (byte(first) << 16) | (byte(second) << 8) | byte(third);
    if (opacity === undefined) return;
    if (count > colorSamples) opacity[to] = byte(raw(samples, row, at + colorSamples));
    else {
      const isHidden = hidden?.[0] === first && (colorSamples === 1 || (hidden[1] === second && hidden[2] === third));
      opacity[to] = isHidden ? 0 : 255;
    }
  };
}
