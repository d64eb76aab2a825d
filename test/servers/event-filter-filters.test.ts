/** Filters one by one: what goes in, what comes out, and when. */
import * as assert from "uvu/assert";
import { parsed, problemText } from "../../base/schema.js";
import { DeadlineQueue } from "../../lib/deadline-queue.js";
import { keyCode } from "../../lib/input/key-codes.js";
import { Chain } from "../../servers/event-filter/chain.js";
import { configSchema } from "../../servers/event-filter/config.js";
import { eventText } from "../../servers/event-filter/filters/event-log.js";
import type { InputEvent } from "../../sessions/event/index.js";
import { suite } from "../support/suite.js";

const test = suite("event filter: filters");

/** A tree of filters on a clock that the test moves, with the input `in`. */
class Bench {
  readonly out: InputEvent[] = [];
  readonly printed: string[] = [];
  readonly reports: [string, unknown][] = [];
  readonly locks = new Set<string>();
  capsRom = false;
  #now = 0;
  readonly #queue = new DeadlineQueue<{ deadline: number; position: number; handler: () => void }>();
  readonly #chain: Chain;

  constructor(output: unknown) {
    const { value, problems } = parsed(configSchema, { output });
    assert.equal(problems.map(problemText), []);
    this.#chain = new Chain(
      value.output,
      {
        now: () => this.#now,
        after: (milliseconds, handler) => {
          const entry = { deadline: 0, position: -1, handler };
          this.#queue.insert(entry, this.#now + milliseconds);
          return { cancel: () => void this.#queue.remove(entry) };
        },
        enabled: (rom) => rom === "caps" && this.capsRom,
        locks: this.locks,
        print: (line) => this.printed.push(line),
        publish: (report, document) => this.reports.push([report, structuredClone(document)]),
      },
      (event) => this.out.push(event),
    );
  }

  /** Lets so many milliseconds pass. */
  pass(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let due = this.#queue.take(end); due !== undefined; due = this.#queue.take(end)) {
      this.#now = due.deadline;
      due.handler();
    }
    this.#now = end;
  }

  submit(...events: InputEvent[]): void {
    for (const event of events) this.#chain.submit("in", event);
  }

  press(...names: string[]): void {
    this.submit(...names.map((name) => ({ kind: "press", key: keyCode(`KEY_${name}`) }) as const));
  }

  release(...names: string[]): void {
    this.submit(...names.map((name) => ({ kind: "release", key: keyCode(`KEY_${name}`) }) as const));
  }

  tap(...names: string[]): void {
    for (const name of names) {
      this.press(name);
      this.release(name);
    }
  }

  touch(id: number, x: number, y: number): void {
    this.submit({ kind: "touch", id, x, y });
  }

  lift(id: number): void {
    this.submit({ kind: "touch-release", id });
  }

  close(): void {
    this.#chain.close();
  }

  /** What came out since the last look. */
  texts(): string[] {
    return this.out.splice(0).map(eventText);
  }

  /** The characters that came out since the last look. */
  typed(): string {
    return this.out
      .splice(0)
      .map((event) =>
        event.kind === "press" && event.character !== undefined ? String.fromCodePoint(event.character) : "",
      )
      .join("");
  }
}

const input = { input: "in" };
const motion = (x: number, y: number): InputEvent => ({ kind: "relative-motion", x, y });
const button = (kind: "press" | "release", name: string): InputEvent => ({ kind, key: keyCode(name) });

test("remap exchanges keys, to KEY_UNKNOWN too, and drops those to be ignored", () => {
  const bench = new Bench({
    remap: { keys: { KEY_A: "KEY_B", KEY_F1: "KEY_UNKNOWN", KEY_B: "BTN_LEFT" }, ignore: ["KEY_C"], input },
  });
  bench.tap("A", "B", "C", "D", "F1");
  bench.submit(motion(1, 2));
  assert.equal(bench.texts(), [
    ...["press KEY_B", "release KEY_B", "press BTN_LEFT", "release BTN_LEFT", "press KEY_D", "release KEY_D"],
    ...["press KEY_UNKNOWN", "release KEY_UNKNOWN", "relative-motion 1, 2"],
  ]);
});

