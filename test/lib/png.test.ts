import fc from "fast-check";
import * as assert from "uvu/assert";
import { encodePng } from "../../lib/png.js";
import { decodedPng } from "../support/png.js";
import { suite } from "../support/suite.js";

const test = suite("png");

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
        const picture = decodedPng(encodePng({ width, height, pixels }), context);
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
  const picture = decodedPng(encodePng({ width, height, pixels }), context);
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
