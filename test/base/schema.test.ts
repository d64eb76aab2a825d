// smoke
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  checked,
  type Infer,
  jsonSchemaDocument,
  parsed,
  problemText,
  type Schema,
  s,
  schemaRows,
  schemaTable,
  undocumented,
} from "../../base/schema.js";

const test = suite("schema");

const device = s.object({
  rate: s.integer({ min: 1, max: 1000, default: 50, doc: "Frames per second." }),
  buffer: s.size({ default: "128K", doc: "Bytes of the shared buffer." }),
  within: s.duration({ default: "2s", doc: "Longest wait." }),
  node: s.string({ doc: "Device node.", maxBytes: 64 }).optional(),
  mode: s.enumeration(["raw", "cooked"], { doc: "Line discipline." }),
  flags: s.object({ loud: s.boolean({ default: false, doc: "Says more." }) }, { default: {}, doc: "Switches." }),
});
type Device = Infer<typeof device>;

/** Fails to compile when the inferred type is another one. */
const typed: Device = { rate: 1, buffer: 1, within: 1, mode: "raw", flags: { loud: true } };
// @ts-expect-error an optional field is absent, not undefined
const wrong: Device = { ...typed, node: undefined };

function problems(schema: Parameters<typeof parsed>[0], value: unknown): string[] {
  return parsed(schema, value).problems.map(problemText);
}

test("fills in defaults, converts units and leaves optional fields out", () => {
  const value = checked(device, { mode: "raw" }, "the device");
  assert.equal(value, { rate: 50, buffer: 131072, within: 2000, mode: "raw", flags: { loud: false } });
  assert.not(Object.hasOwn(value, "node"));
  assert.ok(wrong);
});

test("two documents share no default object", () => {
  const first = checked(device, { mode: "raw" }, "a");
  const second = checked(device, { mode: "raw" }, "b");
  assert.is.not(first.flags, second.flags);
});

test("a default that the schema itself refuses fails at once", () => {
  assert.throws(() => s.integer({ max: 8, default: 9 }), /The default 9 is no integer of at most 8/);
  assert.throws(() => s.object({ a: s.boolean() }).default({}), /Missing/);
});

test("collects every problem with its path", () => {
  assert.equal(problems(device, { rate: 0, buffr: 1, flags: { loud: "yes" }, within: "2 s" }), [
    'buffr: Unknown key "buffr"; did you mean "buffer"?',
    "rate: Expected an integer 1 to 1000, not 0",
    'within: "2 s" is not a duration: write milliseconds, or a number with us, ms, s, m, h or d such as "250ms"',
    'mode: Missing: "raw" | "cooked" is required',
    'flags.loud: Expected true or false, not "yes"',
  ]);
});

test("checked names the subject and carries the problems", () => {
  assert.throws(
    () => checked(device, { mode: "ra" }, 'the configuration of "uart"'),
    (error: { code: string; message: string; detail: { problems: unknown[] } }) =>
      error.code === "InvalidArgument" &&
      error.message === 'Cannot use the configuration of "uart": mode: Unknown value "ra"; did you mean "raw"?' &&
      error.detail.problems.length === 1,
  );
});

test("a union chooses by type, by required key and by literal", () => {
  const source = s.union([
    s.string(),
    s.object({ file: s.string(), write: s.boolean({ default: false }) }),
    s.object({ ram: s.size() }),
    s.object({ kind: s.literal("sine"), hertz: s.number() }),
    s.object({ kind: s.literal("noise"), seed: s.integer() }),
  ]);
  assert.equal(parsed(source, "x"), { value: "x", problems: [] });
  assert.equal(parsed(source, { file: "a" }).value, { file: "a", write: false });
  assert.equal(parsed(source, { ram: "1M" }).value, { ram: 2 ** 20 });
  assert.equal(parsed(source, { kind: "noise", seed: 7 }).value, { kind: "noise", seed: 7 });
  assert.equal(
    problems(source, { ram: "1X" }).length,
    1,
    "a wrong value in a recognised alternative is that alternative's problem",
  );
  assert.match(problems(source, { fil: "a" })[0] ?? "", /did you mean "file"/);
  assert.match(problems(source, 7)[0] ?? "", /Expected string or object/);
});

test("shapes that contain themselves parse and refer to themselves in JSON Schema", () => {
  interface Tree {
    readonly name: string;
    readonly inner: readonly Tree[];
  }
  const tree: Schema<Tree> = s.named<Tree>("tree", () =>
    s.object({ name: s.string(), inner: s.array<Tree>(tree, { default: [] }) }),
  );
  assert.equal(parsed(tree, { name: "a", inner: [{ name: "b" }] }).value, {
    name: "a",
    inner: [{ name: "b", inner: [] }],
  });
  assert.equal(problems(tree, { name: "a", inner: [{ nam: "b" }] }).length, 2);
  const document = tree.jsonSchema();
  assert.is(document["$ref"], "#/$defs/tree");
  assert.ok((document["$defs"] as Record<string, unknown>)["tree"]);
});

test("hostile keys change no prototype", () => {
  const value = JSON.parse('{"__proto__": {"polluted": true}}') as unknown;
  assert.equal(problems(s.record(s.anything()), value), ['__proto__: The key "__proto__" is not permitted']);
  assert.equal(problems(s.object({}), value).length, 1);
  assert.equal(problems(s.object({ size: s.size() }), JSON.parse('{"constructor": 1, "size": 1}')).length, 1);
});

test("nesting is bounded, whatever the document holds", () => {
  let value: unknown = 1;
  for (let depth = 0; depth < 200; depth++) value = [value];
  assert.match(problems(s.anything(), value)[0] ?? "", /at most 64 levels/);
});

test("any JSON value either parses or yields a problem, and never throws", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const result = parsed(device, value);
      if (result.problems.length === 0) assert.equal(parsed(device, value).value, result.value);
      assert.equal(parsed(s.anything(), value), { value, problems: [] });
    }),
  );
});

test("the table has one line for each option, with the default as written", () => {
  const table = schemaTable(s.object({ device: s.record(device, { doc: "Devices.", keyName: "NAME" }) }));
  assert.match(table, '| `device.NAME.buffer` | size | `"128K"` | Bytes of the shared buffer. |');
  assert.match(table, '| `device.NAME.mode` | "raw" \\| "cooked" | required | Line discipline. |');
  assert.match(table, "| `device.NAME.flags.loud` | boolean | `false` | Says more. |");
  assert.equal(schemaRows(device).length, 7);
  assert.equal(undocumented(s.object({ a: s.boolean(), b: s.boolean({ doc: "B." }) })), ["a"]);
});

test("the JSON Schema demands what the parser demands", () => {
  const document = jsonSchemaDocument(device, { title: "Device" });
  assert.is(document["$schema"], "https://json-schema.org/draft/2020-12/schema");
  assert.equal(document["required"], ["mode"]);
  assert.is(document["additionalProperties"], false);
  assert.equal((document["properties"] as Record<string, unknown>)["rate"], {
    type: "integer",
    minimum: 1,
    maximum: 1000,
    description: "Frames per second.",
    default: 50,
  });
});

test.run();