test("merge keeps the order in which events come, and inputs that nobody asked for are dropped", () => {
  const bench = new Bench({ merge: [input, { remap: { ignore: ["KEY_A"], input } }, { input: "other" }] });
  bench.tap("A");
  bench.press("B");
  assert.equal(bench.texts(), ["press KEY_A", "release KEY_A", "press KEY_B", "press KEY_B"]);
  assert.equal(new Bench({ input: "other" }).texts(), []);
});

test("characters follow shift, AltGr, caps lock and control", () => {
  const bench = new Bench({ chargen: { layout: "de", input } });
  bench.tap("Y", "Z", "SEMICOLON", "MINUS", "ENTER", "KP7");
  assert.is(bench.typed(), "zyöß\n7");
  bench.press("RIGHTSHIFT");
  bench.tap("Y", "7", "MINUS");
  bench.release("RIGHTSHIFT");
  assert.is(bench.typed(), "Z/?");
  bench.press("RIGHTALT");
  bench.tap("Q", "E", "MINUS", "102ND", "A");
  bench.release("RIGHTALT");
  assert.is(bench.typed(), "@€\\|");
  bench.tap("CAPSLOCK", "A", "SEMICOLON", "7", "MINUS");
  assert.is(bench.typed(), "AÖ7ß");
  bench.press("LEFTSHIFT");
  bench.tap("A");
  bench.release("LEFTSHIFT");
  bench.tap("CAPSLOCK", "A");
  assert.is(bench.typed(), "aa");
  bench.press("LEFTCTRL");
  bench.tap("C", "A", "2");
  assert.is(bench.typed(), "\x03\x01");
});

test("one of two shift keys is enough, and lock keys outlive their filter", () => {
  const bench = new Bench({ chargen: { layout: "us", input } });
  bench.press("LEFTSHIFT", "RIGHTSHIFT");
  bench.release("LEFTSHIFT");
  bench.tap("A");
  bench.release("RIGHTSHIFT");
  bench.tap("A");
  assert.is(bench.typed(), "Aa");
  bench.tap("CAPSLOCK");
  assert.equal([...bench.locks], ["caps"]);
  bench.tap("CAPSLOCK");
  assert.equal([...bench.locks], []);
});

test("a ROM decides on caps lock where it is told to", () => {
  const modifiers = { shift: { keys: ["KEY_LEFTSHIFT"] }, caps: { rom: "caps" } };
  const bench = new Bench({ chargen: { layout: "us", modifiers, input } });
  bench.tap("A");
  bench.capsRom = true;
  bench.tap("A", "CAPSLOCK", "A");
  bench.capsRom = false;
  bench.tap("A");
  assert.is(bench.typed(), "aAAa");
});

test("buttons and releases have no characters, and keys without one are passed on", () => {
  const bench = new Bench({ chargen: { layout: "us", input } });
  bench.submit(button("press", "BTN_LEFT"), button("release", "BTN_LEFT"));
  bench.tap("F1");
  assert.equal(bench.texts(), ["press BTN_LEFT", "release BTN_LEFT", "press KEY_F1", "release KEY_F1"]);
});

test("own maps come before the layout, the last that fits first", () => {
  const maps = [
    { keys: { KEY_A: "ä" } },
    { modifiers: { shift: true }, keys: { KEY_A: "Ä" } },
    { modifiers: { layer: true, shift: false }, keys: { KEY_A: "α", KEY_F1: "𝛼" } },
  ];
  const modifiers = { shift: { keys: ["KEY_LEFTSHIFT"] }, layer: { keys: ["KEY_F12"], lock: true } };
  const bench = new Bench({ chargen: { layout: "us", modifiers, maps, input } });
  bench.tap("A", "B", "F12", "A", "F1");
  bench.press("LEFTSHIFT");
  bench.tap("A", "F1");
  assert.is(bench.typed(), "äbα𝛼Ä");
});

