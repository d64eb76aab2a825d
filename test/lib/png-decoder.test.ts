import { deflateSync } from "node:zlib";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { decodePng } from "../../lib/png-decoder.js";
import { suite } from "../support/suite.js";

const test = suite("PNG decoder");

function checksum(bytes: Uint8Array): number {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; ++bit) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return ~sum >>> 0;
}

function part(type: string, body: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + body.length);
  bytes.writeUInt32BE(body.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(body, 8);
  bytes.writeUInt32BE(checksum(bytes.subarray(4, 8 + body.length)), 8 + body.length);
  return bytes;
}

interface Form {
  readonly type: number;
  readonly depth: number;
  readonly samples: number;
}

const forms: readonly Form[] = [
  ...[1, 2, 4, 8, 16].map((depth) => ({ type: 0, depth, samples: 1 })),
  ...[8, 16].flatMap((depth) => [
    { type: 2, depth, samples: 3 },
    { type: 4, depth, samples: 2 },
    { type: 6, depth, samples: 4 },
  ]),
  ...[1, 2, 4, 8].map((depth) => ({ type: 3, depth, samples: 1 })),
];

interface Source {
  readonly width: number;
  readonly height: number;
  readonly form: Form;
  readonly interlaced: boolean;
  readonly transparency: boolean;
  /** What the samples and filters are drawn from. */
  readonly seed: number;
}

const sources: fc.Arbitrary<Source> = fc.record({
  width: fc.integer({ min: 1, max: 19 }),
  height: fc.integer({ min: 1, max: 19 }),
  form: fc.constantFrom(...forms),
  interlaced: fc.boolean(),
  transparency: fc.boolean(),
  seed: fc.nat(),
});

function randomly(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const order = [left, up, corner].toSorted((a, b) => Math.abs(estimate - a) - Math.abs(estimate - b));
  return [0, left, up, Math.floor((left + up) / 2), order[0] as number][filter] as number;
}

/** Rows of samples, packed and filtered as the format says, each with another filter. */
function filteredRows(
  rows: readonly (readonly number[])[],
  { depth, samples }: Form,
  random: (below: number) => number,
) {
  const step = Math.max(1, (depth * samples) / 8);
  let before: number[] = [];
  return rows.flatMap((row) => {
    const text = row.map((sample) => sample.toString(2).padStart(depth, "0")).join("");
    const bytes = (text.match(/.{1,8}/g) ?? []).map((bits) => Number.parseInt(bits.padEnd(8, "0"), 2));
    const filter = random(5);
    const filtered = bytes.map((byte, at) => {
      const guess = predicted(filter, bytes[at - step] ?? 0, before[at] ?? 0, before[at - step] ?? 0);
      return (byte - guess + 256) % 256;
    });
    before = bytes;
    return [filter, ...filtered];
  });
}

/** In which pass each pixel of 8 by 8 comes: the pattern that the format's description prints. */
const passOf = ["16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777"];

/** A file, and what its pixels are: red, green, blue and opacity. */
function made({ width, height, form, interlaced, transparency, seed }: Source) {
  const random = randomly(seed);
  const { type, depth, samples } = form;
  const most = 2 ** depth - 1;
  const pixels = Array.from({ length: height }, () =>
    Array.from({ length: width }, () => Array.from({ length: samples }, () => random(most + 1))),
  );
  const palette = Array.from({ length: most + 1 }, () => [random(256), random(256), random(256)]);
  const opacities = palette.slice(0, Math.ceil((most + 1) / 2)).map(() => random(256));
  const hidden = pixels[0]?.[0] as number[];
  const numbers = interlaced ? ["1", "2", "3", "4", "5", "6", "7"] : ["whole"];
  const data = numbers.flatMap((number) => {
    const rows = pixels
      .map((row, y) => row.filter((_, x) => number === "whole" || passOf[y % 8]?.[x % 8] === number).flat())
      .filter((row) => row.length > 0);
    return filteredRows(rows, form, random);
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, type, 0, 0, interlaced ? 1 : 0], 8);
  const packed = deflateSync(Uint8Array.from(data));
  const half = random(packed.length);
  const hiddenBytes = hidden.flatMap((sample) => [sample >> 8, sample & 255]);
  const parts = [
    part("IHDR", header),
    part("tEXt", Buffer.from("Comment\0left out")),
    ...(type === 3 ? [part("PLTE", Uint8Array.from(palette.flat()))] : []),
    ...(transparency && type < 4 ? [part("tRNS", Uint8Array.from(type === 3 ? opacities : hiddenBytes))] : []),
    part("IDAT", packed.subarray(0, half)),
    part("IDAT", packed.subarray(half)),
    part("IEND", new Uint8Array(0)),
  ];
  const scaled = (sample: number): number => (depth === 16 ? sample >> 8 : Math.round((sample * 255) / most));
  const wanted = pixels.flat().map((own) => {
    if (type === 3) {
      const index = own[0] as number;
      return [...(palette[index] as number[]), transparency ? (opacities[index] ?? 255) : 255];
    }
    const [a = 0, b = 0, c = 0] = samples < 3 ? [own[0], own[0], own[0]] : own;
    const isHidden = transparency && type < 4 && own.every((sample, index) => sample === hidden[index]);
    const opacity = type >= 4 ? scaled(own[samples - 1] as number) : isHidden ? 0 : 255;
    return [scaled(a), scaled(b), scaled(c), opacity];
  });
  return { file: Buffer.concat([Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10]), ...parts]), wanted };
}

