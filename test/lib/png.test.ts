import { spawnSync } from "node:child_process";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { encodePng } from "../../lib/png.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("png");

/** What netpbm makes of a file: the size, and red, green, blue of each pixel. */
function decoded(file: Uint8Array, context: Context): { width: number; height: number; colours: Uint8Array } {
  const { error, status, stdout, stderr } = spawnSync("pngtopnm", { input: file, maxBuffer: 1 << 26 });
  if (error !== undefined) context.skip("needs pngtopnm (Debian package netpbm)");
  assert.is(status, 0, stderr.toString());
  const header = /^P([56])\n(\d+) (\d+)\n255\n/.exec(stdout.subarray(0, 40).toString("latin1"));
  assert.ok(header, "a picture of 8 bits a colour");
  const body = stdout.subarray(header[0].length);
  // Without a colour in it, the picture comes back as shades of grey.
  const colours =
    header[1] === "6" ? body : Uint8Array.from({ length: 3 * body.length }, (_, i) => body[(i / 3) | 0] ?? 0);
  return { width: Number(header[2]), height: Number(header[3]), colours };
}

test("another decoder sees the same pixels", { timeout: 30_000 }, (context) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
      (width, height, bytes) => {
        const pixels = Uint8Array.from({ length: 4 * width * height }, () => bytes.next().value as number);
        const expected = new Uint8Array(3 * width * height);
        for (let pixel = 0; pixel < width * height; ++pixel)
          for (let colour = 0; colour < 3; ++colour)
            expected[3 * pixel + colour] = pixels[4 * pixel + 2 - colour] as number;
        const picture = decoded(encodePng({ width, height, pixels }), context);
        assert.equal([picture.width, picture.height], [width, height]);
        assert.is(Buffer.compare(picture.colours, expected), 0);
      },
    ),
    { numRuns: 25 },
  );
});

test("a whole screen is one file", (context) => {
  const [width, height] = [1920, 1080];
  const pixels = new Uint8Array(4 * width * height).map((_, index) => (index >>> 10) * 31);
  const picture = decoded(encodePng({ width, height, pixels }), context);
  assert.equal([picture.width, picture.height], [width, height]);
  assert.equal([...picture.colours.subarray(-3)], [pixels.at(-2), pixels.at(-3), pixels.at(-4)]);
});

test("pictures without pixels, or with too few, are refused", () => {
  const pixels = new Uint8Array(16);
  assert.throws(() => encodePng({ width: 0, height: 1, pixels }), /0 x 1/);
  assert.throws(() => encodePng({ width: 1, height: 40_000, pixels }), /1 to 32767/);
  assert.throws(() => encodePng({ width: 5, height: 1, pixels }), /takes 20 bytes, not 16/);
});

test.run();
