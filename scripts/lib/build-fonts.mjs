/**
 * The font step of a build: outlines of the characters that applications show, out of the DejaVu fonts, as one module a
 * face that components import. `lib/drawing/font-face.ts` reads what this writes, and says how it is laid out.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import { recordStamp, signature, upToDate } from "./files.mjs";
import { inRoot, progress } from "./process.mjs";

const source = "node_modules/dejavu-fonts-ttf";
const target = "lib/drawing/fonts";

const faces = {
  sans: "DejaVuSans",
  "sans-bold": "DejaVuSans-Bold",
  mono: "DejaVuSansMono",
  "mono-bold": "DejaVuSansMono-Bold",
};

/** First and last code points. Lines and blocks (U+2500 to U+259F) are left to the terminal, whose cells they fill. */
const ranges = [
  [0x20, 0x7e], // ASCII
  [0xa0, 0xff], // Latin-1
  [0x100, 0x17f], // Latin Extended-A
  [0x218, 0x21b], // Romanian
  [0x370, 0x3ff], // Greek
  [0x400, 0x4ff], // Cyrillic
  [0x1e80, 0x1e85], // Welsh
  [0x2010, 0x205e], // punctuation
  [0x2070, 0x2094], // raised and lowered digits
  [0x20a0, 0x20bf], // currencies
  [0x2116, 0x2122], // number, trade mark
  [0x2150, 0x215e], // fractions
  [0x2190, 0x21ff], // arrows
  [0x2200, 0x22ff], // mathematics
  [0x2300, 0x232b], // technical
  [0x25a0, 0x25ff], // shapes
  [0x2713, 0x2718], // check marks
  [0xfffd, 0xfffd],
];

/** Variable-length numbers, smallest part first, 7 bits a byte. */
class ByteWriter {
  bytes = [];

  unsigned(value) {
    let rest = value;
    for (; rest > 127; rest >>>= 7) this.bytes.push((rest & 127) | 128);
    this.bytes.push(rest);
  }

  signed(value) {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }
}

const operations = { M: 0, L: 1, Q: 2 };

function writeOutline(writer, commands) {
  const drawn = commands.filter(({ type }) => type !== "Z");
  writer.unsigned(drawn.length);
  let [x, y] = [0, 0];
  const point = (toX, toY) => {
    // A curve's end between two others that the file implies lies on halves.
    const [wholeX, wholeY] = [Math.round(toX), Math.round(toY)];
    writer.signed(wholeX - x);
    writer.signed(wholeY - y);
    [x, y] = [wholeX, wholeY];
  };
  for (const command of drawn) {
    writer.unsigned(operations[command.type]);
    if (command.type === "Q") point(command.x1, command.y1);
    point(command.x, command.y);
  }
}

function writeFace(font) {
  const writer = new ByteWriter();
  const { post, hhea } = font.tables;
  for (const value of [
    font.unitsPerEm,
    hhea.ascender,
    -hhea.descender,
    -post.underlinePosition,
    post.underlineThickness,
  ])
    writer.unsigned(value);
  const codePoints = ranges
    .flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, index) => first + index))
    .filter((codePoint) => font.charToGlyphIndex(String.fromCodePoint(codePoint)) !== 0);
  writer.unsigned(codePoints.length);
  let before = 0;
  for (const codePoint of codePoints) {
    const glyph = font.charToGlyph(String.fromCodePoint(codePoint));
    const outline = new ByteWriter();
    writeOutline(outline, glyph.path.commands);
    writer.unsigned(codePoint - before);
    writer.unsigned(glyph.advanceWidth);
    writer.unsigned(outline.bytes.length);
    writer.bytes.push(...outline.bytes);
    before = codePoint;
  }
  return deflateRawSync(Buffer.from(writer.bytes), { level: 9 });
}

function moduleText(name, packed, licence) {
  return [
    `// Generated from ${name}.ttf of dejavu-fonts-ttf by scripts/lib/build-fonts.mjs. Do not edit.`,
    // Legal comments stay in bundles, as the licence asks.
    `/*! ${name}, outlines of some characters\n\n${licence.replaceAll("*/", "* /")}*/`,
    `export const outlines = "${packed.toString("base64")}";`,
    "",
  ].join("\n");
}

export async function buildFonts() {
  const inputs = signature([
    ...Object.values(faces).map((name) => `${source}/ttf/${name}.ttf`),
    "package-lock.json",
    "scripts/lib/build-fonts.mjs",
  ]);
  const outputs = Object.keys(faces).map((face) => `${target}/${face}.generated.ts`);
  if (upToDate("fonts", inputs, outputs)) return;
  progress("Reading the fonts");
  const { default: opentype } = await import("opentype.js");
  const licence = readFileSync(inRoot(source, "LICENSE"), "utf8");
  mkdirSync(inRoot(target), { recursive: true });
  for (const [face, name] of Object.entries(faces)) {
    const file = readFileSync(inRoot(source, "ttf", `${name}.ttf`));
    const font = opentype.parse(file.buffer.slice(file.byteOffset, file.byteOffset + file.length));
    writeFileSync(inRoot(target, `${face}.generated.ts`), moduleText(name, writeFace(font), licence));
  }
  recordStamp("fonts", inputs);
}