test("reads every form, depth and filter, interlaced or not", () => {
  fc.assert(
    fc.property(sources, (source) => {
      const { file, wanted } = made(source);
      const { width, height, pixels, opacity } = decodePng(file);
      assert.equal([width, height], [source.width, source.height]);
      assert.equal(
        [...pixels].map((pixel, index) => [pixel >> 16, (pixel >> 8) & 255, pixel & 255, opacity?.[index] ?? 255]),
        wanted,
      );
    }),
    { numRuns: 400 },
  );
});

function refused(file: Uint8Array, reason: RegExp): void {
  assert.throws(
    () => decodePng(file),
    (error: Error & { code?: string }) => error.code === "Malformed" && reason.test(error.message),
  );
}

test("any damage is refused, wherever it is", () => {
  const { file } = made({ width: 7, height: 5, form: forms[4] as Form, interlaced: true, transparency: true, seed: 5 });
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = Uint8Array.from(file);
      damaged[at] = (damaged[at] as number) ^ change;
      refused(damaged, /^Cannot read the PNG file/);
    }),
    { numRuns: 400 },
  );
  for (let length = 0; length < file.length; ++length) refused(file.subarray(0, length), /begin|ends|end$/);
});

test("garbage with right checksums is refused or read, and nothing else", () => {
  const piece = fc.tuple(
    fc.constantFrom("IHDR", "PLTE", "tRNS", "IDAT", "IEND", "ABCD", "abcd"),
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => deflateSync(bytes)),
    ),
  );
  const header = fc
    .tuple(fc.nat(40), fc.nat(40), fc.constantFrom(...forms), fc.nat(1))
    .map(([width, height, { type, depth }, interlaced]) => {
      const bytes = Buffer.alloc(13);
      bytes.writeUInt32BE(width, 0);
      bytes.writeUInt32BE(height, 4);
      bytes.set([depth, type, 0, 0, interlaced], 8);
      return part("IHDR", bytes);
    });
  fc.assert(
    fc.property(header, fc.array(piece, { maxLength: 6 }), (first, pieces) => {
      const parts = pieces.map(([type, body]) => part(type, body));
      const file = Buffer.concat([
        Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10]),
        first,
        ...parts,
        part("IEND", new Uint8Array(0)),
      ]);
      try {
        const { width, height, pixels } = decodePng(file);
        assert.is(pixels.length, width * height);
      } catch (error) {
        assert.is((error as { code?: string }).code, "Malformed", (error as Error).stack ?? "");
      }
    }),
    { numRuns: 500 },
  );
});

test("what is too large is refused before memory is taken for it", () => {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(0x7fffffff, 0);
  header.writeUInt32BE(0x7fffffff, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const file = (...parts: Buffer[]): Buffer =>
    Buffer.concat([Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10]), ...parts, part("IEND", new Uint8Array(0))]);
  refused(file(part("IHDR", header)), /2147483647 x 2147483647 pixels/);
  header.writeUInt32BE(2, 0);
  header.writeUInt32BE(2, 4);
  const bomb = part("IDAT", deflateSync(new Uint8Array(50_000_000)));
  refused(file(part("IHDR", header), bomb), /Cannot read/);
});

test.run();
