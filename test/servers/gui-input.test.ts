import { setImmediate as nextTurn } from "node:timers/promises";
import * as assert from "uvu/assert";
import type { InputEvent } from "../../sessions/event/index.js";
import type { GuiConnection } from "../../sessions/gui/index.js";
import { desktop, shown, waiting, window } from "../support/desktop.js";
import { eventually } from "../support/running-system.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("gui input");
const left = 0x110;
const screen = { width: 100, height: 100 };

const to = (x: number, y: number): InputEvent => ({ kind: "absolute-motion", x: (x + 0.5) / 100, y: (y + 0.5) / 100 });
const press = (key: number): InputEvent => ({ kind: "press", key });
const release = (key: number): InputEvent => ({ kind: "release", key });
const click: readonly InputEvent[] = [press(left), release(left)];

/** Two windows beside each other. */
async function pair(context: Context, config: object = {}) {
  const system = await desktop(context, config);
  await system.display(screen);
  const a = await window(system, "a", { x: 0, y: 0, width: 50, height: 100 }, 1);
  const b = await window(system, "b", { x: 50, y: 0, width: 50, height: 100 }, 2);
  return { system, a, b, source: await system.source() };
}

async function kinds(gui: GuiConnection): Promise<readonly string[]> {
  return (await waiting(gui)).map((event) => ("key" in event ? `${event.kind} ${event.key}` : event.kind));
}

test("whoever got a press gets everything until all is up, wherever the pointer goes", async (context) => {
  const { a, b, source } = await pair(context);
  await source.submit([
    to(10, 20),
    press(left),
    to(70, 30),
    press(30),
    release(left),
    to(80, 40),
    release(30),
    to(81, 40),
  ]);
  assert.equal(await waiting(a), [
    { kind: "absolute-motion", x: 10, y: 20 },
    { kind: "focus-enter" },
    press(left),
    { kind: "absolute-motion", x: 70, y: 30 },
    press(30),
    release(left),
    { kind: "absolute-motion", x: 80, y: 40 },
    release(30),
    { kind: "hover-leave" },
  ]);
  assert.equal(await waiting(b), [{ kind: "absolute-motion", x: 31, y: 40 }]);
});

test("a key in two keyboards is one key, down until it is up in both", async (context) => {
  const { system, a, source } = await pair(context);
  const second = await system.source("second");
  await source.submit([to(10, 10), ...click]);
  await waiting(a);
  await source.submit([press(30)]);
  await second.submit([press(30)]);
  await source.submit([release(30)]);
  assert.equal(await kinds(a), ["press 30"]);
  await second.submit([release(30)]);
  assert.equal(await kinds(a), ["release 30"]);
});

test("what is typed comes while a button is held on nothing, and what is held for one who died is nobody's", async (context) => {
  const { system, a, b, source } = await pair(context);
  const small = await window(system, "small", { x: 0, y: 0, width: 1, height: 1 }, 3);
  await source.submit([to(10, 10), ...click]);
  await waiting(a);
  await a.close();
  await b.close();
  await source.submit([to(0, 0), ...click, to(60, 60), press(left), press(30), to(61, 61), release(left), release(30)]);
  assert.equal((await kinds(small)).slice(-3), ["hover-leave", "press 30", "release 30"]);
  const late = await window(system, "late", { x: 50, y: 0, width: 50, height: 100 }, 2);
  await source.submit([press(31)]);
  await small.close();
  await source.submit([to(70, 70), press(left), press(32), release(31), release(left), release(32)]);
  assert.equal(await kinds(late), ["absolute-motion"]);
});