test("dead keys join letters; what they do not join comes alone", () => {
  const bench = new Bench({ chargen: { layout: "fr", input } });
  // The circumflex waits, and is no character of its key.
  bench.tap("LEFTBRACE");
  assert.equal(bench.texts(), ["press KEY_LEFTBRACE", "release KEY_LEFTBRACE"]);
  bench.tap("E");
  assert.is(bench.typed(), "ê");
  bench.tap("LEFTBRACE", "SPACE", "LEFTBRACE", "LEFTBRACE", "LEFTBRACE", "X", "E");
  assert.is(bench.typed(), "^^^xe");
  // A modifier in between does not end it.
  bench.press("LEFTSHIFT");
  bench.tap("LEFTBRACE", "E");
  assert.is(bench.typed(), "Ë");
  bench.release("LEFTSHIFT");
  bench.tap("LEFTBRACE", "ENTER");
  assert.equal(bench.texts().slice(1), [
    ...["release KEY_LEFTSHIFT", "press KEY_LEFTBRACE", "release KEY_LEFTBRACE"].slice(1),
    ...['press KEY_RESERVED "^"', "press KEY_ENTER U+000a", "release KEY_ENTER"],
  ]);
});

test("sequences of up to 4: the longest counts, one that ends early gives what it had", () => {
  const sequences = [
    { characters: "ab", becomes: "1" },
    { characters: "abcd", becomes: "2" },
    { characters: "xy", becomes: "3" },
  ];
  const bench = new Bench({ chargen: { layout: "us", sequences, input } });
  for (const [keys, typed] of [
    ["ABCD", "2"],
    ["ABE", "1e"],
    ["ABCE", "abce"],
    ["ABXY", "13"],
    ["AXY", "a3"],
    ["XX", "x"],
    ["Y", "3"],
    ["C", "c"],
  ] as const) {
    bench.tap(...keys);
    assert.is(bench.typed(), typed, keys);
  }
  const { problems } = parsed(configSchema, {
    output: { chargen: { sequences: [{ characters: "abcde", becomes: "x" }], input } },
  });
  assert.match(problems.map(problemText).join(), /Expected a text of 2 to 4 characters, not "abcde"/);
});

test("a held key repeats its character, until it or another one ends that", () => {
  const bench = new Bench({ chargen: { layout: "us", repeat: { delay: "200ms", period: "50ms" }, input } });
  bench.press("A");
  bench.pass(199);
  assert.is(bench.typed(), "a");
  bench.pass(1);
  assert.equal(bench.texts(), ['press KEY_RESERVED "a"']);
  bench.pass(150);
  assert.is(bench.typed(), "aaa");
  bench.press("B");
  bench.release("A");
  bench.pass(250);
  assert.is(bench.typed(), "bbb");
  // A modifier is no other character.
  bench.press("LEFTSHIFT");
  bench.pass(50);
  assert.is(bench.typed(), "b");
  bench.release("B", "LEFTSHIFT");
  bench.pass(1000);
  assert.is(bench.typed(), "");
  bench.press("C");
  bench.close();
  bench.pass(1000);
  assert.is(bench.typed(), "c");
});

test("a button that is held turns motion into a wheel, and without motion it is a click", () => {
  const bench = new Bench({
    buttonScroll: { vertical: {}, horizontal: { button: "BTN_RIGHT", speedPercent: -50 }, input },
  });
  bench.submit(motion(3, 4), button("press", "BTN_MIDDLE"), motion(7, 20), motion(7, 0), motion(0, -10));
  assert.equal(bench.texts(), ["relative-motion 3, 4", "wheel 0, -1", "wheel 0, 0.5"]);
  bench.submit(button("release", "BTN_MIDDLE"), motion(0, 1));
  assert.equal(bench.texts(), ["relative-motion 0, 1"]);
  bench.submit(button("press", "BTN_RIGHT"), motion(40, 9), button("release", "BTN_RIGHT"));
  assert.equal(bench.texts(), ["wheel -1, 0"]);
  bench.submit(button("press", "BTN_MIDDLE"), button("release", "BTN_MIDDLE"));
  assert.equal(bench.texts(), ["press BTN_MIDDLE", "release BTN_MIDDLE"]);
});

