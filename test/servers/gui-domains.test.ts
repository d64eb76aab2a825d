import * as assert from "uvu/assert";
import { Occurrence } from "../../lib/occurrence.js";
import type { InputEvent } from "../../sessions/event/index.js";
import { Gui } from "../../sessions/gui/index.js";
import { desktop, shown, TestDisplay, waiting, window } from "../support/desktop.js";
import { code } from "../support/error-code.js";
import { suite } from "../support/suite.js";

const test = suite("gui domains");
const left = 0x110;
const screen = { width: 200, height: 100 };
const everywhere = { x: 0, y: 0, ...screen };
const click = (x: number, y: number): readonly InputEvent[] => [
  { kind: "absolute-motion", x: (x + 0.5) / screen.width, y: (y + 0.5) / screen.height },
  { kind: "press", key: left },
  { kind: "release", key: left },
];

function policies(...labels: readonly string[]): readonly object[] {
  return labels.map((label) => ({ label, domain: label }));
}

/** The pixels of a rectangle, to be compared. */
function part(display: TestDisplay, x: number, y: number, width: number, height: number): readonly number[] {
  return Array.from({ length: width * height }, (_, at) => display.at(x + (at % width), y + Math.floor(at / width)));
}

test("layers, corners and sizes: nobody leaves his domain, or his layer", async (context) => {
  const system = await desktop(context, {
    pointer: false,
    domains: {
      bar: { layer: 1, origin: "bottom-right", width: 50, height: 10 },
      windows: { layer: 2, y: 20, height: -20 },
      backdrop: { layer: 3 },
    },
    policies: policies("bar", "windows", "backdrop"),
  });
  const display = await system.display(screen);
  const bar = await window(system, "bar", { x: -1000, y: -1000, width: 2000, height: 2000 }, 0);
  const { pixels } = await bar.makeBuffer({ width: 2000, height: 1000 });
  pixels.fill(0xff0000);
  await shown(bar);
  const windows = await window(system, "windows", everywhere, 0x00ff00);
  const backdrop = await window(system, "backdrop", everywhere, 0x0000ff);
  const view = await backdrop.view({ rect: everywhere });
  view.front();
  await backdrop.execute();
  await display.refresh();
  assert.equal(
    [
      display.at(0, 19),
      display.at(0, 20),
      display.at(149, 95),
      display.at(150, 89),
      display.at(150, 90),
      display.at(199, 99),
    ],
    [0x0000ff, 0x00ff00, 0x00ff00, 0x00ff00, 0xff0000, 0xff0000],
  );
  assert.equal((await bar.panorama()).rect, { x: -50, y: -10, width: 50, height: 10 });
  assert.equal((await windows.panorama()).rect, { x: 0, y: 0, width: 200, height: 80 });
});

test("a client without a policy is denied, with the reason", async (context) => {
  const system = await desktop(context, { domains: { one: {} }, policies: [{ label: "known", domain: "one" }] });
  assert.is(await code(system.env("stranger").connect(Gui)), "Denied");
  await system.client("known");
});

test("the strip says who has the focus, and no client draws there or gets input there", async (context) => {
  const system = await desktop(context, {
    pointer: false,
    strip: 16,
    domains: { d: { color: "#aa3300" } },
    defaultPolicy: { domain: "d" },
  });
  const display = await system.display(screen);
  await display.refresh();
  const nobody = part(display, 0, 0, 200, 16);
  assert.ok(
    nobody.every((pixel) => pixel === 0),
    "nobody has the focus",
  );
  const gui = await system.client("attacker");
  const { pixels } = await gui.makeBuffer({ width: 200, height: 300 });
  pixels.fill(0xffffff);
  const view = await gui.view({ rect: { x: 0, y: -100, width: 200, height: 300 }, title: "trusted" });
  const child = await gui.view({ rect: { x: 0, y: 0, width: 200, height: 300 }, parent: view });
  child.front();
  await gui.execute();
  await shown(gui);
  await display.refresh();
  assert.equal(part(display, 0, 0, 200, 16), nobody, "the strip is as it was");
  assert.is(display.at(0, 16), 0xffffff);
  const source = await system.source();
  await source.submit(click(100, 8));
  assert.equal(await waiting(gui), [], "what is clicked on the strip is nobody's");
  await source.submit(click(100, 50));
  await display.refresh();
  const focused = part(display, 0, 0, 200, 16);
  assert.is(focused[0], 0xaa3300, "in the colour of the domain");
  assert.ok(
    focused.some((pixel) => pixel !== 0xaa3300),
    "with a text on it",
  );
  await view.title("another");
  await display.refresh();
  assert.not.equal(part(display, 0, 0, 200, 16), focused);
  await gui.close();
  await gui.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await display.refresh();
  assert.equal(part(display, 0, 0, 200, 16), nobody);
});

