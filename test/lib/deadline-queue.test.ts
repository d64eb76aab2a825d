import fc from "fast-check";
import * as assert from "uvu/assert";
import { type Deadline, DeadlineQueue } from "../../lib/deadline-queue.js";
import { suite } from "../support/suite.js";

const test = suite("deadline queue");

type Step =
  | { readonly kind: "insert"; readonly entry: number; readonly deadline: number }
  | { readonly kind: "remove"; readonly entry: number }
  | { readonly kind: "take"; readonly now: number };

test("agrees with a sorted list under any sequence of steps", () => {
  const entry = fc.integer({ min: 0, max: 11 });
  const time = fc.integer({ min: 0, max: 30 });
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ kind: fc.constant("insert" as const), entry, deadline: time }),
    fc.record({ kind: fc.constant("remove" as const), entry }),
    fc.record({ kind: fc.constant("take" as const), now: time }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const queue = new DeadlineQueue();
      const entries: Deadline[] = Array.from({ length: 12 }, () => ({ deadline: 0, position: -1 }));
      const model = new Map<Deadline, number>();
      for (const action of steps) {
        if (action.kind === "take") {
          const earliest = Math.min(...model.values());
          const taken = queue.take(action.now);
          if (earliest > action.now) assert.is(taken, undefined);
          else {
            assert.is(model.get(taken as Deadline), earliest);
            model.delete(taken as Deadline);
          }
        } else {
          const subject = entries[action.entry] as Deadline;
          if (action.kind === "insert") {
            queue.insert(subject, action.deadline);
            model.set(subject, action.deadline);
          } else assert.is(queue.remove(subject), model.delete(subject));
        }
        assert.is(queue.size, model.size);
        assert.is(queue.first?.deadline ?? Number.POSITIVE_INFINITY, Math.min(...model.values()));
        for (const subject of entries) assert.is(subject.position >= 0, model.has(subject));
      }
    }),
  );
});

test.run();
