/** The event filter between real sessions: sources in front, somebody who takes the events behind. */
import * as assert from "uvu/assert";
import { checked } from "../../base/schema.js";
import { service } from "../../base/server.js";
import { Document } from "../../lib/document.js";
import { keyCode } from "../../lib/input/key-codes.js";
import { Occurrence } from "../../lib/occurrence.js";
import { configSchema } from "../../servers/event-filter/config.js";
import { eventText } from "../../servers/event-filter/filters/event-log.js";
import { EventFilterService } from "../../servers/event-filter/service.js";
import { Event, EventInterface, EventSession, type InputEvent } from "../../sessions/event/index.js";
import { romService } from "../../sessions/rom/index.js";
import { code } from "../support/error-code.js";
import { LocalParent } from "../support/local-parent.js";
import { ReportReader } from "../support/report-reader.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("event filter");

const policies = [
  { label: "keyboard", input: "keys" },
  { label: "second keyboard", input: "keys" },
  { label: "mouse", input: "mouse" },
];
const press = (name: string): InputEvent => ({ kind: "press", key: keyCode(name) });
const release = (name: string): InputEvent => ({ kind: "release", key: keyCode(name) });
const tap = (name: string): InputEvent[] => [press(name), release(name)];

/** A filter with this configuration, and who takes its events. ROMs are documents of the test. */
async function system(context: Context, config: object, roms: Readonly<Record<string, string>> = {}) {
  const documents = new Map(
    Object.entries(roms).map(([name, text]) => [name, new Document(new TextEncoder().encode(text))]),
  );
  const reports = new ReportReader<unknown>();
  const batches: string[][] = [];
  const came = new Occurrence();
  let hold: Promise<void> | undefined;
  const parent = context.use(
    new LocalParent([
      romService((name) => {
        const document = documents.get(name);
        if (document === undefined) throw new Error(`No module "${name}"`);
        return document;
      }),
      reports.service,
    ]),
  );
  const gui = parent.env("gui");
  // Two services of one name: the filter's session leads to this one, which is announced first.
  await gui.announce(EventInterface, (request) =>
    EventSession.open(request, {
      submit(events) {
        batches.push(events.map(eventText));
        came.happened();
        return hold;
      },
    }),
  );
  const env = parent.env("filter");
  const parse = (document: object) => checked(configSchema, { policies, ...document }, "the configuration");
  const filter = context.use(await EventFilterService.start(env, parse(config)));
  await env.announce(EventInterface, (request) => filter.open(request));
  /** Waits until the last event that came is this one, or matches; gives all that came since the last call. */
  const until = async (last: string | RegExp): Promise<string[]> => {
    for (;;) {
      const seen = came.count;
      const newest = batches.at(-1)?.at(-1) ?? "";
      if (typeof last === "string" ? newest === last : last.test(newest)) return batches.splice(0).flat();
      await came.after(seen, AbortSignal.timeout(5000));
      assert.ok(came.count > seen, `"${last}" did not come: ${JSON.stringify(batches)}`);
    }
  };
  return {
    parent,
    batches,
    reports,
    until,
    source: async (label: string) => context.use(await parent.env(label).connect(Event)),
    configure: (document: object) => filter.configure(parse(document)),
    replace: (rom: string, text: string) => documents.get(rom)?.replace(new TextEncoder().encode(text)),
    /** The next batch is answered when the function that this gives is called. */
    stall() {
      let go = (): void => {};
      hold = new Promise((resolve) => (go = resolve));
      return () => {
        hold = undefined;
        go();
      };
    },
  };
}

const keys = { input: "keys" };
const remapped = (from: string, to: string) => ({ output: { remap: { keys: { [from]: to }, input: keys } } });

test("policies lead sources to inputs, and who has none is denied", async (context) => {
  const { source, until, parent } = await system(context, {
    output: { merge: [{ remap: { keys: { KEY_A: "KEY_B" }, input: keys } }, { input: "mouse" }] },
  });
  await (await source("keyboard")).submit(tap("KEY_A"));
  assert.equal(await until("release KEY_B"), ["press KEY_B", "release KEY_B"]);
  await (await source("mouse")).submit([{ kind: "relative-motion", x: 3, y: -4 }, ...tap("KEY_A")]);
  assert.equal(await until("release KEY_A"), ["relative-motion 3, -4", "press KEY_A", "release KEY_A"]);
  assert.is(await code(parent.env("stranger").connect(Event)), "Denied");
});

test("what a source submits as one comes as one", async (context) => {
  const { source, batches } = await system(context, { output: { chargen: { layout: "us", input: keys } } });
  await (await source("keyboard")).submit([...tap("KEY_H"), ...tap("KEY_I")]);
  assert.equal(batches, [['press KEY_H "h"', "release KEY_H", 'press KEY_I "i"', "release KEY_I"]]);
});

