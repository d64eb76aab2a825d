/** What a child may say of its own components. */
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { asciiJson } from "../../base/ascii-json.js";
import { namePattern } from "../../base/label.js";
import { InnerState, mostStateCharacters } from "../../servers/init/inner-state.js";
import { suite } from "../support/suite.js";

const test = suite("state of a nested init");

const screen = { binary: "display", state: "crash-loop", failure: "Kein Schirm: \u{1f5a5}\u0000" } as const;

function listening() {
  const said: string[] = [];
  return { said, state: new InnerState((problem) => said.push(problem)) };
}

/** In pieces of some length; what the last of them brought. */
function tell(state: InnerState, text: string, length = 900): boolean {
  let whole = false;
  for (let at = 0; at === 0 || at < text.length; at += length)
    whole = state.received(text.slice(at, at + length), at + length < text.length);
  return whole;
}

const name = fc.stringMatching(new RegExp(namePattern));

test("property: text in pieces of any length is what it was", () => {
  const children = fc.dictionary(name, fc.record({ failure: fc.string({ unit: "binary" }) }));
  fc.assert(
    fc.property(children, fc.integer({ min: 1, max: 50 }), (added, length) => {
      const document = Object.fromEntries(
        Object.entries({ screen: {}, ...added }).map(([name, more]) => [name, { ...screen, ...more }]),
      );
      const { said, state } = listening();
      const text = asciiJson(document);
      assert.match(text, /^[\u0020-\u007e]*$/);
      // The key that would change an object's prototype is refused, like every wrong one.
      fc.pre(!Object.hasOwn(document, "__proto__"));
      assert.ok(tell(state, text, length), said.join());
      assert.equal(state.children, document);
    }),
  );
});

test("one that is wrong leaves the last one, and is told once", () => {
  for (const wrong of [
    "",
    "{",
    "[]",
    '{"a":1}',
    '{"a":{"binary":"x","state":"flying"}}',
    '{"a":{"binary":"x","state":"alive","owner":"me"}}',
    '{"\\u001b[2J":{"binary":"x","state":"alive"}}',
    '{"a -> b":{"binary":"x","state":"alive"}}',
    '{"__proto__":{"binary":"x","state":"alive"}}',
    `${'{"a":{"binary":"x","state":"alive","children":'.repeat(50)}{}${"}}".repeat(50)}`,
    `"${'\\"'.repeat(100_000)}`,
    `{"a":{"binary":"x","state":"alive","requested":[{"service":"S","label":"","state":"OPEN","ram":0,"caps":0,"args":${"[".repeat(50)}${"]".repeat(50)}}]}}`,
    `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
    `{"a":{"binary":"${"x".repeat(mostStateCharacters)}","state":"alive"}}`,
  ]) {
    const { said, state } = listening();
    assert.is(tell(state, JSON.stringify({ screen })), true);
    assert.is(tell(state, wrong), false, wrong.slice(0, 80));
    assert.is(tell(state, wrong), false);
    assert.equal(state.children, { screen });
    assert.is(said.length, 1, `${wrong.slice(0, 80)}: ${said.join()}`);
    assert.match(said[0] as string, /that is not a state report: ./);
    assert.is(tell(state, "{}"), true, "the next one counts again");
    assert.equal(state.children, {});
  }
});

test("one without end is forgotten at the limit", () => {
  const { state } = listening();
  const before = process.memoryUsage().heapUsed;
  for (let count = 0; count < 100_000; ++count) state.received("x".repeat(900) + count, true);
  assert.ok(process.memoryUsage().heapUsed - before < 50e6);
  assert.is(state.received("", false), false);
  assert.is(tell(state, JSON.stringify({ screen })), true);
});

test.run();
