import fc from "fast-check";
import * as assert from "uvu/assert";
import { Damage } from "../../lib/damage.js";
import { bounding, covers, difference, holds, intersection, isEmpty } from "../../lib/rectangle.js";
import type { Rect } from "../../sessions/geometry/geometry.generated.js";
import { suite } from "../support/suite.js";

const test = suite("rectangle");
const side = 12;
const rect = fc.record({
  x: fc.integer({ min: -3, max: side }),
  y: fc.integer({ min: -3, max: side }),
  width: fc.integer({ min: 0, max: side }),
  height: fc.integer({ min: 0, max: side }),
});

/** Calls `check` with every point of a field. */
function everywhere(check: (point: { x: number; y: number }) => void): void {
  for (let y = -5; y < 2 * side + 5; y += 1) for (let x = -5; x < 2 * side + 5; x += 1) check({ x, y });
}

test("intersection, bounding and difference are those of sets of pixels", () => {
  fc.assert(
    fc.property(rect, rect, (a, b) => {
      const common = intersection(a, b);
      const around = bounding(a, b);
      const parts = difference(a, b);
      everywhere((point) => {
        assert.is(holds(common, point), holds(a, point) && holds(b, point));
        if (holds(a, point) || holds(b, point)) assert.ok(holds(around, point));
        assert.is(parts.filter((part) => holds(part, point)).length, holds(a, point) && !holds(b, point) ? 1 : 0);
      });
      if (!isEmpty(a) && !isEmpty(b)) assert.ok(covers(around, a) && covers(around, b));
    }),
    { numRuns: 200 },
  );
});

test("numbers of 32 bits do not overflow", () => {
  const far: Rect = { x: 2 ** 31 - 1, y: -(2 ** 31), width: 2 ** 32 - 1, height: 2 ** 32 - 1 };
  assert.ok(isEmpty(intersection(far, { x: 0, y: 0, width: 100, height: 100 })));
  assert.equal(intersection(far, { x: 2 ** 31, y: 0, width: 5, height: 5 }), { x: 2 ** 31, y: 0, width: 5, height: 5 });
});

test("damage covers all that was added, in as few rectangles as it may have, and nothing twice that one covers", () => {
  fc.assert(
    fc.property(fc.array(rect, { maxLength: 12 }), fc.integer({ min: 1, max: 4 }), (added, most) => {
      const damage = new Damage(most);
      for (const one of added) damage.add(one);
      assert.is(damage.empty, added.every(isEmpty));
      const rects = damage.take();
      assert.ok(rects.length <= most);
      assert.ok(damage.empty);
      everywhere((point) => {
        if (added.some((one) => holds(one, point))) assert.ok(rects.some((one) => holds(one, point)));
      });
      const around = added.reduce(bounding, { x: 0, y: 0, width: 0, height: 0 });
      for (const one of rects) assert.ok(covers(around, one));
      rects.forEach((one, place) => {
        for (const other of rects.slice(place + 1)) assert.not(covers(one, other) || covers(other, one));
      });
    }),
    { numRuns: 200 },
  );
});

test("two rectangles far apart stay two", () => {
  const damage = new Damage(3);
  damage.add({ x: 0, y: 0, width: 10, height: 10 });
  damage.add({ x: 500, y: 500, width: 10, height: 10 });
  damage.add({ x: 10, y: 0, width: 10, height: 10 });
  assert.equal(
    [...damage.take()].sort((a, b) => a.x - b.x),
    [
      { x: 0, y: 0, width: 20, height: 10 },
      { x: 500, y: 500, width: 10, height: 10 },
    ],
  );
});

test.run();
