/** Applications in their sandboxes, on the GUI server in its own, seen and used by a component that is screen and keyboard. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { encodePng } from "../../lib/png.js";
import { suite } from "../support/suite.js";
import { type SystemDocument, TestSystem } from "../support/system.js";

const test = suite("desktop");
const limits = { timeout: 60_000 };

const parentProvides = ["ROM", "LOG", "Platform", "System"];

function toGui(more: object = {}): object {
  return { Gui: "gui", Capture: "gui", Event: "gui", ...more, "*": "parent" };
}

/** Waits until the user sees at least so many colours there. */
async function untilColorful(system: TestSystem, region: string, least: number): Promise<void> {
  const seen = new RegExp(`${region} (\\d+)`);
  await system.until(`"${region}" has ${least} colours`, () => {
    const newest = system.lines("user").at(-1);
    return Number(newest?.match(seen)?.[1] ?? 0) >= least;
  });
}

test(
  "a shell in a terminal window: what is typed is done, also after the terminal was killed",
  limits,
  async (context) => {
    const screen = { width: 760, height: 460 };
    // Below the greeting and the first prompt.
    const regions = { top: { x: 0, y: 0, width: 760, height: 60 }, below: { x: 0, y: 100, width: 700, height: 300 } };
    const document = (type: string): SystemDocument => ({
      parentProvides,
      start: {
        gui: { ram: "32M", provides: ["Gui", "Capture", "Event"], config: { screen, pointer: false } },
        terminal: { ram: "16M", provides: ["Terminal"], route: toGui() },
        monitor: { ram: "8M", route: { Terminal: "terminal", "*": "parent" } },
        user: {
          binary: "test/desktop-user",
          ram: "16M",
          config: { screen, regions, click: { x: 0.5, y: 0.5 }, type },
          route: toGui(),
        },
      },
    });
    const system = context.use(TestSystem.start(document("")));
    await untilColorful(system, "top", 10);
    assert.match(system.lines("user").at(-1) ?? "", /below 1$/);
    await system.apply(document("help\n"));
    await untilColorful(system, "below", 10);
    const first = system.id("terminal");
    system.init.kill("terminal");
    await system.untilChild("terminal", "runs again", ({ id, state }) => id !== first && state === "alive");
    await system.until("a new window shows the prompt, and no more", () =>
      /^top \d\d+, below 1$/.test(system.lines("user").at(-1) ?? ""),
    );
    await system.apply(document("help\n\n"));
    await untilColorful(system, "below", 10);
  },
);

test("every application draws in its sandbox", limits, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "pictures-"));
  context.defer(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "picture.png");
  const pixels = Uint8Array.from({ length: 64 * 64 * 4 }, (_, index) => (index * 7) & 255);
  writeFileSync(file, encodePng({ width: 64, height: 64, pixels }));
  const screen = { width: 800, height: 600 };
  const places = {
    "status-bar": { x: 0, y: 0, width: 800, height: 30 },
    "component-viewer": { x: 0, y: 30, width: 400, height: 285 },
    "image-viewer": { x: 400, y: 30, width: 400, height: 285 },
    "touch-tester": { x: 0, y: 315, width: 400, height: 285 },
    terminal: { x: 400, y: 315, width: 400, height: 285 },
  };
  const names = Object.keys(places);
  const application = { ram: "16M", route: toGui({ Timer: "timer" }) };
  const system = context.use(
    TestSystem.start({
      parentProvides,
      start: {
        timer: { provides: ["Timer"] },
        gui: {
          ram: "32M",
          provides: ["Gui", "Capture", "Event"],
          config: {
            screen,
            domains: places,
            policies: names.map((name) => ({ labelPrefix: name, domain: name })),
          },
        },
        "status-bar": { ...application, config: { load: true, timeZone: "Europe/Berlin" } },
        "component-viewer": { ...application, config: { width: 400, height: 285 } },
        "image-viewer": {
          ...application,
          grants: { image: { file } },
          config: { source: "grant", width: 400, height: 285 },
        },
        "touch-tester": { ...application, config: { full: true } },
        terminal: { ...application, provides: ["Terminal"] },
        monitor: { ram: "8M", route: { Terminal: "terminal", "*": "parent" } },
        user: {
          binary: "test/desktop-user",
          ram: "16M",
          config: { screen, regions: places, click: { x: 0.2, y: 0.8 }, type: "abc" },
          route: toGui(),
        },
      },
    }),
  );
  for (const name of names) await untilColorful(system, name, 12);
  const { children } = system.state();
  for (const name of names) assert.is(children[name]?.restarts, undefined, `${name} never failed`);
});

test("a window that outgrows its component's quota stays as it is", limits, async (context) => {
  const screen = { width: 1200, height: 900 };
  const small = { x: 0, y: 0, width: 500, height: 200 };
  const inside = { x: 0, y: 0, width: 240, height: 200 };
  const outside = { x: 600, y: 300, width: 300, height: 300 };
  const document = (size: object): SystemDocument => ({
    parentProvides,
    start: {
      gui: {
        ram: "32M",
        provides: ["Gui", "Capture", "Event"],
        config: { screen, pointer: false, domains: { all: size }, defaultPolicy: { domain: "all" } },
      },
      "touch-tester": { ram: "4M", config: { full: true }, route: toGui() },
      user: {
        binary: "test/desktop-user",
        ram: "16M",
        config: { screen, regions: { inside, outside }, click: { x: 0.01, y: 0.01 } },
        route: toGui(),
      },
    },
  });
  const system = context.use(TestSystem.start(document(small)));
  await untilColorful(system, "inside", 10);
  const first = system.id("touch-tester");
  await system.apply(document(screen));
  await system.untilLogged("touch-tester", /^Cannot make the window 1200 x 900 pixels large: .*more "ram"$/);
  await system.apply(document({ ...small, width: 700, height: 400 }));
  // The corner of the window that it has now, in the place where there was nothing.
  await system.until("it takes a size that it can", () => /outside [2-9]/.test(system.lines("user").at(-1) ?? ""));
  assert.is(system.id("touch-tester"), first);
});

test.run();
