/** What consoles keep, and how it is searched. */
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { ExpectationError, History, visible } from "../../hil/history.js";
import { suite } from "../support/suite.js";

const test = suite("history");
const encoder = new TextEncoder();

async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, ExpectationError);
    return (error as Error).message;
  }
  throw new Error("nothing failed");
}

test("a text is found however it was cut into pieces, and whenever it came", async () => {
  const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 5 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.string({ minLength: 1, maxLength: 8 }), pieces, fc.nat(7), async (before, text, after, cut) => {
      const history = new History("line");
      const wanted = encoder.encode(`<${text}>`);
      const early = history.expect(`<${text}>`, { within: 1000 });
      const ends = encoder.encode("\n");
      for (const piece of [...before, ends, wanted.subarray(0, cut), wanted.subarray(cut), ...after]) history.add(piece);
      const { end } = await early;
      const late = await history.expect(`<${text}>`, { since: 0, within: 0 });
      assert.is(late.end, end);
      assert.is(history.text.slice(late.at, late.end), `<${text}>`);
      assert.is(late.before, history.text.slice(0, late.at));
    }),
  );
});

test("each match begins where the last one ended, or at a mark", async () => {
  const history = new History("line");
  history.add(encoder.encode("one 1 two 2 three 3"));
  assert.equal((await history.expect(/(\w+) (\d)/)).groups, ["one 1", "one", "1"]);
  assert.is((await history.expect(/\w+ (\d)/)).groups[1], "2");
  assert.is((await history.expect(/\w+ (\d)/, { since: 0 })).groups[1], "1");
  const mark = history.mark();
  assert.match(await failure(history.expect(/\d/, { within: 10 })), "Nothing came. Before that:");
  history.add(encoder.encode(" 4"));
  assert.is((await history.expect(/\d/, { since: mark })).text, "4");
  assert.is((await history.expect(/3/, { since: 0 })).before.length, "one 1 two 2 three ".length, "an earlier mark is not lost");
});

test("a failure shows the last lines, with what no terminal shows", async () => {
  const history = new History("uart");
  history.add(encoder.encode(`${Array.from({ length: 40 }, (_, number) => `line ${number}\r\n`).join("")}\u001b[31mred\u0000`));
  const message = await failure(history.expect("login:", { within: "20ms" }));
  assert.match(message, 'Expected "login:" on uart: it did not come within 20ms');
  assert.match(message, "  line 39\\r\\n");
  assert.match(message, "\\e[31mred\\0");
  assert.match(message, "(21 lines before)");
  assert.not.match(message, "line 20\\r");
  assert.is(visible("a\u0007\tb"), "a\\x07\\tb");
});

test("what must not come ends the wait at once", async () => {
  const history = new History("uart");
  const start = performance.now();
  const waiting = failure(history.expect("login:", { within: "10s", unless: /panic/ }));
  history.add(encoder.encode("Kernel panic - not syncing"));
  assert.match(await waiting, "/panic/ came before login:");
  assert.ok(performance.now() - start < 5000);
  history.add(encoder.encode("fine\n"));
  await history.expectNot("never", { within: 20 });
  assert.match(await failure(history.expectNot("fine", { since: 0 })), "came, and should not");
});

test("a line that ended says why", async () => {
  const history = new History("uart");
  const waiting = failure(history.expect("more", { within: "10s" }));
  history.end("it was unplugged");
  assert.match(await waiting, "the line ended: it was unplugged");
});

test.run();