test("acceleration grows with the speed, keeps the direction, and has a bound", () => {
  const speedUp = (settings: object, x: number, y: number): readonly [number, number] => {
    const bench = new Bench({ accelerate: { ...settings, input } });
    bench.submit(motion(x, y));
    const [event] = bench.out;
    assert.is(event?.kind, "relative-motion");
    return "x" in (event as InputEvent) ? [(event as { x: number }).x, (event as { y: number }).y] : [0, 0];
  };
  const factors = [1, 8, 30, 60, 120, 255, 1000].map((steps) => speedUp({ max: 5 }, steps, 0)[0] / steps);
  assert.equal(
    factors,
    factors.toSorted((a, b) => a - b),
  );
  assert.ok((factors[0] as number) >= 1 && (factors[0] as number) < 1.05, `${factors}`);
  assert.is(factors.at(-1), 5);
  const [x, y] = speedUp({}, -30, 60);
  assert.ok(Math.abs(y / x + 2) < 1e-9 && x < -30, `${x}, ${y}`);
  assert.equal(speedUp({ max: 1 }, 200, 7), [200, 7]);
  // More sensitive: faster at the same speed. More of a curve: slower.
  assert.ok(speedUp({ sensitivityPercent: 300 }, 20, 0)[0] > speedUp({}, 20, 0)[0]);
  assert.ok(speedUp({ curve: 255 }, 20, 0)[0] < speedUp({ curve: 0 }, 20, 0)[0]);
});

test("the first finger is the pointer as well", () => {
  const bench = new Bench({ touchClick: { input } });
  bench.touch(4, 0.25, 0.5);
  bench.touch(5, 0.75, 0.5);
  bench.touch(4, 0.5, 0.5);
  bench.lift(4);
  bench.touch(5, 1, 1);
  bench.lift(5);
  assert.equal(bench.texts(), [
    ...["touch 4 at 0.25, 0.5", "absolute-motion 0.25, 0.5", "press BTN_LEFT", "touch 5 at 0.75, 0.5"],
    ...["touch 4 at 0.5, 0.5", "absolute-motion 0.5, 0.5", "touch-release 4", "release BTN_LEFT"],
    // Its turn is over: a finger that stayed does not become the pointer by moving.
    ...["touch 5 at 1, 1", "touch-release 5"],
  ]);
});

test("parts of the screen are keys, for fingers that begin there", () => {
  const taps = [
    { area: { x: 0.9, width: 0.1, height: 0.1 }, key: "KEY_HOME" },
    { area: { x: 0.5 }, key: "KEY_BACK" },
  ];
  const bench = new Bench({ touchKey: { taps, input } });
  bench.touch(1, 0.95, 0.05);
  bench.touch(1, 0.1, 0.1);
  bench.lift(1);
  bench.touch(2, 0.1, 0.1);
  bench.touch(2, 0.95, 0.05);
  bench.lift(2);
  bench.touch(3, 0.6, 0.9);
  bench.lift(3);
  assert.equal(
    bench.texts().filter((text) => !text.startsWith("touch")),
    ["press KEY_HOME", "release KEY_HOME", "press KEY_BACK", "release KEY_BACK"],
  );
});

const nested = [{ key: "KEY_LEFTMETA", hold: [{ key: "KEY_TAB" }, { key: "KEY_ENTER" }] }];
const nestedKeys = [
  ...["press KEY_LEFTMETA", "press KEY_TAB", "release KEY_TAB"],
  ...["press KEY_ENTER", "release KEY_ENTER", "release KEY_LEFTMETA"],
];

