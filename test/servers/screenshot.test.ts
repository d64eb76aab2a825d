// timeout: 120s
/** Pictures of the screen: from a GUI server in this process, and by the command from a whole system. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { screenshot } from "../../servers/screenshot/screenshot.js";
import { desktop, window } from "../support/desktop.js";
import { decodedPng } from "../support/png.js";
import { eventually, RunningSystem } from "../support/running-system.js";
import { suite } from "../support/suite.js";

const test = suite("screenshot");

const observers = { policies: [{ label: "screenshot", observer: true }] };

test("a picture is the whole screen as it is", async (context) => {
  const screen = await desktop(context, {
    screen: { width: 100, height: 60 },
    background: "#102030",
    capture: observers,
  });
  await window(screen, "application", { x: 20, y: 10, width: 30, height: 20 }, 0xc08040);
  const env = screen.env("screenshot");
  const picture = decodedPng(await screenshot(env), context);
  assert.equal([picture.width, picture.height], [100, 60]);
  for (const [x, y, colour] of [
    [0, 0, 0x102030],
    [19, 10, 0x102030],
    [20, 10, 0xc08040],
    [49, 29, 0xc08040],
    [50, 29, 0x102030],
    [99, 59, 0x102030],
  ] as const)
    assert.is(picture.at(x, y), colour, `at ${x}, ${y}`);
  await window(screen, "other", { x: 0, y: 0, width: 5, height: 5 }, 0x00ff00);
  assert.is(decodedPng(await screenshot(env), context).at(4, 4), 0x00ff00);
});

const start = {
  gui: {
    provides: ["Gui", "Capture", "Event"],
    config: { screen: { width: 200, height: 100 }, capture: observers },
  },
  painter: { binary: "test/painter" },
  screenshot: { provides: ["ROM"], ram: "48M" },
};
const offered = { ROM: { policies: [{ label: "screenshot", to: "screenshot" }] } };
const system = (services: object): string =>
  JSON.stringify({
    parentProvides: ["ROM", "LOG"],
    defaultRoute: { ROM: "parent", LOG: "parent", "*": "gui" },
    services,
    start,
  });

test("the command writes what the screen shows, as often as it is asked", { timeout: 60_000 }, async (context) => {
  const running = context.use(await RunningSystem.start(system(offered)));
  await eventually("the window is there", async () => {
    const { output } = await running.run("logs", "painter");
    return output.includes("painted") || undefined;
  });
  const file = join(tmpdir(), "screen.png");
  context.defer(() => rmSync(file, { force: true }));
  for (let count = 0; count < 3; ++count) {
    const facts = await running.json<{ width: number; height: number; bytes: number }>("screenshot", file);
    const bytes = readFileSync(file);
    assert.equal([facts.width, facts.height, facts.bytes], [200, 100, bytes.length]);
    const picture = decodedPng(bytes, context);
    for (const [x, y] of [
      [0, 0],
      [39, 0],
      [17, 23],
      [159, 59],
    ] as const)
      assert.is(picture.at(10 + x, 5 + y), (x << 16) | (y << 8) | 0x80, `at ${x}, ${y}`);
    assert.is(picture.at(9, 5), 0x20242c);
  }
  // The memory of the pictures is back.
  const { state } = await running.status();
  assert.equal(
    (await running.json<{ sessions: { client: string; service: string }[] }>("sessions", "gui")).sessions.filter(
      ({ service }) => service === "Capture",
    ),
    [],
  );
  assert.is(state.children["screenshot"]?.restarts, undefined);
  const unwritable = await running.run("screenshot", join(tmpdir(), "no", "such", "folder.png"));
  assert.is(unwritable.code, 5);
  assert.match(unwritable.errors, /Cannot write ".*folder\.png"/);
});

test("a system that offers no pictures says so", { timeout: 60_000 }, async (context) => {
  const running = context.use(await RunningSystem.start(system({})));
  const file = join(tmpdir(), "none.png");
  const refused = await running.run("screenshot", file);
  assert.is(refused.code, 1);
  assert.match(refused.errors, /offers no ROM session for "screenshot".*"services"/);
  assert.not(existsSync(file));
});

test.run();