test("a key that two keyboards hold is down until both let go", async (context) => {
  const { source, until } = await system(context, { output: keys });
  const [first, second] = [await source("keyboard"), await source("second keyboard")];
  await first.submit([press("KEY_A")]);
  await second.submit([press("KEY_A"), press("KEY_B")]);
  await first.submit([release("KEY_A")]);
  await second.submit([release("KEY_A")]);
  assert.equal(await until("release KEY_A"), ["press KEY_A", "press KEY_B", "release KEY_A"]);
});

test("what a source held when it died is released through the filters", async (context) => {
  const { source, until, batches } = await system(context, remapped("KEY_A", "KEY_Z"));
  const keyboard = await source("keyboard");
  await keyboard.submit([press("KEY_A")]);
  await until("press KEY_Z");
  await keyboard.close();
  assert.equal(await until("release KEY_Z"), ["release KEY_Z"]);
  assert.equal(batches, []);
});

test("a new configuration waits until no key is held", async (context) => {
  const { source, until, configure } = await system(context, remapped("KEY_A", "KEY_X"));
  const [first, second] = [await source("keyboard"), await source("second keyboard")];
  await first.submit([press("KEY_A")]);
  await second.submit([press("KEY_B")]);
  await configure(remapped("KEY_A", "KEY_Y"));
  await first.submit([release("KEY_A"), ...tap("KEY_A")]);
  // The second keyboard still holds its key.
  assert.equal(await until("release KEY_X"), [
    ...["press KEY_X", "press KEY_B", "release KEY_X", "press KEY_X", "release KEY_X"],
  ]);
  await second.submit([release("KEY_B"), ...tap("KEY_A")]);
  assert.equal(await until("release KEY_Y"), ["release KEY_B", "press KEY_Y", "release KEY_Y"]);
});

test("a forced one releases what is held, and its late release does nothing", async (context) => {
  const { source, until, configure } = await system(context, remapped("KEY_A", "KEY_X"));
  const keyboard = await source("keyboard");
  await keyboard.submit([press("KEY_A"), { kind: "touch", id: 3, x: 0, y: 0 }]);
  await until("touch 3 at 0, 0");
  await configure({ ...remapped("KEY_A", "KEY_Y"), force: true });
  assert.equal(await until("touch-release 3"), ["release KEY_X", "touch-release 3"]);
  await keyboard.submit([release("KEY_A"), ...tap("KEY_A")]);
  assert.equal(await until("release KEY_Y"), ["press KEY_Y", "release KEY_Y"]);
});

