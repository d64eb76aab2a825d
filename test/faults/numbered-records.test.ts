/** What tells the fault tests whether a line lost or repeated bytes: it must see every such case itself. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { follow, recordBytes, records } from "../support/numbered-records.js";
import { suite } from "../support/suite.js";

const test = suite("numbered records");
const count = 50;
const whole = Buffer.from(records(0, count));

test("an undisturbed text has no breaks", () => {
  assert.equal(follow(whole), { breaks: [], reached: count * recordBytes });
  assert.equal(follow(whole.subarray(0, 100)), { breaks: [], reached: 100 });
});

test("bytes that are lost or come twice are counted, wherever", () => {
  const property = fc.property(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 0, max: 700 }), (from, to) => {
    fc.pre(from !== to);
    const { breaks, reached } = follow(Buffer.concat([whole.subarray(0, from), whole.subarray(to)]));
    assert.is(reached, whole.length);
    assert.is(
      breaks.reduce((sum, { bytes }) => sum + bytes, 0),
      to - from,
    );
    assert.is(breaks.length, 1);
  });
  fc.assert(property, { numRuns: 300 });
});

test("a byte that changed is an error", () => {
  const property = fc.property(
    fc.integer({ min: 0, max: whole.length - 1 }),
    fc.integer({ min: 1, max: 255 }),
    (at, change) => {
      const text = Buffer.from(whole);
      text[at] = (text[at] as number) ^ change;
      assert.throws(() => follow(text));
    },
  );
  fc.assert(property, { numRuns: 300 });
});

test.run();