test("a label lies on each view, in front of the children that would hide it", async (context) => {
  const system = await desktop(context, {
    pointer: false,
    domains: { d: { label: true, color: "#aa3300" } },
    defaultPolicy: { domain: "d" },
  });
  const display = await system.display(screen);
  const gui = await window(system, "me", { x: 20, y: 10, width: 100, height: 60 }, 0xffffff);
  await display.refresh();
  const label = part(display, 20, 10, 20, 17);
  assert.is(label[0], 0xaa3300);
  assert.ok(label.includes(0xffffff), "with a text on it");
  assert.is(display.at(20, 27), 0xffffff);
  const view = await gui.view({ rect: { x: 20, y: 10, width: 100, height: 60 } });
  await gui.view({ rect: { x: 0, y: 0, width: 100, height: 60 }, parent: view });
  await display.refresh();
  assert.equal(part(display, 20, 10, 20, 17), label);
  // Characters that turn the direction of writing, or are not seen, do not make it say something else.
  await view.title("\u202egnihtemos\u200b");
  const turned = part(await display.refresh(), 20, 10, 100, 17);
  await view.title("\ufffdgnihtemos\ufffd");
  assert.equal(part(await display.refresh(), 20, 10, 100, 17), turned);
});

test("who has not the focus is tinted, in the colour of its domain", async (context) => {
  const system = await desktop(context, {
    pointer: false,
    domains: { one: { content: "tinted", color: "#ff0000" }, two: { content: "tinted", color: "#0000ff" } },
    policies: policies("one", "two"),
  });
  const display = await system.display(screen);
  await window(system, "one", { x: 0, y: 0, width: 100, height: 100 }, 0x808080);
  await window(system, "two", { x: 100, y: 0, width: 100, height: 100 }, 0x808080);
  const source = await system.source();
  await display.refresh();
  const mixed = (color: number, gray: number): number => Math.round((color * 110 + gray * 145) / 255);
  const red = (mixed(255, 128) << 16) | (mixed(0, 128) << 8) | mixed(0, 128);
  const blue = (mixed(0, 128) << 16) | (mixed(0, 128) << 8) | mixed(255, 128);
  assert.equal([display.at(10, 10), display.at(110, 10)], [red, blue]);
  await source.submit(click(10, 10));
  await display.refresh();
  assert.equal([display.at(10, 10), display.at(110, 10)], [0x808080, blue]);
  await source.submit(click(110, 10));
  await display.refresh();
  assert.equal([display.at(10, 10), display.at(110, 10)], [red, 0x808080]);
});

test("focus: none takes no clicks, transient takes them and leaves the focus", async (context) => {
  const system = await desktop(context, {
    domains: { window: {}, menu: { focus: "transient" }, picture: { focus: "none", hover: "focused" } },
    policies: policies("window", "menu", "picture"),
  });
  await system.display(screen);
  const main = await window(system, "window", { x: 0, y: 0, width: 50, height: 100 }, 1);
  const menu = await window(system, "menu", { x: 50, y: 0, width: 50, height: 100 }, 2);
  const picture = await window(system, "picture", { x: 100, y: 0, width: 50, height: 100 }, 3);
  const source = await system.source();
  const key: readonly InputEvent[] = [
    { kind: "press", key: 30 },
    { kind: "release", key: 30 },
  ];
  await source.submit([...click(10, 10), ...click(60, 10), ...click(110, 10), ...key]);
  const kinds = async (gui: typeof main): Promise<string[]> => (await waiting(gui)).map(({ kind }) => kind);
  assert.equal((await kinds(main)).slice(-2), ["press", "release"]);
  assert.equal(await kinds(menu), ["absolute-motion", "press", "release", "hover-leave"]);
  assert.equal(
    (await kinds(picture)).filter((kind) => kind !== "hover-leave"),
    [],
  );
});

