/** The example "sketch": what is drawn on the sheet is seen on the screen. */
import { readFileSync } from "node:fs";
import { parse } from "jsonc-parser";
import { suite } from "../support/suite.js";
import { type SystemDocument, TestSystem } from "../support/system.js";

const test = suite("sketch example");

test("a click leaves a dot on the sheet", { timeout: 30_000 }, async (context) => {
  const system = parse(readFileSync("examples/sketch.jsonc", "utf8")) as SystemDocument & {
    readonly start: Record<string, { config?: object }>;
  };
  // This machine's port may be somebody else's, and the pointer would be seen too.
  delete system.start["web-console"];
  // Larger than the sheet, whose edge is seen once it is there.
  const screen = { width: 700, height: 400 };
  system.start["gui"] = { ...system.start["gui"], config: { screen, pointer: false } };
  const regions = {
    sheet: { x: 330, y: 180, width: 40, height: 40 },
    rest: { x: 0, y: 0, width: 300, height: 180 },
    edge: { x: 630, y: 100, width: 20, height: 20 },
  };
  const user = { binary: "test/desktop-user", ram: "16M" };
  const config = { screen, regions };
  const document = (own: object): SystemDocument => ({
    ...system,
    start: { ...system.start, user: { ...user, config: own } },
  });
  const running = context.use(TestSystem.start(document(config)));
  await running.untilLogged("user", "sheet 1, rest 1, edge 2");
  await running.apply(document({ ...config, click: { x: 0.5, y: 0.5 } }));
  // White, the pen's blue, and what lies between them at the edge of the dot.
  await running.untilLogged("user", /sheet ([3-9]|\d\d), rest 1, edge 2$/);
});

test.run();
