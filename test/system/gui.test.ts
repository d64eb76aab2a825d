// timeout: 90s
import { readdirSync, readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { suite } from "../support/suite.js";
import { TestSystem } from "../support/system.js";

const test = suite("GUI in sandboxes");

const gui = { ram: "16M", provides: ["Gui", "Capture", "Event"], route: { "*": "parent" }, config: { pointer: false } };
const window = (config: object, ram = "8M"): object => ({
  binary: "test/gui-window",
  ram,
  route: { Gui: "gui", "*": "parent" },
  config,
});
const watcher = (config: object): object => ({
  binary: "test/gui-watcher",
  ram: "8M",
  route: { Capture: "gui", Event: "gui", "*": "parent" },
  config,
});
const red = { rect: { x: 0, y: 0, width: 50, height: 100 }, color: 0xff0000 };
const blue = { rect: { x: 50, y: 0, width: 50, height: 100 }, color: 0x0000ff };
const points = [
  { x: 10, y: 10 },
  { x: 60, y: 10 },
];

test("the picture is whole again, and keys do not stick, when the server is killed and when a client is", {
  timeout: 60_000,
}, async (context) => {
  const system = context.use(
    TestSystem.start({
      start: { gui, red: window(red), blue: window(blue), watcher: watcher({ points, click: { x: 10, y: 10 } }) },
    }),
  );
  await system.untilLogged("watcher", /^ff0000 ff /);
  await system.untilLogged("red", "press 272");
  const whole = (): boolean => system.lines("watcher").at(-1)?.startsWith("ff0000 ff ") === true;
  const { id } = system.child("gui");
  process.kill(system.pid("gui"), "SIGKILL");
  await system.untilLogged("red", "release 272");
  await system.untilChild("gui", "runs again", (child) => child.id !== id && child.state === "alive");
  // Its display had an empty buffer meanwhile.
  await system.untilLogged("watcher", /^20242c 20242c/);
  await system.until("the picture is whole", whole);
  const before = system.lines("watcher").length;
  process.kill(system.pid("blue"), "SIGKILL");
  await system.until(
    "the window comes again",
    () => system.lines("blue").filter((line) => line === "shown").length === 2,
  );
  await system.until("the picture is whole", whole);
  process.kill(system.pid("watcher"), "SIGKILL");
  await system.until("another display shows it", () => system.lines("watcher").length > before && whole());
});

test("a client pays for its buffers, gets what it can pay, and no more", { timeout: 60_000 }, async (context) => {
  const system = context.use(
    TestSystem.start({
      start: { gui, red: window({ ...red, grow: true }), blue: window(blue), watcher: watcher({ points }) },
    }),
  );
  await system.untilLogged("red", "grown to 512");
  await system.untilLogged("red", "refused: OutOfRam");
  await system.untilLogged("red", "small again");
  await system.until("the picture is whole", () => system.lines("watcher").at(-1)?.startsWith("ff0000 ff ") === true);
  const { children } = system.state();
  assert.is(children["gui"]?.restarts ?? 0, 0);
  assert.is(children["blue"]?.restarts ?? 0, 0);
});

/** How often the threads of a process have gone to sleep. */
function sleeps(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8");
    return sum + Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]);
  }, 0);
}

test("a screen on which nothing changes wakes nobody", { timeout: 60_000 }, async (context) => {
  const system = context.use(TestSystem.start({ start: { gui, red: window(red), watcher: watcher({ points }) } }));
  await system.untilLogged("watcher", /^ff0000 20242c /);
  const names = ["gui", "red", "watcher"];
  // Whatever still ends of the start; then none of them has anything to do.
  let quiet = false;
  for (let attempt = 0; attempt < 10 && !quiet; attempt += 1) {
    const before = names.map((name) => sleeps(system.pid(name)));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    quiet = names.every((name, place) => sleeps(system.pid(name)) - (before[place] as number) <= 2);
  }
  assert.ok(quiet, "none of them woke up for a second");
});

test("a manager sees by reports who was clicked, and gives the focus by a ROM", {
  timeout: 60_000,
}, async (context) => {
  const managed = {
    ...gui,
    route: { Report: "report-rom", "ROM focus": "report-rom", "*": "parent" },
    config: { pointer: false, focus: "rom", reports: ["clicked", "focus", "panorama"] },
  };
  const hub = {
    ram: "8M",
    provides: ["Report", "ROM"],
    route: { "*": "parent" },
    config: {
      policies: [
        { label: "gui -> focus", report: "manager -> focus" },
        { label: "reader -> state", report: "gui -> focus" },
      ],
    },
  };
  const manager = {
    binary: "test/publisher",
    route: { Report: "report-rom", "*": "parent" },
    config: { label: "focus", text: JSON.stringify({ label: "blue -> window" }) },
  };
  const reader = { route: { "ROM state": "report-rom", "*": "parent" } };
  const system = context.use(
    TestSystem.start({
      start: {
        "report-rom": hub,
        manager,
        gui: managed,
        blue: window(blue),
        watcher: watcher({ points, click: { x: 60, y: 10 } }),
        reader,
      },
    }),
  );
  await system.untilLogged("blue", "press 272");
  await system.untilLogged("reader", /"label":"blue -> window"/);
});

test.run();