test("a pointer of the server's follows motion, hides from fingers, and gives way to a client's", async (context) => {
  const system = await desktop(context, {
    domains: { windows: {}, pointer: { origin: "pointer" } },
    policies: policies("windows", "pointer"),
    background: "#808080",
  });
  const display = await system.display(screen);
  const source = await system.source();
  const move = (x: number, y: number): InputEvent => ({
    kind: "absolute-motion",
    x: (x + 0.5) / 200,
    y: (y + 0.5) / 100,
  });
  const count = async (): Promise<number> =>
    (await display.refresh()).pixels.filter((pixel) => pixel !== 0x808080).length;
  assert.is(await count(), 0);
  // Who gives up what he never had does not make it seen.
  const other = await system.client("windows");
  await other.input.exclusive(false);
  await other.close();
  assert.is(await count(), 0);
  await source.submit([move(20, 20)]);
  const drawn = await count();
  assert.ok(drawn > 50);
  assert.is(display.at(20, 20), 0);
  await source.submit([move(120, 40)]);
  assert.is(await count(), drawn);
  assert.is(display.at(20, 20), 0x808080);
  await source.submit([
    { kind: "touch", id: 1, x: 0.5, y: 0.5 },
    { kind: "touch-release", id: 1 },
  ]);
  assert.is(await count(), 0);
  await source.submit([move(30, 30)]);
  assert.is(await count(), drawn);
  await window(system, "pointer", { x: -1, y: -1, width: 3, height: 3 }, 0xff00ff);
  assert.is(await count(), 9);
  await source.submit([move(50, 60)]);
  assert.is(await count(), 9);
  assert.equal([display.at(49, 59), display.at(51, 61)], [0xff00ff, 0xff00ff]);
  const behind = await window(system, "windows", everywhere, 0x808080);
  await source.submit(click(50, 60));
  assert.ok(
    (await waiting(behind)).some(({ kind }) => kind === "press"),
    "what follows the pointer takes no clicks",
  );
});

test("displays beside each other show their parts of one screen; an observer changes nothing", async (context) => {
  const system = await desktop(context, {
    pointer: false,
    capture: {
      policies: [
        { label: "right", x: 60, name: "second" },
        { label: "looker", observer: true },
      ],
    },
  });
  const looker = await system.display({ width: 30, height: 30 }, "looker");
  assert.equal(await looker.capture.screenSize(), { width: 1024, height: 768 });
  const gui = await window(system, "a", { x: 50, y: 0, width: 20, height: 20 }, 0x123456);
  const resized = new Occurrence();
  gui.onPanoramaChange(() => resized.happened());
  const one = await system.display({ width: 60, height: 40 }, "left");
  const two = await system.display({ width: 50, height: 50 }, "right");
  await resized.after(0, AbortSignal.timeout(3000));
  assert.equal(await gui.panorama(), {
    rect: { x: 0, y: 0, width: 110, height: 50 },
    displays: [
      { name: "left", rect: { x: 0, y: 0, width: 60, height: 40 }, millimeters: { width: 0, height: 0 } },
      { name: "second", rect: { x: 60, y: 0, width: 50, height: 50 }, millimeters: { width: 0, height: 0 } },
    ],
  });
  await one.refresh();
  await two.refresh();
  assert.equal([one.at(49, 0), one.at(50, 0), one.at(59, 19)], [0x20242c, 0x123456, 0x123456]);
  assert.equal([two.at(0, 0), two.at(9, 19), two.at(10, 19)], [0x123456, 0x123456, 0x20242c]);
  await two.capture.close();
  const deadline = AbortSignal.timeout(3000);
  while ((await gui.panorama()).rect.width !== 60 && !deadline.aborted) await resized.after(resized.count, deadline);
  assert.equal((await gui.panorama()).rect, { x: 0, y: 0, width: 60, height: 40 });
});

test("a touch screen points at its own display", async (context) => {
  const system = await desktop(context, {
    capture: { policies: [{ label: "right", x: 100 }] },
    events: [{ label: "panel", display: "right" }],
  });
  await system.display({ width: 100, height: 100 }, "left");
  const gui = await window(system, "a", { x: 0, y: 0, width: 200, height: 100 }, 1);
  const [panel, mouse] = [await system.source("panel"), await system.source("mouse")];
  const touch = async (): Promise<unknown> => {
    await panel.submit([
      { kind: "touch", id: 1, x: 0.255, y: 0.505 },
      { kind: "touch-release", id: 1 },
    ]);
    return (await waiting(gui)).find(({ kind }) => kind === "touch");
  };
  assert.equal(await touch(), { kind: "touch", id: 0, x: 25, y: 50 }, "at all while its own is not there");
  await system.display({ width: 100, height: 100 }, "right");
  assert.equal(await touch(), { kind: "touch", id: 0, x: 125, y: 50 });
  await mouse.submit([{ kind: "absolute-motion", x: 0.2575, y: 0.505 }]);
  assert.equal((await waiting(gui)).at(-1), { kind: "absolute-motion", x: 51, y: 50 });
});

