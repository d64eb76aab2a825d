/** A configuration that changes while its component runs, through a real ROM session; and JSON's places. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { JsonError, jsonPlace, parseJson } from "../../base/json-text.js";
import { s } from "../../base/schema.js";
import { ConfigFile } from "../../lib/config.js";
import { Document } from "../../lib/document.js";
import { romService } from "../../sessions/rom/rom-server.js";
import { LocalParent } from "../support/local-parent.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("config");

const schema = s.object({
  rate: s.integer({ min: 1, default: 10 }),
  name: s.string({ default: "a" }),
  device: s.string({ default: "x" }),
});

/** What is said on the console meanwhile. */
function listen(context: Context): string[] {
  const said: string[] = [];
  const { log, error } = console;
  console.log = console.error = (text: string) => void said.push(text);
  context.defer(() => {
    console.log = log;
    console.error = error;
  });
  return said;
}

async function system(context: Context, text: string) {
  const document = new Document(Buffer.from(text));
  const parent = context.use(new LocalParent([romService(() => document)]));
  const config = context.use(await ConfigFile.open(parent.env("app"), schema));
  return { config, write: (next: string) => document.replace(Buffer.from(next)) };
}

async function until(what: string, condition: () => boolean): Promise<void> {
  for (const end = performance.now() + 3000; !condition(); ) {
    assert.ok(performance.now() < end, `in vain until ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("each valid change is applied once, in order, also one that came before anybody followed", async (context) => {
  const { config, write } = await system(context, '{ "rate": 1 }');
  assert.equal(config.current, { rate: 1, name: "a", device: "x" });
  const applied: [number, number][] = [];
  write('{ "rate": 2 }');
  config.follow((next, previous) => void applied.push([previous.rate, next.rate]));
  await until("the first change", () => applied.length === 1);
  write('{ "rate": 2, "name": "a" }'); // another text, the same configuration
  write('{ "rate": 3 }');
  await until("the next change", () => config.current.rate === 3);
  write("");
  await until("the defaults", () => config.current.rate === 10);
  assert.equal(applied, [
    [1, 2],
    [2, 3],
    [3, 10],
  ]);
});

test("a wrong change is refused with line and column, and what was in force stays", async (context) => {
  const { config, write } = await system(context, '{ "rate": 1 }');
  const said = listen(context);
  const applied: number[] = [];
  config.follow(({ rate }) => {
    if (rate === 13) throw new Error("no luck with that");
    applied.push(rate);
  });
  for (const [text, complaint] of [
    ['{\n  "rate": 2,,\n}', 'config:2:13: Expected a key in double quotes, not ","'],
    ['{\n  "rate": 0,\n  "nmae": "b"\n}', 'config:3:3: Unknown key "nmae"; did you mean "name"?'],
    ['{\n  "rate": 0 }', "config:2:11: rate: "],
    ['{ "rate": 13 }', "no luck with that"],
  ] as const) {
    write(text);
    await until(`"${complaint}" is said`, () => said.some((line) => line.includes(complaint)));
    assert.is(config.current.rate, 1);
  }
  write('{ "rate": 5 }');
  await until("it goes on", () => config.current.rate === 5);
  assert.equal(applied, [5]);
  assert.ok(said.every((line) => line.startsWith("The configuration stays as it was: ")));
});

test("a first configuration that is wrong is thrown with all that is wrong", async (context) => {
  const error = await system(context, '{ "rate": "fast",\n"x": 1 }').then(
    () => undefined,
    (reason: Error & { code: string }) => reason,
  );
  assert.is(error?.code, "InvalidArgument");
  assert.match(error?.message ?? "", /config:1:11: rate: /);
  assert.match(error?.message ?? "", /config:2:1: .*"x"/);
});

test("what waits for the next start is said once for each change of it", async (context) => {
  const { config, write } = await system(context, "{}");
  const said = listen(context);
  config.follow(() => {}, ["device"]);
  write('{ "rate": 2 }');
  await until("it is applied", () => config.current.rate === 2);
  write('{ "rate": 2, "device": "y" }');
  await until("something is said", () => said.length > 0);
  write('{ "rate": 3, "device": "y" }');
  await until("it is applied", () => config.current.rate === 3);
  assert.is(said.length, 1);
  assert.match(said[0] ?? "", /^"device" of the configuration: in force from the next start of "app" on/);
});

test("property: every JSON text reads as JSON.parse reads it, and every place is that of its value", () => {
  const wrong = [
    "",
    "{",
    "[1,]",
    '{"a"}',
    '{"a":1,}',
    "01",
    "1.",
    "tru",
    '"\\x"',
    '"\n"',
    "1 2",
    "[1}",
    "'a'",
    "\u00a01",
  ];
  for (const text of wrong)
    assert.throws(
      () => parseJson(text),
      (error: Error) => error instanceof JsonError,
      text,
    );
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom(undefined, 1, "\t"), (compact, indent) => {
      const value = JSON.parse(compact) as unknown;
      const text = JSON.stringify(value, undefined, indent);
      assert.equal(parseJson(text), value);
      const lines = text.split("\n");
      const visit = (part: unknown, path: (string | number)[]): void => {
        const { line, column } = jsonPlace(text, path);
        const rest = [(lines[line - 1] as string).slice(column - 1), ...lines.slice(line)].join("\n");
        const start = JSON.stringify(part)[0] as string;
        assert.ok(rest.startsWith(start), `${JSON.stringify(path)} of ${text}`);
        if (typeof part === "object" && part !== null)
          for (const [key, inner] of Object.entries(part))
            visit(inner, [...path, Array.isArray(part) ? Number(key) : key]);
      };
      visit(value, []);
    }),
    { numRuns: 200 },
  );
});

test("property: no text breaks the reading; what is refused has a place within it", () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 2 }), (text, at, piece) => {
      const cut = at % (text.length + 1);
      const broken = text.slice(0, cut) + piece + text.slice(cut + 1);
      try {
        parseJson(broken);
      } catch (error) {
        assert.instance(error, JsonError);
        const { line, column } = (error as JsonError).place;
        const lines = broken.split("\n");
        assert.ok(line >= 1 && line <= lines.length);
        assert.ok(column >= 1 && column <= (lines[line - 1] as string).length + 1);
      }
    }),
    { numRuns: 500 },
  );
});

test.run();
