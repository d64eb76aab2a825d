import fc from "fast-check";
import * as assert from "uvu/assert";
import { HeldState, type InputEvent } from "../../sessions/event/index.js";
import { InputQueue } from "../../sessions/input/index.js";
import { suite } from "../support/suite.js";

const test = suite("input queue");

function drained(queue: InputQueue, atOnce = 256): InputEvent[] {
  const events: InputEvent[] = [];
  while (queue.length > 0) events.push(...queue.take(atOnce));
  return events;
}

/** Events of a device that is honest: no key is pressed twice, no finger lifted that is not there. */
const honest = fc
  .array(
    fc.oneof(
      fc.record({ kind: fc.constant("key" as const), key: fc.integer({ min: 1, max: 8 }) }),
      fc.record({ kind: fc.constant("finger" as const), id: fc.integer({ min: 0, max: 3 }), lift: fc.boolean() }),
      fc.record({ kind: fc.constant("steps" as const), x: fc.integer({ min: -9, max: 9 }) }),
      fc.record({ kind: fc.constant("pointer" as const), x: fc.integer({ min: 0, max: 999 }) }),
      fc.record({ kind: fc.constant("axis" as const), value: fc.integer({ min: -1, max: 1 }) }),
    ),
    { maxLength: 3000, size: "max" },
  )
  .map((steps) => {
    const held = new HeldState();
    const events: InputEvent[] = [];
    for (const step of steps) {
      const event: InputEvent =
        step.kind === "key"
          ? { kind: held.keys.has(step.key) ? "release" : "press", key: step.key }
          : step.kind === "finger"
            ? step.lift && held.touches.has(step.id)
              ? { kind: "touch-release", id: step.id }
              : { kind: "touch", id: step.id, x: 1, y: 2 }
            : step.kind === "steps"
              ? { kind: "relative-motion", x: step.x, y: 1 }
              : step.kind === "pointer"
                ? { kind: "absolute-motion", x: step.x, y: 0 }
                : { kind: "axis", axis: "LX", value: step.value };
      if (held.follow(event)) events.push(event);
    }
    return { events, held };
  });

test("hands over what came, in its order, motion that follows motion as one", () => {
  const queue = new InputQueue();
  const events: InputEvent[] = [
    { kind: "relative-motion", x: 1, y: 2 },
    { kind: "relative-motion", x: 3, y: -1 },
    { kind: "press", key: 30 },
    { kind: "absolute-motion", x: 5, y: 6 },
    { kind: "absolute-motion", x: 7, y: 8 },
    { kind: "touch", id: 1, x: 1, y: 1 },
    { kind: "touch", id: 2, x: 2, y: 2 },
    { kind: "touch", id: 1, x: 4, y: 4 },
    { kind: "touch", id: 2, x: 5, y: 5 },
    { kind: "touch", id: 1, x: 9, y: 9 },
    { kind: "release", key: 30 },
  ];
  for (const event of events) queue.push(event);
  assert.equal(drained(queue), [
    { kind: "relative-motion", x: 4, y: 1 },
    { kind: "press", key: 30 },
    { kind: "absolute-motion", x: 7, y: 8 },
    { kind: "touch", id: 1, x: 1, y: 1 },
    { kind: "touch", id: 2, x: 2, y: 2 },
    { kind: "touch", id: 1, x: 9, y: 9 },
    { kind: "touch", id: 2, x: 5, y: 5 },
    { kind: "release", key: 30 },
  ]);
});

test("a finger that was lifted in between is put down again, not moved", () => {
  const queue = new InputQueue();
  queue.push({ kind: "touch", id: 1, x: 1, y: 1 });
  queue.push({ kind: "touch-release", id: 1 });
  queue.push({ kind: "touch", id: 1, x: 9, y: 9 });
  assert.equal(
    drained(queue).map(({ kind }) => kind),
    ["touch", "touch-release", "touch"],
  );
});

test("100 000 events for a client that does not come: bounded, and its state is that of the keys", () => {
  const queue = new InputQueue();
  const held = new HeldState();
  const push = (event: InputEvent): void => {
    if (held.follow(event)) queue.push(event);
  };
  push({ kind: "press", key: 700 });
  for (let count = 0; count < 100_000; count += 1) {
    const key = 1 + ((count * 7919) % 600);
    push({ kind: held.keys.has(key) ? "release" : "press", key });
    if (count % 3 === 0) push({ kind: "relative-motion", x: 1, y: 0 });
    if (queue.length > 2048) assert.unreachable(`${queue.length} events wait`);
  }
  const seen = new HeldState();
  for (const event of drained(queue)) assert.ok(seen.follow(event), `${JSON.stringify(event)} fits nothing before it`);
  assert.equal([...seen.keys].sort(), [...held.keys].sort());
  assert.ok(seen.keys.has(700), "the key that was pressed first, and is still down");
});

test("any flood, fetched now and then: each event fits those before, and the state at the end is true", () => {
  fc.assert(
    fc.property(honest, fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 20 }), ({ events, held }, fetches) => {
      const queue = new InputQueue();
      const seen = new HeldState();
      const take = (count: number): void => {
        for (const event of queue.take(count)) assert.ok(seen.follow(event), JSON.stringify(event));
      };
      const step = Math.max(1, Math.floor(events.length / (fetches.length + 1)));
      events.forEach((event, place) => {
        queue.push(event);
        if (place % step === step - 1) take(fetches[Math.floor(place / step)] ?? 0);
      });
      while (queue.length > 0) take(256);
      assert.equal([...seen.keys].sort(), [...held.keys].sort());
      assert.equal([...seen.touches.keys()].sort(), [...held.touches.keys()].sort());
      assert.equal(
        seen.pressed().filter(({ kind }) => kind === "axis"),
        held.pressed().filter(({ kind }) => kind === "axis"),
      );
    }),
    { numRuns: 60 },
  );
});

test("all steps of a mouse arrive, however many are joined", () => {
  const queue = new InputQueue();
  let down = false;
  for (let count = 0; count < 5000; count += 1) {
    queue.push({ kind: "relative-motion", x: 1, y: -2 });
    queue.push({ kind: down ? "release" : "press", key: 30 });
    down = !down;
  }
  const sum = drained(queue)
    .filter((event) => event.kind === "relative-motion")
    .reduce((total, { x, y }) => ({ x: total.x + x, y: total.y + y }), { x: 0, y: 0 });
  assert.equal(sum, { x: 5000, y: -10_000 });
});

test("where a touch begins is told, and of its motion the last", () => {
  const queue = new InputQueue();
  const touch = (id: number, x: number): void => queue.push({ kind: "touch", id, x, y: 0 });
  touch(1, 10);
  touch(2, 50);
  touch(1, 11);
  touch(2, 51);
  touch(1, 12);
  const places = (): (number | string)[] => drained(queue).map((event) => ("x" in event ? event.x : event.kind));
  assert.equal(places(), [10, 50, 12, 51]);
  touch(1, 13);
  queue.push({ kind: "touch-release", id: 1 });
  touch(1, 20);
  touch(1, 21);
  assert.equal(places(), [13, "touch-release", 20, 21]);
});

test.run();
