import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { editDistance, nearest, suggestion } from "../../base/nearest.js";
import { formatSize, parseDuration, parseSize } from "../../base/quantity.js";

const test = suite("quantity");

test("sizes are binary multiples", () => {
  assert.is(parseSize("128K"), 131_072);
  assert.is(parseSize("1.5G"), 1_610_612_736);
  assert.is(parseSize(4096), 4096);
  assert.is(parseSize("0"), 0);
});

test("what is no size is refused", () => {
  for (const wrong of [
    "",
    "K",
    "1k",
    "1KB",
    "-1",
    " 1K",
    "1e3",
    "0x10",
    "1.3",
    "9007199254740993",
    -1,
    1.5,
    Number.NaN,
  ]) {
    assert.throws(
      () => parseSize(wrong),
      (error: { code: string }) => error.code === "InvalidArgument",
      String(wrong),
    );
  }
});

test("a formatted size reads back exactly, and multiples are short", () => {
  fc.assert(fc.property(fc.maxSafeNat(), (bytes) => parseSize(formatSize(bytes)) === bytes));
  assert.is(formatSize(65536), "64K");
  assert.is(formatSize(3 * 2 ** 30), "3G");
  assert.is(formatSize(1000), "1000");
});

test("durations are milliseconds", () => {
  assert.equal(["250ms", "2s", "1m", "1.5h", "500us", 7].map(parseDuration), [250, 2000, 60_000, 5_400_000, 0.5, 7]);
  for (const wrong of ["", "2", "2 s", "-1s", "1S", Number.POSITIVE_INFINITY, -1]) {
    assert.throws(
      () => parseDuration(wrong),
      (error: { code: string }) => error.code === "InvalidArgument",
      String(wrong),
    );
  }
});

test("edit distance is a metric on small alphabets", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      assert.is(editDistance(a, b), editDistance(b, a));
      assert.is(editDistance(a, b) === 0, a === b);
      assert.ok(editDistance(a, b) <= Math.max(a.length, b.length));
    }),
  );
  assert.is(editDistance("ab", "ba"), 1, "swapped neighbours are one mistake");
});

test("the nearest name ignores case and separators and stays silent when nothing is near", () => {
  assert.is(nearest("tx_buf_size", ["rxBufSize", "txBufSize"]), "txBufSize");
  assert.is(nearest("lable", ["label", "ram"]), "label");
  assert.is(nearest("zzz", ["label", "ram"]), undefined);
  assert.is(suggestion("zzz", ["label", "ram"]), '; known: "label", "ram"');
});

test.run();
