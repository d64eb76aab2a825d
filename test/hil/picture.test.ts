/** Pictures: comparison, PNG files that other programs read and write, golden pictures. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { expectPicture } from "../../hil/golden.js";
import { Picture } from "../../hil/picture.js";
import { decodePng, encodePng } from "../../hil/png.js";
import { RunFolder } from "../../hil/run-folder.js";
import { installed } from "../device/host.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("picture");

const pictures = fc
  .tuple(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 24 }))
  .chain(([width, height]) =>
    fc
      .uint8Array({ minLength: width * height * 4, maxLength: width * height * 4 })
      .map((pixels) => new Picture(width, height, pixels)),
  );

function folder(context: Context): string {
  const path = mkdtempSync(join(tmpdir(), "picture-"));
  context.defer(() => rmSync(path, { recursive: true }));
  return path;
}

test("a picture equals itself, and differs in just the pixels that were changed", () => {
  fc.assert(
    fc.property(pictures, fc.nat(), fc.integer({ min: 1, max: 255 }), (picture, place, change) => {
      assert.is(picture.compare(picture).different, 0);
      const [x, y] = [place % picture.width, (place * 7) % picture.height];
      const other = new Picture(picture.width, picture.height, picture.pixels.slice());
      const [red, green, blue] = picture.at(x, y);
      other.fill([(red + change) % 256, green, blue], { x, y, width: 1, height: 1 });
      const distance = Math.abs(((red + change) % 256) - red);
      const { different, largest, share, difference } = other.compare(picture);
      assert.equal([different, largest], [1, distance]);
      assert.is(share, 1 / (picture.width * picture.height));
      assert.equal(difference.at(x, y), [255, 0, 0, 255]);
      assert.is(other.compare(picture, { tolerance: distance }).different, 0);
      assert.is(other.compare(picture, { ignore: [{ x, y, width: 1, height: 1 }] }).different, 0);
    }),
  );
});

test("pictures of two sizes differ as a whole", () => {
  const { share, different } = new Picture(4, 4).compare(new Picture(4, 5));
  assert.equal([share, different], [1, 4]);
});

test("a PNG file gives back every pixel", () => {
  fc.assert(
    fc.property(pictures, (picture) => {
      const read = decodePng(encodePng(picture));
      assert.equal([read.width, read.height], [picture.width, picture.height]);
      assert.is(Buffer.compare(read.pixels, picture.pixels), 0);
    }),
  );
});

test("any damage of a PNG is refused", () => {
  const file = encodePng(new Picture(5, 4).fill([1, 2, 3]));
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = file.slice();
      damaged[at] = ((damaged[at] as number) + change) % 256;
      assert.throws(() => decodePng(damaged), /PNG|incorrect|invalid|too/);
    }),
    { numRuns: 300 },
  );
});

test("other programs read what is written", (context) => {
  if (!installed("pngcheck") || !installed("pngtopnm")) context.skip("needs pngcheck and netpbm, as packages of these names");
  const file = join(folder(context), "written.png");
  const picture = new Picture(3, 2).fill([10, 20, 30]).fill([200, 100, 50], { x: 1, y: 1, width: 2, height: 1 });
  writeFileSync(file, encodePng(picture));
  assert.is(spawnSync("pngcheck", [file]).status, 0);
  const plain = spawnSync("sh", ["-c", `pngtopnm ${file} | pnmtoplainpnm`], { encoding: "utf8" }).stdout;
  const numbers = plain.trim().split(/\s+/).slice(4).map(Number);
  assert.equal(numbers, [10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30, 200, 100, 50, 200, 100, 50]);
});

test("what other programs write is read, with every filter and in every form", (context) => {
  if (!installed("pnmtopng")) context.skip("needs netpbm: apt-get install netpbm");
  const path = folder(context);
  const [width, height] = [33, 17];
  const picture = new Picture(width, height);
  for (let y = 0; y < height; ++y)
    for (let x = 0; x < width; ++x) picture.fill([x * 7, y * 11, (x * y) % 256], { x, y, width: 1, height: 1 });
  const gray = new Picture(width, height);
  for (let y = 0; y < height; ++y)
    for (let x = 0; x < width; ++x) gray.fill([x * 7, x * 7, x * 7], { x, y, width: 1, height: 1 });
  const source = (own: Picture): string =>
    `P3\n${width} ${height}\n255\n${Array.from({ length: width * height }, (_, pixel) => own.pixels.subarray(pixel * 4, pixel * 4 + 3).join(" ")).join("\n")}\n`;
  for (const filter of ["nofilter", "sub", "up", "avg", "paeth"]) {
    for (const own of [picture, gray]) {
      writeFileSync(join(path, "source.ppm"), source(own));
      const made = spawnSync("sh", ["-c", `pnmtopng -${filter} source.ppm > made.png`], { cwd: path, encoding: "utf8" });
      assert.is(made.status, 0, made.stderr);
      assert.is(decodePng(readFileSync(join(path, "made.png"))).compare(own).different, 0, filter);
    }
  }
});

test("a golden picture that differs leaves three pictures and a sentence", (context) => {
  const path = folder(context);
  const golden = join(path, "login.png");
  const files = new RunFolder(join(path, "run"));
  const picture = new Picture(8, 8).fill([0, 0, 128]);
  assert.throws(() => expectPicture(picture, golden, files), /There is no picture .*login.png.* BULKHEAD_UPDATE_PICTURES=1/);
  process.env["BULKHEAD_UPDATE_PICTURES"] = "1";
  try {
    expectPicture(picture, golden, files);
  } finally {
    delete process.env["BULKHEAD_UPDATE_PICTURES"];
  }
  expectPicture(picture, golden, files);
  const other = new Picture(8, 8).fill([0, 0, 128]).fill([255, 255, 255], { x: 2, y: 2, width: 4, height: 4 });
  assert.throws(() => expectPicture(other, golden, files), /differs from .*login.png.* in 16 pixels \(25.00 %/);
  for (const kind of ["actual", "expected", "difference"]) assert.ok(existsSync(join(path, "run", `login.${kind}.png`)), kind);
  assert.is(decodePng(readFileSync(join(path, "run/login.actual.png"))).compare(other).different, 0);
  expectPicture(other, golden, files, { share: 0.25 });
});

test.run();