test("another mode of a display is another screen, and its buffer is drawn whole", async (context) => {
  const system = await desktop(context, { pointer: false });
  const small = await system.display({ width: 40, height: 30 });
  const gui = await window(system, "a", { x: 30, y: 20, width: 40, height: 40 }, 0x123456);
  await small.refresh();
  const changed = new Occurrence();
  gui.onPanoramaChange(() => changed.happened());
  const area = { width: 80, height: 60 };
  await small.capture.buffer({ area, millimeters: { width: 300, height: 200 }, viewport: { x: 0, y: 0, ...area } });
  await changed.after(0, AbortSignal.timeout(3000));
  const { rect, displays } = await gui.panorama();
  assert.equal(
    [rect, displays[0]?.millimeters],
    [
      { x: 0, y: 0, ...area },
      { width: 300, height: 200 },
    ],
  );
  const large = await new TestDisplay(small.capture, area).refresh();
  assert.equal([large.at(69, 59), large.at(70, 59), large.at(29, 20)], [0x123456, 0x20242c, 0x20242c]);
});

test("a sync follows the display that it was asked to, and otherwise any that shows the client", async (context) => {
  const system = await desktop(context, { pointer: false, capture: { policies: [{ label: "right", x: 60 }] } });
  const one = await system.display({ width: 60, height: 40 }, "left");
  const two = await system.display({ width: 60, height: 40 }, "right");
  const gui = await window(system, "a", { x: 0, y: 0, width: 20, height: 20 }, 1);
  let synced = 0;
  const wait = (): void => void gui.sync().then(() => (synced += 1));
  const turn = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 20));
  wait();
  await two.refresh();
  await turn();
  assert.is(synced, 0, "the display that does not show it");
  await one.refresh();
  await turn();
  assert.is(synced, 1);
  await gui.syncSource("right");
  await shown(gui);
  wait();
  await one.refresh();
  await turn();
  assert.is(synced, 1);
  await two.refresh();
  await turn();
  assert.is(synced, 2);
});

test("another configuration holds for those who are there; who is not permitted any more is out", async (context) => {
  const system = await desktop(context, {
    pointer: false,
    domains: { a: { layer: 1 }, b: { layer: 2 } },
    policies: policies("a", "b"),
  });
  const display = await system.display(screen);
  const a = await window(system, "a", { x: 0, y: 0, width: 50, height: 50 }, 0xa);
  await window(system, "b", { x: 0, y: 0, width: 50, height: 50 }, 0xb);
  assert.is((await display.refresh()).at(5, 5), 0xa);
  system.configure({ pointer: false, domains: { a: { layer: 2 }, b: { layer: 1 } }, policies: policies("a", "b") });
  assert.is((await display.refresh()).at(5, 5), 0xb);
  system.configure({ pointer: false, domains: { a: { layer: 2 } }, policies: policies("a") });
  assert.is((await display.refresh()).at(5, 5), 0xa);
  await a.mode();
});

test("reports and the focus ROM: a manager sees clicks and decides", async (context) => {
  const reports = new Map<string, unknown>();
  const system = await desktop(
    context,
    { focus: "rom", domains: { d: {} }, defaultPolicy: { domain: "d" } },
    { publish: (name, document) => void reports.set(name, document()) },
  );
  await system.display(screen);
  const a = await window(system, "a", { x: 0, y: 0, width: 100, height: 100 }, 1);
  const b = await window(system, "b", { x: 100, y: 0, width: 100, height: 100 }, 2);
  const source = await system.source();
  const color = "#4a6078";
  await source.submit(click(10, 10));
  assert.equal(reports.get("clicked"), { label: "a", domain: "d", color });
  assert.equal(reports.get("hover"), { label: "a", domain: "d", color });
  assert.not(reports.has("focus"), "a click alone gives no focus here");
  system.server.choose("b");
  assert.equal(reports.get("focus"), { label: "b", domain: "d", color });
  await source.submit([{ kind: "press", key: 30 }]);
  assert.equal(reports.get("keystate"), { pressed: ["KEY_A"] });
  assert.ok((await waiting(b)).some((event) => event.kind === "press" && event.key === 30));
  assert.not((await waiting(a)).some((event) => event.kind === "press" && event.key === 30));
  assert.equal(reports.get("pointer"), { x: 10, y: 10 });
});

test.run();
