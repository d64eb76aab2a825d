// emulated
/** The Event session: its records, its server half against hostile clients, and its connection when the server dies. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { Dataspace } from "../../base/dataspace.js";
import { Session } from "../../base/session.js";
import { Occurrence } from "../../lib/occurrence.js";
import {
  axes,
  Event,
  EventInterface,
  EventSession,
  eventBytes,
  eventCapacity,
  type InputEvent,
  readEvent,
  writeEvent,
} from "../../sessions/event/index.js";
import { code } from "../support/error-code.js";
import { LocalParent } from "../support/local-parent.js";
import { suite } from "../support/suite.js";

const test = suite("event session");

const number = fc.integer({ min: 0, max: 0xffffffff });
const key = fc.integer({ min: 1, max: 0x2ff });
const float = fc.float({ noNaN: true, noDefaultInfinity: true });
/** As events are: with the prototype of any object. */
const record = <Fields>(fields: { [Name in keyof Fields]: fc.Arbitrary<Fields[Name]> }) =>
  fc.record<Fields>(fields, { noNullPrototype: true });
const kind = <Kind extends InputEvent["kind"]>(name: Kind): fc.Arbitrary<Kind> => fc.constant(name);
const anyEvent: fc.Arbitrary<InputEvent> = fc.oneof(
  record({ kind: kind("press"), key: number }),
  record({ kind: kind("press"), key: number, character: fc.integer({ min: 1, max: 0x10ffff }) }),
  record({ kind: kind("release"), key: number }),
  record({ kind: kind("relative-motion"), x: float, y: float }),
  record({ kind: kind("absolute-motion"), x: float, y: float }),
  record({ kind: kind("wheel"), x: float, y: float }),
  record({ kind: kind("touch"), id: number, x: float, y: float }),
  record({ kind: kind("touch-release"), id: number }),
  record({ kind: kind("sequence"), number }),
  record({ kind: kind("axis"), axis: fc.constantFrom(...axes), value: float }),
  fc.constantFrom<InputEvent>({ kind: "focus-enter" }, { kind: "focus-leave" }, { kind: "hover-leave" }),
);

test("an event is read as it was written, anywhere in a buffer, and touches its own bytes only", () => {
  fc.assert(
    fc.property(anyEvent, fc.integer({ min: 0, max: 3 }), (event, place) => {
      const bytes = new Uint8Array(4 * eventBytes).fill(0xaa);
      const view = new DataView(bytes.buffer);
      writeEvent(view, place * eventBytes, event);
      assert.equal(readEvent(view, place * eventBytes), event);
      const others = bytes.filter((_, byte) => Math.floor(byte / eventBytes) !== place);
      assert.ok(others.every((byte) => byte === 0xaa));
    }),
  );
});

test("any 16 bytes are an event that is written as it was read, or none", () => {
  const bytes = fc.tuple(fc.integer({ min: 0, max: 15 }), fc.uint8Array({ minLength: 12, maxLength: 12 }));
  fc.assert(
    fc.property(bytes, ([kindNumber, rest]) => {
      const view = new DataView(new ArrayBuffer(2 * eventBytes));
      view.setUint32(0, kindNumber, true);
      new Uint8Array(view.buffer, 4).set(rest);
      const event = readEvent(view, 0);
      if (event === undefined) return;
      for (const value of Object.values(event))
        assert.ok(typeof value !== "number" || Number.isFinite(value), JSON.stringify(event));
      writeEvent(view, eventBytes, event);
      assert.equal(readEvent(view, eventBytes), event);
    }),
    { numRuns: 2000 },
  );
});

/** A server that writes down what its sessions submit, and dies when told to. */
class Recorder {
  readonly batches: InputEvent[][] = [];
  readonly changed = new Occurrence();
  readonly sessions: EventSession[] = [];
  kill: () => void = () => {};
  /** Runs before the next batch is taken. */
  before: (() => void) | undefined;

  async announce(parent: LocalParent): Promise<void> {
    await parent.env("server").announce(EventInterface, async (request) => {
      this.kill = () => request.session.close();
      const session = await EventSession.open(request, {
        submit: (events) => {
          const { before } = this;
          this.before = undefined;
          before?.();
          this.batches.push([...events]);
          this.changed.happened();
        },
      });
      this.sessions.push(session);
      return session;
    });
  }

  async until(condition: () => boolean): Promise<void> {
    for (let seen = this.changed.count; !condition(); seen = this.changed.count) await this.changed.after(seen);
  }
}

const a: InputEvent = { kind: "press", key: 30 };
const shift: InputEvent = { kind: "press", key: 42 };
const up = (number: number): InputEvent => ({ kind: "release", key: number });

test("events arrive in their order, as many at once as the buffer holds", async (context) => {
  const parent = context.use(new LocalParent());
  const recorder = new Recorder();
  await recorder.announce(parent);
  const events = context.use(await parent.env("client").connect(Event));
  const many: InputEvent[] = Array.from({ length: 600 }, (_, place) => ({ kind: "sequence", number: place }));
  await Promise.all([events.submit(many), events.submit([a])]);
  assert.equal(
    recorder.batches.map((batch) => batch.length),
    [eventCapacity, eventCapacity, 600 - 2 * eventCapacity, 1],
  );
  assert.equal(recorder.batches.flat(), [...many, a]);
});