test("a source that dies holds nothing, and neither does a client that dies", async (context) => {
  const { system, a, b, source } = await pair(context);
  const second = await system.source("second");
  await source.submit([to(10, 10), ...click, press(30)]);
  await second.submit([press(31), { kind: "touch", id: 9, x: 0.1, y: 0.1 }]);
  await waiting(a);
  await second.close();
  assert.equal(await kinds(a), ["release 31", "touch-release"]);
  await a.close();
  await source.submit([to(70, 10), press(left), release(left)]);
  assert.equal(await kinds(b), [], "the key that is still down was pressed for somebody else");
  await source.submit([release(30), ...click, press(32)]);
  assert.equal(await kinds(b), ["absolute-motion", "focus-enter", `press ${left}`, `release ${left}`, "press 32"]);
});

test("10^5 events at a client that does not fetch: what it holds at the end is what is held", async (context) => {
  const { a, source } = await pair(context);
  await source.submit([to(10, 10), ...click]);
  const flood: InputEvent[] = [press(100)];
  for (let count = 0; count < 50_000; count += 1) flood.push(press(1 + (count % 90)), release(1 + (count % 90)));
  flood.push(press(101));
  await source.submit(flood);
  const down = new Set<number>();
  for (const event of await waiting(a)) {
    if (event.kind === "press") down.add(event.key);
    if (event.kind === "release") assert.ok(down.delete(event.key), `${event.key} was released while it was up`);
  }
  assert.equal([...down].sort(), [100, 101]);
});

test("touches go where they began, with numbers of their own for each finger of each screen", async (context) => {
  const { system, a, b, source } = await pair(context);
  const second = await system.source("second");
  const touch = (id: number, x: number): InputEvent => ({ kind: "touch", id, x: x + 0.005, y: 0.505 });
  await source.submit([touch(7, 0.6)]);
  await second.submit([touch(7, 0.9)]);
  await source.submit([touch(7, 0.1), { kind: "touch-release", id: 7 }]);
  await second.submit([{ kind: "touch-release", id: 7 }]);
  assert.equal(await waiting(b), [
    { kind: "focus-enter" },
    { kind: "touch", id: 0, x: 10, y: 50 },
    { kind: "touch", id: 1, x: 40, y: 50 },
    { kind: "touch", id: 0, x: -40, y: 50 },
    { kind: "touch-release", id: 0 },
    { kind: "touch-release", id: 1 },
  ]);
  assert.equal(await waiting(a), []);
});

test("slow motion adds up, and the pointer stays on the screen", async (context) => {
  const { a, source } = await pair(context);
  await source.submit([{ kind: "relative-motion", x: -5000, y: -5000 }]);
  for (let count = 0; count < 8; count += 1) {
    await waiting(a);
    await source.submit([{ kind: "relative-motion", x: 0.25, y: 0.5 }]);
  }
  await source.submit([{ kind: "relative-motion", x: 1, y: 0 }]);
  assert.equal((await waiting(a)).at(-1), { kind: "absolute-motion", x: 3, y: 4 });
});

test("who asks for motion for itself gets it while it has the focus, and nobody sees a pointer", async (context) => {
  const { a, b, source } = await pair(context);
  await source.submit([to(10, 10), ...click]);
  await waiting(a);
  await b.input.exclusive(true);
  await a.input.exclusive(true);
  await source.submit([{ kind: "relative-motion", x: 700, y: 0.25 }, to(20, 12), press(left), release(left)]);
  assert.equal(await waiting(a), [{ kind: "relative-motion", x: 710, y: 2.25 }, press(left), release(left)]);
  assert.equal(await waiting(b), []);
  await a.input.exclusive(false);
  await source.submit([to(60, 50)]);
  assert.equal(await waiting(b), [{ kind: "absolute-motion", x: 10, y: 50 }]);
});

