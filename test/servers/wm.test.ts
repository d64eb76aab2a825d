// timeout: 120s
/** The window manager between applications and a GUI server: what the display shows, and who hears what. */
import { fstatSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import * as assert from "uvu/assert";
import { checked } from "../../base/schema.js";
import type { SessionRequest } from "../../base/server.js";
import { colors } from "../../lib/drawing/look.js";
import { Window } from "../../lib/drawing/window.js";
import { keyCode } from "../../lib/input/key-codes.js";
import { holds } from "../../lib/rectangle.js";
import { configSchema } from "../../servers/wm/config.js";
import { borderWidth, buttonsOf, framed, titleHeight } from "../../servers/wm/frame.js";
import { WindowManager } from "../../servers/wm/window-manager.js";
import type { InputEvent } from "../../sessions/event/index.js";
import type { Rect } from "../../sessions/geometry/geometry.generated.js";
import { Gui, type GuiConnection, GuiInterface } from "../../sessions/gui/index.js";
import { desktop, shown, type TestDisplay, waiting } from "../support/desktop.js";
import { code } from "../support/error-code.js";
import { LocalParent } from "../support/local-parent.js";
import { eventually } from "../support/running-system.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("wm");

const [width, height] = [400, 300];
const key = (kind: "press" | "release", name: string): InputEvent => ({ kind, key: keyCode(`KEY_${name}`) });
const at = (x: number, y: number): InputEvent => ({
  kind: "absolute-motion",
  x: (x + 0.5) / width,
  y: (y + 0.5) / height,
});
const down: InputEvent = { kind: "press", key: keyCode("BTN_LEFT") };
const up: InputEvent = { kind: "release", key: keyCode("BTN_LEFT") };

async function system(context: Context, document: object = {}) {
  const screen = await desktop(context, { screen: { width, height }, pointer: false, focus: "rom" });
  const config = checked(configSchema, document, "the configuration");
  const manager = context.use(await WindowManager.open(screen.env("wm"), config));
  // What its report and the ROM of the GUI server do in a system.
  manager.onChange(() => screen.server.choose(manager.focusedLabel));
  // Whom applications ask: another parent, since the GUI server's service has the same name.
  const parent = context.use(new LocalParent());
  const requests: SessionRequest<object>[] = [];
  await parent.env("wm").announce(GuiInterface, (request) => {
    requests.push(request);
    const alloc: typeof request.alloc = async (bytes) => {
      await on.beforeAlloc();
      return request.alloc(bytes);
    };
    return manager.openSession({ ...request, alloc });
  });
  const display: TestDisplay = await screen.display({ width, height });
  const source = await screen.source();
  const on = {
    screen,
    manager,
    display,
    /** Runs before the window manager gets memory for a session. */
    beforeAlloc: async (): Promise<void> => {},
    parent,
    input: (...events: InputEvent[]) => source.submit(events),
    client: async (name: string) => context.use(await parent.env(name).connect(Gui)),
    /** Waits until the display shows this colour there. */
    async sees(color: number, x: number, y: number): Promise<void> {
      let seen = 0;
      await eventually(
        `the pixel at ${x}, ${y} is ${color.toString(16)}`,
        async () => (seen = (await display.refresh()).at(x, y)) === color || undefined,
      ).catch((error: Error) => {
        throw new Error(`${error.message}; it is ${seen.toString(16)}`);
      });
    },
  };
  return on;
}
type System = Awaited<ReturnType<typeof system>>;

/** An application with one window of one colour, which follows the size that it is given. */
async function application(on: System, name: string, color: number, size = { width: 100, height: 60 }) {
  const gui = await on.client(name);
  await gui.makeBuffer(size);
  gui.buffer?.pixels.fill(color);
  const view = await gui.view({ rect: { x: 0, y: 0, ...size }, title: `window of ${name}` });
  await shown(gui);
  const place = frameOf(on, name);
  await on.sees(color, place.x + borderWidth, place.y + titleHeight);
  gui.onRedraw(({ pixels }) => {
    pixels.fill(color);
    gui.refresh();
  });
  let last: Promise<void> = Promise.resolve();
  const follow = async (): Promise<void> => {
    const { rect } = await gui.panorama();
    if (rect.width === view.rect.width && rect.height === view.rect.height) return;
    await gui.makeBuffer(rect);
    gui.buffer?.pixels.fill(color);
    view.geometry({ x: 0, y: 0, width: rect.width, height: rect.height });
    gui.refresh();
    await gui.execute();
  };
  gui.onPanoramaChange(() => {
    last = last.then(follow);
    last.catch(() => {});
  });
  return { gui, view, color };
}

/** The frame of the only window of that label. */
function frameOf({ manager }: System, label: string): Rect {
  const found = manager.document.windows.find((window) => window.label === label);
  assert.ok(found, `there is a window of ${label}`);
  return found.normal;
}

test("a window has a frame around what its application draws, and takes input there", async (context) => {
  const on = await system(context);
  const { gui } = await application(on, "editor", 0x112233);
  const { x, y, ...size } = frameOf(on, "editor");
  assert.equal(size, framed({ width: 100, height: 60 }, false));
  const content = { x: x + borderWidth, y: y + titleHeight };
  await on.sees(0x112233, content.x, content.y);
  await on.sees(0x112233, content.x + 99, content.y + 59);
  await on.sees(colors.accent, content.x - 1, content.y + 30);
  await on.sees(colors.accent, content.x + 100, content.y + 30);
  await on.sees(colors.accent, content.x + 50, content.y + 60);
  await on.sees(0x20_24_2c, x + size.width, y);
  await on.sees(0x20_24_2c, x, y + size.height);
  await on.input(at(content.x + 7, content.y + 9), down, up, key("press", "A"), key("release", "A"));
  const events: InputEvent[] = [];
  await eventually("the input comes", async () => {
    events.push(...(await waiting(gui)));
    return events.some((event) => event.kind === "release" && event.key === keyCode("KEY_A")) || undefined;
  });
  assert.equal(events.filter(({ kind }) => !kind.startsWith("focus")).slice(0, 3), [
    { kind: "absolute-motion", x: 7, y: 9 },
    down,
    up,
  ]);
});

test("the application's pixels are the GUI server's own memory", async (context) => {
  const on = await system(context);
  const { gui } = await application(on, "editor", 1);
  const number = ({ descriptor }: { readonly descriptor: number }): number => fstatSync(descriptor).ino;
  const servers = [...on.screen.server.screen.scene.stack.placed].flatMap(({ view }) => {
    const { shown: buffer } = view.owner.framebuffer;
    return buffer === undefined ? [] : [number(buffer.dataspace)];
  });
  assert.ok(servers.includes(number(gui.buffer?.dataspace as { descriptor: number })));
});

for (const [name, grab, drag, drop] of [
  ["a pointer", (x: number, y: number) => [at(x, y), down], (x: number, y: number) => [at(x, y)], () => [up]],
  [
    "a finger",
    (x: number, y: number) => [{ ...at(x, y), kind: "touch", id: 2 }],
    (x: number, y: number) => [{ ...at(x, y), kind: "touch", id: 2 }],
    () => [{ kind: "touch-release", id: 2 }],
  ],
] as readonly [string, ...((x: number, y: number) => InputEvent[])[]][]) {
  test(`${name} drags a window by its title, and pulls at its edges`, { timeout: 40_000 }, async (context) => {
    const on = await system(context);
    await application(on, "editor", 0x445566);
    const from = frameOf(on, "editor");
    const begin = { x: from.x + 20, y: from.y + 12 };
    await on.input(...(grab as NonNullable<typeof grab>)(begin.x, begin.y));
    for (let step = 1; step <= 30; ++step)
      await on.input(...(drag as NonNullable<typeof drag>)(begin.x + 3 * step, begin.y + 2 * step));
    await on.input(...(drop as NonNullable<typeof drop>)(begin.x, begin.y));
    const to = { ...from, x: from.x + 90, y: from.y + 60 };
    await eventually("the window is there", () => frameOf(on, "editor").x === to.x || undefined);
    assert.equal(frameOf(on, "editor"), to);
    await on.sees(0x445566, to.x + borderWidth, to.y + titleHeight);
    await on.sees(0x20_24_2c, from.x + 1, from.y + 1);
    // The lower right corner, outwards; then the left edge, inwards.
    const corner = { x: to.x + to.width - 2, y: to.y + to.height - 2 };
    await on.input(...(grab as NonNullable<typeof grab>)(corner.x, corner.y));
    await on.input(...(drag as NonNullable<typeof drag>)(corner.x + 50, corner.y + 40));
    await on.input(...(drop as NonNullable<typeof drop>)(0, 0));
    await on.sees(0x445566, to.x + borderWidth + 149, to.y + titleHeight + 99);
    await on.sees(colors.accent, to.x + borderWidth + 150, to.y + titleHeight + 50);
    const edge = { x: to.x + 1, y: to.y + 70 };
    await on.input(...(grab as NonNullable<typeof grab>)(edge.x, edge.y));
    await on.input(...(drag as NonNullable<typeof drag>)(edge.x + 30, edge.y));
    await on.input(...(drop as NonNullable<typeof drop>)(0, 0));
    await on.sees(0x20_24_2c, to.x + 29, to.y + 70);
    await on.sees(colors.accent, to.x + 30, to.y + 70);
    await on.sees(0x445566, to.x + 30 + borderWidth, to.y + 70);
    // The other edge has stayed.
    await on.sees(0x445566, to.x + borderWidth + 149, to.y + titleHeight + 99);
    assert.equal(frameOf(on, "editor"), { ...to, x: to.x + 30, width: to.width + 20, height: to.height + 40 });
  });
}

test("a click brings a window to the front, and keys go there; others keep the release of theirs", async (context) => {
  const on = await system(context);
  const large = { width: 150, height: 100 };
  const first = await application(on, "first", 0x0000ff, large);
  const second = await application(on, "second", 0x00ff00, large);
  const third = await application(on, "third", 0xff0000, large);
  const place = frameOf(on, "first");
  // Somewhere on it where no other one is.
  const others = [frameOf(on, "second"), frameOf(on, "third")];
  const points = Array.from({ length: large.width * large.height }, (_, index) => ({
    x: place.x + borderWidth + (index % large.width),
    y: place.y + titleHeight + Math.floor(index / large.width),
  }));
  const middle = points.find((point) => !others.some((other) => holds(other, point)));
  assert.ok(middle);
  await on.input(at(middle.x, middle.y), down, up);
  await on.sees(0x0000ff, middle.x, middle.y);
  await eventually("it has the keys", () => on.manager.focusedLabel === "wm -> first" || undefined);
  await on.input(key("press", "A"));
  await on.input(key("press", "LEFTALT"), key("press", "TAB"), key("release", "TAB"));
  await eventually("another one has", () => on.manager.focusedLabel === "wm -> third" || undefined);
  // Held on, it goes further back.
  await on.input(key("press", "TAB"), key("release", "TAB"), key("release", "LEFTALT"));
  await eventually("and the next", () => on.manager.focusedLabel === "wm -> second" || undefined);
  await on.input(key("release", "A"), key("press", "B"), key("release", "B"));
  const keys = async (gui: GuiConnection): Promise<string[]> =>
    (await waiting(gui)).flatMap((event) =>
      (event.kind === "press" || event.kind === "release") && event.key < 0x100 ? [`${event.kind} ${event.key}`] : [],
    );
  const names = (...list: readonly (readonly [string, string])[]) =>
    list.map(([kind, one]) => `${kind} ${keyCode(`KEY_${one}`)}`);
  await eventually("the keys come", async () => (await second.gui.input.pending()) || undefined);
  assert.equal(await keys(second.gui), names(["press", "B"], ["release", "B"]));
  assert.equal(await keys(third.gui), []);
  assert.equal(
    await keys(first.gui),
    names(["press", "A"], ["press", "LEFTALT"], ["release", "LEFTALT"], ["release", "A"]),
  );
});

test("keys lay windows, and give them their place back", async (context) => {
  const on = await system(context);
  await application(on, "editor", 0xaa5500);
  const normal = frameOf(on, "editor");
  const shortcut = (name: string) =>
    on.input(key("press", "LEFTMETA"), key("press", name), key("release", name), key("release", "LEFTMETA"));
  await shortcut("UP");
  await on.sees(0xaa5500, 0, titleHeight);
  await on.sees(0xaa5500, width - 1, height - 1);
  await shortcut("LEFT");
  await on.sees(0xaa5500, borderWidth, titleHeight);
  await on.sees(colors.accent, width / 2 - 1, height / 2);
  await on.sees(0x20_24_2c, width / 2, height / 2);
  await shortcut("RIGHT");
  await on.sees(0xaa5500, width / 2 + borderWidth, titleHeight);
  await on.sees(0x20_24_2c, width / 2 - 1, height / 2);
  await shortcut("DOWN");
  await on.sees(0xaa5500, normal.x + borderWidth, normal.y + titleHeight);
  await on.sees(0x20_24_2c, normal.x + normal.width, normal.y + titleHeight);
  assert.equal(frameOf(on, "editor"), normal);
});

test("buttons and double clicks do what they say", { timeout: 40_000 }, async (context) => {
  const on = await system(context);
  const { gui } = await application(on, "editor", 0x00aaaa);
  const normal = frameOf(on, "editor");
  const { close, maximise } = buttonsOf(normal, false);
  const click = (x: number, y: number) => on.input(at(x, y), down, up);
  await click(normal.x + maximise.x + 5, normal.y + maximise.y + 5);
  await on.sees(0x00aaaa, 0, height - 1);
  await on.input(at(30, 10), down, up, down, up);
  await on.sees(0x20_24_2c, 0, height - 1);
  await on.sees(0x00aaaa, normal.x + borderWidth, normal.y + titleHeight);
  await waiting(gui);
  // A press that is let go elsewhere does nothing.
  await on.input(at(normal.x + close.x + 5, normal.y + close.y + 5), down, at(1, 1), up);
  await on.sees(0x00aaaa, normal.x + borderWidth, normal.y + titleHeight);
  await click(normal.x + close.x + 5, normal.y + close.y + 5);
  await on.sees(0x20_24_2c, normal.x + borderWidth, normal.y + titleHeight);
  const events: InputEvent[] = [];
  await eventually("the application is told", async () => {
    events.push(...(await waiting(gui)));
    return events.some((event) => event.kind === "release" && event.key === keyCode("KEY_CLOSE")) || undefined;
  });
  assert.is(on.manager.focusedLabel, "wm -> screen");
  // It goes on, so it can be had back.
  await on.input(key("press", "LEFTALT"), key("press", "TAB"), key("release", "TAB"), key("release", "LEFTALT"));
  await on.sees(0x00aaaa, normal.x + borderWidth, normal.y + titleHeight);
});

test("an application that dies while its window is dragged takes it along, and nothing else", async (context) => {
  const on = await system(context);
  const other = await application(on, "other", 0x123456);
  const { gui } = await application(on, "victim", 0x654321);
  const { x, y } = frameOf(on, "victim");
  await on.input(at(x + 20, y + 12), down, at(x + 25, y + 15), key("press", "A"));
  await gui.close();
  for (let step = 0; step < 20; ++step) await on.input(at(x + 25 + step, y + 15));
  await on.input(up, key("release", "A"));
  await eventually("the other one has the keys", () => on.manager.focusedLabel === "wm -> other" || undefined);
  await waiting(other.gui);
  await on.input(key("press", "B"), key("release", "B"));
  await eventually("and hears them", async () => (await other.gui.input.pending()) || undefined);
  const place = frameOf(on, "other");
  await on.sees(0x123456, place.x + borderWidth, place.y + titleHeight);
});

test("nobody takes the keys from who types", async (context) => {
  const on = await system(context);
  const large = { width: 200, height: 150 };
  const typist = await application(on, "typist", 0x0055aa, large);
  await eventually("it has the keys", () => on.manager.focusedLabel === "wm -> typist" || undefined);
  await on.input(key("press", "A"), key("release", "A"));
  await eventually("the key comes", async () => (await typist.gui.input.pending()) || undefined);
  const thief = await on.client("thief");
  await thief.makeBuffer({ width, height });
  thief.buffer?.pixels.fill(0xff00ff);
  const view = await thief.view({ rect: { x: 0, y: 0, width, height } });
  await shown(thief);
  view.front();
  await thief.focus(await thief.token());
  await thief.execute();
  const { x, y } = frameOf(on, "typist");
  // Seen around it, and not on it.
  await on.sees(0xff00ff, x - 10, y + 60);
  await on.sees(0x0055aa, x + borderWidth, y + titleHeight);
  assert.is(on.manager.focusedLabel, "wm -> typist");
  await waiting(typist.gui);
  await on.input(key("press", "B"), key("release", "B"));
  await eventually("the next one too", async () => (await typist.gui.input.pending()) || undefined);
  assert.ok(!(await waiting(thief)).some(({ kind }) => kind === "press" || kind === "focus-enter"));
  await on.input(at(x - 10, y + 60), down, up);
  await eventually("a click gives them", () => on.manager.focusedLabel === "wm -> thief" || undefined);
});

test("a key that was held where an application died is up", async (context) => {
  const on = await system(context);
  const other = await application(on, "other", 0x123456);
  const victim = await application(on, "victim", 0x654321);
  await eventually("the last one has the keys", () => on.manager.focusedLabel === "wm -> victim" || undefined);
  await on.input(key("press", "LEFTALT"));
  await eventually("it hears the key", async () => (await victim.gui.input.pending()) || undefined);
  await victim.gui.close();
  await eventually("the other one has the keys", () => on.manager.focusedLabel === "wm -> other" || undefined);
  await on.input(key("release", "LEFTALT"));
  await waiting(other.gui);
  // With Alt held, this would be for the window manager.
  await on.input(key("press", "TAB"), key("release", "TAB"));
  await eventually("the key comes", async () => (await other.gui.input.pending()) || undefined);
  assert.ok((await waiting(other.gui)).some((event) => event.kind === "press" && event.key === keyCode("KEY_TAB")));
});

test("a window comes back where it was, also by a document, and when the GUI server restarts", {
  timeout: 40_000,
}, async (context) => {
  const on = await system(context);
  const first = await application(on, "editor", 0x778899);
  const from = frameOf(on, "editor");
  await on.input(at(from.x + 20, from.y + 12), down, at(from.x + 60, from.y + 30), up);
  const to = { ...from, x: from.x + 40, y: from.y + 18 };
  await eventually("it has moved", () => frameOf(on, "editor").x === to.x || undefined);
  await first.gui.close();
  const second = await application(on, "editor", 0x99aabb);
  assert.equal(frameOf(on, "editor"), to);
  await on.sees(0x99aabb, to.x + borderWidth, to.y + titleHeight);
  const kept = on.manager.document;
  on.screen.restart();
  await eventually("it is there again", () => {
    try {
      return frameOf(on, "editor");
    } catch {
      return undefined;
    }
  });
  const display = await on.screen.display({ width, height }, "second display");
  await eventually(
    "it is seen again",
    async () => (await display.refresh()).at(to.x + borderWidth, to.y + titleHeight) === 0x99aabb || undefined,
  );
  await second.gui.close();
  const later = await system(context);
  later.manager.remember(kept);
  await application(later, "editor", 0x010203);
  assert.equal(frameOf(later, "editor"), to);
});

test("a session whose GUI server dies while it is opened is none, and its parent may ask again", async (context) => {
  const on = await system(context);
  on.beforeAlloc = async () => {
    on.beforeAlloc = async () => {};
    on.screen.restart();
    // Until the window manager could have heard of it.
    for (let turn = 0; turn < 20; ++turn) await nextTurn();
  };
  assert.is(await code(on.client("editor")), "Disconnected");
  await application(on, "editor", 0x123456);
});

test("the drawing library's window follows its frame", { timeout: 40_000 }, async (context) => {
  const on = await system(context);
  const seen: string[] = [];
  const opened = context.use(
    await Window.open(on.parent.env("viewer"), { title: "View", size: { width: 120, height: 80 } }, () => ({
      draw(canvas) {
        canvas.clear(canvas.bounds, 0x00cc00);
        seen.push(`${canvas.width} x ${canvas.height}`);
        return canvas.bounds;
      },
    })),
  );
  opened.changed();
  const normal = frameOf(on, "viewer");
  await on.sees(0x00cc00, normal.x + borderWidth + 119, normal.y + titleHeight + 79);
  await on.input(key("press", "LEFTMETA"), key("press", "UP"), key("release", "UP"), key("release", "LEFTMETA"));
  await on.sees(0x00cc00, width - 1, height - 1);
  assert.is(seen.at(-1), `${width} x ${height - titleHeight}`);
});

test("wild applications get no more than theirs", { timeout: 60_000 }, async (context) => {
  const on = await system(context);
  const calm = await application(on, "calm", 0x00dd00);
  const gui = await on.client("wild");
  await gui.makeBuffer({ width: 10, height: 10 });
  const views = [];
  for (let count = 0; count < 8; ++count)
    views.push(await gui.view({ rect: { x: -5 * count, y: 2 ** 31 - 1, width: 2 ** 32 - 1, height: count } }));
  assert.is(await code(gui.view({ rect: { x: 0, y: 0, width: 5, height: 5 } })), "Denied");
  for (let round = 0; round < 200; ++round) {
    for (const view of views) {
      view.geometry({ x: round, y: -round, width: (round * 7919) % 5000, height: (round * 104_729) % 3000 });
      view.front();
      view.background();
    }
    await gui.execute();
  }
  for (let count = 0; count < 20_000; ++count) gui.refresh({ x: -count, y: 5, width: 2 ** 32 - 1, height: count });
  await gui.mode();
  for (const { normal } of on.manager.document.windows) {
    assert.ok(normal.width <= width + 2 * borderWidth && normal.height <= height + titleHeight + borderWidth);
  }
  await gui.close();
  const place = frameOf(on, "calm");
  await on.sees(calm.color, place.x + borderWidth, place.y + titleHeight);
});

test.run();
