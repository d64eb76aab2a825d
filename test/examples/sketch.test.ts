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
  const screen = { width: 640, height: 400 };
  system.start["gui"] = { ...system.start["gui"], config: { screen, pointer: false } };
  const regions = { sheet: { x: 300, y: 180, width: 40, height: 40 }, rest: { x: 0, y: 0, width: 300, height: 180 } };
  const user = { binary: "test/desktop-user", ram: "16M" };
  const config = { screen, regions };
  const document = (own: object): SystemDocument => ({
    ...system,
    start: { ...system.start, user: { ...user, config: own } },
  });
  const running = context.use(TestSystem.start(document(config)));
  await running.untilLogged("user", "sheet 1, rest 1");
  await running.untilChild("sketch", "shows its sheet", ({ requested }) =>
    Boolean(requested?.some(({ service, state }) => service === "Gui" && state === "OPEN")),
  );
  await running.apply(document({ ...config, click: { x: 0.5, y: 0.5 } }));
  // White, the pen's blue, and what lies between them at the edge of the dot.
  await running.untilLogged("user", /sheet ([3-9]|\d\d), rest 1$/);
});

test.run();