test("caps lock stays on when the configuration changes, and repeating ends", async (context) => {
  const chargen = { layout: "us", repeat: { delay: 1, period: 1 }, input: keys };
  const { source, until, configure, batches } = await system(context, { output: { chargen } });
  const keyboard = await source("keyboard");
  await keyboard.submit([...tap("KEY_CAPSLOCK"), press("KEY_A")]);
  await until('press KEY_RESERVED "A"');
  await configure({ output: { chargen: { layout: "de", input: keys } }, force: true });
  batches.splice(0);
  await keyboard.submit([release("KEY_A"), ...tap("KEY_Z")]);
  const last = (await until("release KEY_Z")).slice(-2);
  assert.equal(last, ['press KEY_Z "Y"', "release KEY_Z"]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(batches, []);
});

test("ROMs add to filters, ROMs that these include too, and new versions count", async (context) => {
  const { source, until, replace } = await system(
    context,
    { output: { remap: { include: ["mine"], keys: { KEY_C: "KEY_3" }, input: keys } } },
    {
      mine: '{ "keys": { "KEY_A": "KEY_1", "KEY_C": "KEY_9" }, "include": ["theirs"] }',
      theirs: '{ "keys": { "KEY_B": "KEY_2", "KEY_A": "KEY_8" }, "ignore": ["KEY_D"] }',
    },
  );
  const keyboard = await source("keyboard");
  await keyboard.submit([..."ABCD"].flatMap((name) => tap(`KEY_${name}`)));
  const pressed = (texts: string[]): string[] => texts.filter((text) => text.startsWith("press"));
  assert.equal(pressed(await until("release KEY_3")), ["press KEY_1", "press KEY_2", "press KEY_3"]);
  replace("theirs", '{ "keys": { "KEY_B": "KEY_7" } }');
  for (;;) {
    await keyboard.submit(tap("KEY_B"));
    if ((await until(/^release KEY_[27]$/)).includes("press KEY_7")) break;
  }
  await keyboard.submit(tap("KEY_D"));
  await until("release KEY_D");
});

test("an include that is missing, wrong, or its own is said and left out; the rest works", async (context) => {
  const said: string[] = [];
  const original = console.error;
  context.defer(() => {
    console.error = original;
  });
  console.error = (line: string) => said.push(line);
  const deep = Object.fromEntries(
    Array.from({ length: 20 }, (_, depth) => [`deep ${depth}`, `{ "include": ["deep ${depth + 1}"] }`]),
  );
  const wide = Array.from({ length: 30 }, (_, index) => `wide ${index}`);
  const { source, until } = await system(
    context,
    {
      output: {
        remap: {
          include: ["absent", "text", "typo", "empty", "self", "deep 0", "wide 0"],
          keys: { KEY_A: "KEY_1" },
          input: keys,
        },
      },
    },
    {
      text: "no JSON",
      typo: '{ "kees": {} }',
      empty: "",
      self: '{ "include": ["self"] }',
      ...deep,
      ...Object.fromEntries(wide.map((name) => [name, JSON.stringify({ include: wide })])),
    },
  );
  await (await source("keyboard")).submit(tap("KEY_A"));
  await until("release KEY_1");
  const all = said.join("\n");
  for (const pattern of [
    /"absent" in "remap": there is no such ROM/,
    /"text" in "remap": it is no JSON: Expected/,
    /"typo" in "remap": kees: Unknown key "kees"; did you mean "keys"/,
    /"empty" in "remap": it is empty/,
    /"self" in "remap": it includes itself \(self -> self\)/,
    /"deep 12" in "remap": ROMs include each other at most 12 deep/,
    /a configuration includes at most 256 documents/,
  ])
    assert.match(all, pattern);
});

test("a modifier follows its ROM while a key is held", async (context) => {
  const modifiers = { caps: { rom: "capslock" } };
  const { source, until, replace } = await system(
    context,
    { output: { chargen: { layout: "us", modifiers, input: keys } } },
    { capslock: '{ "enabled": false }' },
  );
  const keyboard = await source("keyboard");
  await keyboard.submit([press("KEY_B"), ...tap("KEY_A")]);
  assert.equal((await until("release KEY_A")).slice(1, 2), ['press KEY_A "a"']);
  replace("capslock", '{ "enabled": true }');
  for (let text = ""; text !== 'press KEY_A "A"'; ) {
    await keyboard.submit(tap("KEY_A"));
    text = (await until("release KEY_A"))[0] as string;
  }
});

test("shortcuts reach whoever reads the report", async (context) => {
  const { source, reports } = await system(context, {
    output: { report: { shortcuts: { shot: ["KEY_SYSRQ"] }, input: keys } },
  });
  const keyboard = await source("keyboard");
  for (let count = 1; count <= 3; ++count) {
    await keyboard.submit(tap("KEY_SYSRQ"));
    while ((reports.newest as { shortcuts: { shot: number } } | undefined)?.shortcuts.shot !== count)
      await new Promise((resolve) => setTimeout(resolve, 2));
  }
});

test("sources wait while nobody takes the events, and none are lost", async (context) => {
  const { source, stall, until, batches } = await system(context, {
    output: { chargen: { layout: "us", repeat: { delay: 1, period: 1 }, input: keys } },
  });
  const keyboard = await source("keyboard");
  const go = stall();
  const first = keyboard.submit([press("KEY_A")]);
  let answered = 0;
  const all = [first];
  for (let round = 0; round < 50; ++round) all.push(keyboard.submit([...tap("KEY_B"), ...tap("KEY_C")]));
  for (const submission of all) void submission.then(() => ++answered);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.is(answered, 0);
  assert.is(batches.length, 1);
  go();
  await Promise.all(all);
  await keyboard.submit([release("KEY_A")]);
  const texts = await until("release KEY_A");
  assert.is(texts.filter((text) => text === 'press KEY_C "c"').length, 50);
  assert.is(texts.filter((text) => text === "release KEY_B").length, 50);
});

test("sources that go wild end neither the filter nor others", async (context) => {
  const { source, until } = await system(context, {
    output: {
      touchClick: { input: { chargen: { layout: "us", repeat: {}, input: { merge: [keys, { input: "mouse" }] } } } },
    },
  });
  const wild = await source("mouse");
  const events: InputEvent[] = [];
  for (let number = 0; number < 20_000; ++number) {
    const key = (number * 7919) % 800;
    events.push({ kind: number % 3 === 0 ? "release" : "press", key });
    events.push(
      { kind: "touch", id: number * 2 ** 16, x: number - 5, y: 1e38 },
      { kind: "axis", axis: "RT", value: -3e38 },
    );
    if (number % 5 === 0) events.push({ kind: "touch-release", id: number }, { kind: "sequence", number });
  }
  await wild.submit(events);
  await wild.close();
  const keyboard = await source("keyboard");
  await keyboard.submit([...tap("KEY_LEFTMETA"), ...tap("KEY_Q")]);
  const seen = await until("release KEY_Q");
  // Nothing that the wild one pressed is still down.
  const down = new Set<string>();
  for (const text of seen) {
    const [kind, name] = text.split(" ") as [string, string];
    if (kind === "press" && name !== "KEY_RESERVED") down.add(name);
    if (kind === "release") down.delete(name);
  }
  assert.equal([...down], []);
});

test.run();