test("fingers that rest press keys, and are no touches any more", () => {
  const holds = [
    { delay: "500ms", actions: [{ key: "BTN_RIGHT" }] },
    { fingers: 2, delay: "1s", width: 0.2, height: 0.2, area: { width: 0.5 }, actions: nested },
  ];
  const bench = new Bench({ touchGesture: { holds, input } });
  bench.touch(1, 0.5, 0.5);
  bench.pass(499);
  assert.equal(bench.texts(), ["touch 1 at 0.5, 0.5"]);
  bench.pass(1);
  assert.equal(bench.texts(), ["touch-release 1", "press BTN_RIGHT", "release BTN_RIGHT"]);
  bench.touch(1, 0.9, 0.9);
  bench.lift(1);
  assert.equal(bench.texts(), []);
  // Too short; too far.
  bench.touch(1, 0.5, 0.5);
  bench.pass(400);
  bench.lift(1);
  bench.touch(1, 0.5, 0.5);
  bench.touch(1, 0.6, 0.5);
  bench.pass(600);
  bench.lift(1);
  assert.ok(!bench.texts().some((text) => text.startsWith("press")));
  // Two, of which the second came later: its time counts.
  bench.touch(1, 0.1, 0.1);
  bench.pass(400);
  bench.touch(2, 0.4, 0.1);
  bench.pass(999);
  assert.equal(bench.texts(), ["touch 1 at 0.1, 0.1", "touch 2 at 0.4, 0.1"]);
  bench.pass(1);
  assert.equal(bench.texts(), ["touch-release 1", "touch-release 2", ...nestedKeys]);
  bench.lift(1);
  bench.touch(2, 0.5, 0.1);
  bench.lift(2);
  bench.touch(2, 0.5, 0.1);
  assert.equal(bench.texts(), ["touch 2 at 0.5, 0.1"]);
});

test("swipes have a direction, a distance and a time", () => {
  const swipes = [
    { direction: "left", area: { x: 0.9, width: 0.1 }, actions: [{ key: "KEY_BACK" }] },
    { direction: "up", distance: 0.3, duration: "300ms", actions: nested },
    { fingers: 3, actions: [{ key: "KEY_SCALE" }] },
  ];
  const keys = (bench: Bench): string[] => bench.texts().filter((text) => /^press/.test(text));
  const bench = new Bench({ touchGesture: { swipes, input } });
  const swipe = (id: number, x: number, y: number, byX: number, byY: number, milliseconds: number): void => {
    bench.touch(id, x, y);
    bench.pass(milliseconds);
    bench.touch(id, x + byX, y + byY);
    bench.lift(id);
  };
  swipe(1, 0.95, 0.5, -0.2, 0.05, 100);
  assert.equal(keys(bench), ["press KEY_BACK"]);
  swipe(1, 0.5, 0.5, -0.2, 0, 100);
  swipe(1, 0.95, 0.5, 0, 0.2, 100);
  swipe(1, 0.5, 0.9, 0, -0.2, 100);
  swipe(1, 0.5, 0.9, 0, -0.4, 400);
  assert.equal(keys(bench), []);
  swipe(1, 0.5, 0.9, 0, -0.4, 200);
  assert.equal(keys(bench), ["press KEY_LEFTMETA", "press KEY_TAB", "press KEY_ENTER"]);
  for (const id of [1, 2, 3]) bench.touch(id, 0.1 * id, 0.1);
  for (const id of [1, 2]) bench.touch(id, 0.1 * id, 0.3);
  assert.equal(keys(bench), []);
  bench.touch(3, 0.5, 0.1);
  assert.equal(keys(bench), ["press KEY_SCALE"]);
});