test("a global key goes to its client, with what follows until all is up", async (context) => {
  const config = {
    globalKeys: [
      { key: "KEY_F12", label: "b" },
      { key: "KEY_F11", label: "nobody" },
    ],
  };
  const { a, b, source } = await pair(context, config);
  await source.submit([to(10, 10), ...click, press(88), press(30), release(88), release(30), press(31), release(31)]);
  assert.equal((await kinds(b)).slice(-4), ["press 88", "press 30", "release 88", "release 30"]);
  assert.equal((await kinds(a)).slice(-2), ["press 31", "release 31"]);
  await source.submit([press(87), press(30), release(30), release(87)]);
  assert.equal(await kinds(a), [], "the client of that key is not there, and so it is nobody's");
});

test("windows that come and go under a resting pointer are pointed at, and left", async (context) => {
  const system = await desktop(context);
  await system.display(screen);
  const source = await system.source();
  const whole = { x: 0, y: 0, ...screen };
  const back = await window(system, "back", whole, 1);
  await nextTurn();
  assert.equal(await kinds(back), [], "nobody has pointed at anything");
  await source.submit([to(20, 30)]);
  assert.equal(await waiting(back), [{ kind: "absolute-motion", x: 20, y: 30 }]);
  const front = await window(system, "front", { x: 10, y: 10, width: 50, height: 50 }, 2);
  await eventually("it is left", async () => (await back.input.pending()) || undefined);
  assert.equal(await waiting(front), [{ kind: "absolute-motion", x: 10, y: 20 }]);
  assert.equal(await waiting(back), [{ kind: "hover-leave" }]);
  // While something is held, it stays with who got it.
  await source.submit([press(left)]);
  await front.close();
  await source.submit([release(left)]);
  await eventually("it is pointed at again", async () => (await back.input.pending()) || undefined);
  assert.equal(await waiting(back), [{ kind: "absolute-motion", x: 20, y: 30 }]);
  // A finger points at nothing once it is lifted.
  await source.submit([
    { kind: "touch", id: 1, x: 0.5, y: 0.5 },
    { kind: "touch-release", id: 1 },
  ]);
  await waiting(back);
  await window(system, "late", whole, 3);
  await nextTurn();
  assert.equal(await kinds(back), []);
});

test("the input mask lets through to what is behind", async (context) => {
  const system = await desktop(context);
  await system.display(screen);
  const back = await window(system, "back", { x: 0, y: 0, ...screen }, 1);
  const front = await system.client("front");
  const { inputMask } = await front.makeBuffer(screen, { alpha: true });
  inputMask?.fill(1, 0, 100 * 50);
  await front.view({ rect: { x: 0, y: 0, ...screen } });
  await shown(front);
  const source = await system.source();
  await source.submit([to(10, 49), to(10, 50)]);
  assert.equal(await kinds(front), ["absolute-motion", "hover-leave"]);
  assert.equal(await kinds(back), ["absolute-motion"]);
});

test("who has the focus may give it to who it was told of, and nobody else takes it", async (context) => {
  const { a, b, source } = await pair(context);
  await a.focus(await b.token());
  await source.submit([to(10, 10), ...click, press(30), release(30)]);
  assert.equal(await kinds(a), ["absolute-motion", `press ${left}`, `release ${left}`]);
  assert.equal(await kinds(b), ["focus-enter", "press 30", "release 30"]);
  // Guessing gives nothing away but the own focus.
  await b.focus(new Uint8Array(16));
  await source.submit([press(31), release(31)]);
  assert.equal(await kinds(b), ["press 31", "release 31"]);
});

test("sticks that are held come to rest when the focus goes elsewhere", async (context) => {
  const { a, b, source } = await pair(context);
  await source.submit([to(10, 10), ...click, { kind: "axis", axis: "LX", value: 0.5 }]);
  await waiting(a);
  await source.submit([to(60, 10), ...click, { kind: "axis", axis: "LX", value: 1 }]);
  assert.equal(
    (await waiting(a)).filter(({ kind }) => kind === "axis"),
    [{ kind: "axis", axis: "LX", value: 0 }],
  );
  assert.equal((await waiting(b)).at(-1), { kind: "axis", axis: "LX", value: 1 });
});

test.run();
