// timeout: 180s
/** A desktop in sandboxes: keys and pointer by a scripted device, through the event filter, to a window of the manager. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { borderWidth, titleHeight } from "../../servers/wm/frame.js";
import type { LayoutDocument } from "../../servers/wm/layout-document.js";
import { type DecodedPicture, decodedPng } from "../support/png.js";
import { eventually, RunningSystem } from "../support/running-system.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("wm: in a system");

const [width, height] = [400, 300];
const services = { ROM: { policies: [{ label: "screenshot", to: "screenshot" }] } };
const at = (x: number, y: number): object => ({ point: { x: (x + 0.5) / width, y: (y + 0.5) / height } });

/** The whole system, with what its devices do. */
const desk = (script: readonly object[], other: readonly object[] = []): string =>
  JSON.stringify({
    parentProvides: ["ROM", "LOG"],
    defaultRoute: { ROM: "parent", LOG: "parent" },
    services,
    start: {
      hub: {
        binary: "report-rom",
        provides: ["ROM", "Report"],
        config: {
          policies: [
            { label: "gui -> focus", report: "wm -> focus" },
            { label: "wm -> layout", report: "wm -> layout" },
            { label: "reader -> state", report: "wm -> layout" },
          ],
        },
      },
      gui: {
        provides: ["Gui", "Capture", "Event"],
        config: {
          screen: { width, height },
          focus: "rom",
          capture: { policies: [{ label: "screenshot", observer: true }] },
        },
        route: { "ROM focus": "hub", "*": "default" },
      },
      "event-filter": {
        provides: ["Event"],
        config: {
          policies: [
            { label: "device", input: "device" },
            { label: "other", input: "device" },
          ],
          output: { chargen: { layout: "de", input: { input: "device" } } },
        },
        route: { Event: "gui", "*": "default" },
      },
      device: {
        binary: "drivers/input",
        config: { source: "script", script },
        route: { Event: "event-filter", "*": "default" },
      },
      other: {
        binary: "drivers/input",
        config: { source: "script", script: other },
        route: { Event: "event-filter", "*": "default" },
      },
      wm: {
        provides: ["Gui"],
        ram: "64M",
        config: { reports: ["layout", "focus"], restore: true },
        route: { Gui: "gui", Report: "hub", "ROM layout": "hub", "*": "default" },
      },
      painter: { binary: "test/painter", route: { Gui: "wm", "*": "default" } },
      reader: { binary: "test/reader", route: { "ROM state": "hub", "*": "default" } },
      screenshot: { provides: ["ROM"], ram: "48M", route: { Capture: "gui", "*": "default" } },
    },
  });

async function picture(running: RunningSystem, context: Context): Promise<DecodedPicture> {
  const file = join(tmpdir(), "desk.png");
  context.defer(() => rmSync(file, { force: true }));
  const { code, errors } = await running.run("screenshot", file);
  assert.is(code, 0, errors);
  return decodedPng(readFileSync(file), context);
}

/** Where the painter's window is, by what the reader of the report printed last. */
async function place(running: RunningSystem): Promise<{ readonly x: number; readonly y: number } | undefined> {
  const lines = (await running.run("logs", "reader")).output.split("\n");
  const last = lines.findLast((line) => line.includes('{"windows":')) ?? "";
  const text = last.slice(last.indexOf("{"));
  if (text === "") return undefined;
  return (JSON.parse(text) as LayoutDocument).windows[0]?.normal;
}

/** Waits until the painter's picture is at this place. */
async function painted(running: RunningSystem, context: Context, corner: { x: number; y: number }): Promise<void> {
  const [x, y] = [corner.x + borderWidth, corner.y + titleHeight];
  await eventually(
    `the picture is at ${x}, ${y}`,
    async () => {
      const seen = await picture(running, context);
      return (
        [
          [0, 0],
          [159, 59],
          [17, 5],
        ].every(([column = 0, row = 0]) => seen.at(x + column, y + row) === ((column << 16) | (row << 8) | 0x80)) ||
        undefined
      );
    },
    30_000,
  );
}

test("a window is dragged by its title, and is there again when its manager was killed", {
  timeout: 120_000,
}, async (context) => {
  const running = context.use(await RunningSystem.start(desk([])));
  const from = await eventually("the layout is reported", () => place(running), 20_000);
  await painted(running, context, from);
  const to = { x: from.x + 70, y: from.y + 45 };
  writeFileSync(
    running.file,
    desk([
      at(from.x + 15, from.y + 12),
      { press: "BTN_LEFT" },
      at(from.x + 40, from.y + 40),
      at(from.x + 15 + 70, from.y + 12 + 45),
      { release: "BTN_LEFT" },
    ]),
  );
  await eventually(
    "it is somewhere else",
    async () => {
      const now = await place(running);
      return (now?.x === to.x && now.y === to.y) || undefined;
    },
    20_000,
  );
  await painted(running, context, to);
  assert.is((await running.run("kill", "wm")).code, 0);
  await eventually(
    "it runs again",
    async () => (await running.status()).state.children["wm"]?.restarts === 1 || undefined,
    20_000,
  );
  await painted(running, context, to);
  assert.is((await running.run("kill", "gui")).code, 0);
  await painted(running, context, to);
  const { state } = await running.status();
  assert.is(state.children["painter"]?.restarts, undefined);
});

test("a window stays where it was when the device that dragged it dies", { timeout: 120_000 }, async (context) => {
  const running = context.use(await RunningSystem.start(desk([])));
  const from = await eventually("the layout is reported", () => place(running), 20_000);
  await painted(running, context, from);
  const drag = [at(from.x + 15, from.y + 12), { press: "BTN_LEFT" }, at(from.x + 15 + 50, from.y + 12 + 30)];
  writeFileSync(running.file, desk(drag));
  const half = { x: from.x + 50, y: from.y + 30 };
  await painted(running, context, half);
  assert.is((await running.run("kill", "device")).code, 0);
  // It comes back, and would drag again: nothing is left for it to do.
  writeFileSync(running.file, desk([]));
  await eventually(
    "it died",
    async () => ((await running.status()).state.children["device"]?.restarts ?? 0) > 0 || undefined,
    20_000,
  );
  writeFileSync(running.file, desk([], [at(5, 5), at(9, 9)]));
  await painted(running, context, half);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await painted(running, context, half);
});

test.run();