test("a session that ends lets go of what it held, and of nothing else", async (context) => {
  const parent = context.use(new LocalParent());
  const recorder = new Recorder();
  await recorder.announce(parent);
  const events = context.use(await parent.env("client").connect(Event));
  await events.submit([
    shift,
    a,
    up(30),
    { kind: "touch", id: 5, x: 0.25, y: 0.5 },
    { kind: "touch", id: 6, x: 0.25, y: 0.5 },
    { kind: "touch-release", id: 6 },
    { kind: "axis", axis: "LX", value: -1 },
    { kind: "axis", axis: "RT", value: 1 },
    { kind: "axis", axis: "RT", value: 0 },
  ]);
  await events.close();
  await recorder.until(() => recorder.batches.length === 2);
  assert.equal(recorder.batches[1], [up(42), { kind: "touch-release", id: 5 }, { kind: "axis", axis: "LX", value: 0 }]);
});

test("a new server learns what is held, and gets what the old one had not acknowledged", async (context) => {
  const parent = context.use(new LocalParent());
  const recorder = new Recorder();
  await recorder.announce(parent);
  const events = context.use(await parent.env("client").connect(Event));
  await events.submit([shift, { kind: "touch", id: 1, x: 0.5, y: 0.5 }]);
  recorder.kill();
  // Nobody submits anything: the key is pressed anew all the same.
  await recorder.until(() => recorder.batches.length === 3);
  assert.equal(recorder.batches.slice(1), [
    [up(42), { kind: "touch-release", id: 1 }],
    [shift, { kind: "touch", id: 1, x: 0.5, y: 0.5 }],
  ]);
  recorder.before = () => recorder.kill();
  await events.submit([a]);
  assert.equal(recorder.batches.at(-1), [a], "submitted again");
  assert.equal(recorder.batches.at(-2), [shift, { kind: "touch", id: 1, x: 0.5, y: 0.5 }]);
  await events.submit([up(42), up(30)]);
  recorder.kill();
  await recorder.until(() => recorder.sessions.length === 4);
  await events.submit([a]);
  assert.equal(recorder.batches.at(-1), [a]);
  assert.equal(recorder.sessions.at(-1)?.rejected, 0);
});

test("whatever a client writes, a sink sees pairs of presses and releases, shares of the screen, and nothing of a GUI server's", async (context) => {
  const parent = context.use(new LocalParent());
  const recorder = new Recorder();
  await recorder.announce(parent);
  const session = context.use(await Session.open(parent.env("client"), EventInterface, {}, {}));
  const buffer = context.use(Dataspace.of(await session.client.dataspace(), { writable: true }));
  const submit = async (bytes: Uint8Array, count: number): Promise<void> => {
    buffer.bytes.write(bytes);
    await session.client.submitBatch(count);
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(anyEvent, record({ kind: kind("press"), key }), record({ kind: kind("release"), key }))),
      fc.uint8Array({ minLength: 64, maxLength: 64 }),
      async (events, garbage) => {
        const count = Math.min(events.length, eventCapacity - 4);
        const bytes = new Uint8Array((count + 4) * eventBytes);
        for (const [place, event] of events.slice(0, count).entries())
          writeEvent(new DataView(bytes.buffer), place * eventBytes, event);
        bytes.set(garbage, count * eventBytes);
        await submit(bytes, count + 4);
      },
    ),
    { numRuns: 300 },
  );
  const refused = [
    await code(session.client.submitBatch(eventCapacity + 1)),
    await code(session.client.submitBatch(0xffffffff)),
  ];
  assert.equal(refused, ["InvalidArgument", "InvalidArgument"]);
  const keys = new Set<number>();
  const touches = new Set<number>();
  const served = recorder.sessions[0] as EventSession;
  assert.ok(served.rejected > 0);
  const seen = recorder.batches.length;
  assert.ok(served.held.keys.size + served.held.touches.size > 0);
  await session.close();
  await recorder.until(() => recorder.batches.length > seen);
  for (const event of recorder.batches.flat()) {
    const text = JSON.stringify(event);
    if (event.kind === "press" && event.key !== 0) assert.ok(event.key <= 0x2ff && !keys.has(event.key), text);
    if (event.kind === "press" && event.key !== 0) keys.add(event.key);
    if (event.kind === "release") assert.ok(keys.delete(event.key), text);
    if (event.kind === "touch") touches.add(event.id);
    if (event.kind === "touch-release") assert.ok(touches.delete(event.id), text);
    if (event.kind === "touch" || event.kind === "absolute-motion")
      assert.ok(event.x >= 0 && event.x <= 1 && event.y >= 0 && event.y <= 1, text);
    if (event.kind === "axis") assert.ok(Math.abs(event.value) <= 1, text);
    assert.not.ok(["focus-enter", "focus-leave", "hover-leave"].includes(event.kind), text);
    assert.ok(touches.size <= 64, "a client makes a server keep little");
  }
  assert.equal([keys.size, touches.size], [0, 0], "all is released at the end");
});

test.run();
