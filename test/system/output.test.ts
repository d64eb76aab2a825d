// smoke
/** What components write to their standard output and error: lines of the log. */
import * as assert from "uvu/assert";
import { suite } from "../support/suite.js";
import { TestSystem } from "../support/system.js";

const test = suite("standard output");

test("every way to write leads to the log, in order", async (context) => {
  const system = context.use(TestSystem.start({ start: { speaker: { binary: "speaker" } } }));
  const lines = (): string[] =>
    system.root.console.history.filter(({ label }) => label === "speaker").map(({ text }) => text);
  await system.until("it said all", () => lines().includes("that is all"));
  assert.equal(
    lines().filter((line) => !/^[┌├└]/.test(line)),
    [
      "by console: 1 { two: 2 }",
      "by console, as an error",
      "│ (index) │ column       │",
      "│ 0       │ 'in a table' │",
      "loaded for that: nothing",
      "by the stream",
      "by the stream of errors",
      "by a pipe",
      "with a callback",
      "that is all",
    ],
  );
});

test.run();