test("positions are moved, scaled, turned and mirrored in turn; motion stays", () => {
  const moved = (...steps: object[]): string => {
    const bench = new Bench({ transform: { steps, input } });
    bench.submit({ kind: "absolute-motion", x: 0.25, y: 0.125 });
    const { x, y } = bench.out[0] as { x: number; y: number };
    return `${+x.toFixed(6)} ${+y.toFixed(6)}`;
  };
  assert.is(moved(), "0.25 0.125");
  assert.is(moved({ translate: { x: 0.5, y: 0.25 } }), "0.75 0.375");
  assert.is(moved({ scale: { x: 2 } }, { translate: { x: 0.25 } }), "0.75 0.125");
  assert.is(moved({ translate: { x: 0.25 } }, { scale: { x: 2 } }), "1 0.125");
  assert.is(moved({ flip: "horizontal" }), "0.75 0.125");
  assert.is(moved({ flip: "vertical" }), "0.25 0.875");
  assert.is(moved({ rotate: 90 }), moved({ reorient: 90 }));
  assert.is(moved({ rotate: -90 }), moved({ reorient: 270 }));
  assert.is(moved({ reorient: 180 }), moved({ flip: "horizontal" }, { flip: "vertical" }));
  assert.is(moved({ reorient: 90 }, { reorient: 270 }), "0.25 0.125");
  // What was at the top left is at the top right once it is turned clockwise.
  const bench = new Bench({ transform: { steps: [{ reorient: 90 }], input } });
  bench.touch(1, 0, 0);
  bench.submit(motion(3, 4));
  assert.equal(bench.texts(), ["touch 1 at 1, 0", "relative-motion 3, 4"]);
});

test("log prints, motion only when asked, and passes everything on", () => {
  const quiet = new Bench({ log: { prefix: "raw: ", input } });
  const all = new Bench({ log: { motion: true, input } });
  for (const bench of [quiet, all]) {
    bench.tap("A");
    bench.submit(motion(1, -2), { kind: "wheel", x: 0, y: 0.5 }, { kind: "axis", axis: "LX", value: -1 });
    assert.is(bench.out.length, 5);
  }
  assert.equal(quiet.printed, ["raw: press KEY_A", "raw: release KEY_A", "raw: wheel 0, 0.5"]);
  assert.equal(all.printed.slice(2), ["relative-motion 1, -2", "wheel 0, 0.5", "axis LX -1"]);
});

test("shortcuts are counted in a report", () => {
  const shortcuts = { shot: ["KEY_LEFTMETA", "KEY_S"], lock: ["KEY_PAUSE"] };
  const bench = new Bench({ report: { name: "keys", shortcuts, input } });
  bench.press("LEFTMETA");
  bench.tap("S", "S", "PAUSE");
  bench.release("LEFTMETA");
  bench.tap("S", "PAUSE");
  // The order counts: the last key is the one that is pressed last.
  bench.press("S", "LEFTMETA");
  assert.equal(bench.reports, [
    ["keys", { shortcuts: { shot: 1, lock: 0 } }],
    ["keys", { shortcuts: { shot: 2, lock: 0 } }],
    ["keys", { shortcuts: { shot: 2, lock: 1 } }],
  ]);
  assert.is(bench.out.length, 14);
});

test("wrong configurations say where and what", () => {
  const complaint = (output: unknown): string => parsed(configSchema, { output }).problems.map(problemText).join("\n");
  assert.match(complaint({ remap: { keys: { KEY_ENTR: "KEY_A" }, input } }), /"KEY_ENTR".*did you mean "KEY_ENTER"/);
  assert.match(complaint({ remap: { keys: { KEY_A: 7 }, input } }), /output\.remap\.keys\.KEY_A: Expected a key name/);
  assert.match(complaint({ chargen: { layout: "dee", input } }), /did you mean "de"/);
  assert.match(complaint({ chargn: { input } }), /"chargn"; did you mean "chargen"/);
  assert.match(complaint({ remap: {} }), /input: Missing/);
  assert.match(complaint({ remap: { input }, log: { input } }), /Expected one filter.*not "remap" and "log"/);
  assert.match(complaint({}), /Expected one filter.*not none/);
  assert.match(complaint(["in"]), /Expected an object, not/);
  let tree: object = input;
  for (let depth = 0; depth < 12; ++depth) tree = { log: { input: tree } };
  assert.is(complaint(tree), "");
  assert.match(complaint({ log: { input: tree } }), /nest at most 12 deep/);
});

test.run();
