// smoke
import * as assert from "uvu/assert";
import { Root } from "../../root/root.js";
import { suite } from "../support/suite.js";

const test = suite("calc example");

test("CalcCounter runs between two processes; a division by zero answers its error", async (context) => {
  const printed: string[] = [];
  const root = new Root({
    file: "examples/calc.jsonc",
    isolation: "full",
    parked: 0,
    write: (text) => printed.push(text),
    exit: () => {},
    environment: {},
  });
  context.defer(() => root[Symbol.asyncDispose]());
  const client = () => root.init.children.get("client");
  while (client()?.phase !== "exited") await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(client()?.end, { value: 0 });
  const line = root.console.history.find(({ label }) => label === "client");
  assert.equal(JSON.parse(line?.text ?? "null"), [5, 42, "DivisionByZero", 1, 2]);
});

test.run();
