/** Applications with a window, on a GUI server: what they show is what they were told. */
import * as assert from "uvu/assert";
import { configSchema as componentViewerSchema } from "../../apps/component-viewer/config.js";
import { openViewer as openComponentViewer } from "../../apps/component-viewer/viewer.js";
import { configSchema as imageViewerSchema } from "../../apps/image-viewer/config.js";
import { openViewer as openImageViewer } from "../../apps/image-viewer/viewer.js";
import { clockText } from "../../apps/status-bar/clock.js";
import { configSchema as statusBarSchema } from "../../apps/status-bar/config.js";
import { openStatusBar } from "../../apps/status-bar/status-bar.js";
import { configSchema as testerSchema } from "../../apps/touch-tester/config.js";
import { openTester } from "../../apps/touch-tester/tester.js";
import type { Dataspace } from "../../base/dataspace.js";
import type { Env } from "../../base/env.js";
import { Document } from "../../lib/document.js";
import { colors } from "../../lib/drawing/look.js";
import { mix } from "../../lib/drawing/surface.js";
import { keyCode } from "../../lib/input/key-codes.js";
import { encodePng } from "../../lib/png.js";
import { TimerServer } from "../../servers/timer/timer-server.js";
import type { InputEvent } from "../../sessions/event/index.js";
import { ROM, RomSession } from "../../sessions/rom/index.js";
import { SystemInterface } from "../../sessions/system/index.js";
import { TimerInterface } from "../../sessions/timer/index.js";
import { desktop, type TestDesktop, type TestDisplay } from "../support/desktop.js";
import { endingEnv } from "../support/ending-env.js";
import { eventually } from "../support/running-system.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("windows of applications");

const screen = { width: 400, height: 300 };

interface Shown {
  /** The environment of an application. */
  env(name: string): Env;
  readonly system: TestDesktop;
  readonly display: TestDisplay;
  submit(...events: readonly InputEvent[]): Promise<void>;
}

async function shown(context: Context, config: object = {}): Promise<Shown> {
  const system = await desktop(context, { pointer: false, ...config });
  const source = context.use(await system.source());
  const env = (name: string): Env => endingEnv(context, system.env(name));
  return { env, system, display: await system.display(screen), submit: (...events) => source.submit(events) };
}

/** Captures until the pixel has this colour. */
function untilPixel({ display }: Shown, x: number, y: number, color: number): Promise<boolean> {
  let found = 0;
  return eventually(`the pixel at ${x}, ${y} is ${color.toString(16)}`, async () => {
    await display.refresh();
    found = display.at(x, y);
    return found === color || undefined;
  }).catch((error: Error) => {
    throw new Error(`${error.message}; it is ${found.toString(16)}`);
  });
}

/** A point of the screen as a share of it. */
function at(x: number, y: number): { readonly x: number; readonly y: number } {
  return { x: (x + 0.5) / screen.width, y: (y + 0.5) / screen.height };
}

async function withTimer({ system }: Shown, context: Context): Promise<void> {
  const server = context.use(new TimerServer({} as ConstructorParameters<typeof TimerServer>[0]));
  await system.env("timer").announce(TimerInterface, (request) => server.open(request));
}

/** A module whose content the test writes. */
async function module({ system }: Shown): Promise<Document> {
  const document = new Document();
  await system.env("rom").announce(ROM, (request) => new RomSession(request, document));
  return document;
}

/** A picture of four quarters: red, green, blue, white. */
function quarters(side: number): Uint8Array {
  const pixels = new Uint8Array(side * side * 4);
  for (let y = 0; y < side; ++y)
    for (let x = 0; x < side; ++x) {
      const [left, top] = [x < side / 2, y < side / 2];
      const [red, green, blue] = top ? (left ? [255, 0, 0] : [0, 255, 0]) : left ? [0, 0, 255] : [255, 255, 255];
      pixels.set([blue as number, green as number, red as number, 0], (y * side + x) * 4);
    }
  return encodePng({ width: side, height: side, pixels });
}

test("the image viewer fits a picture, enlarges it about the pointer, and moves it", async (context) => {
  const system = await shown(context);
  const image = await module(system);
  image.replace(quarters(800));
  const config = imageViewerSchema.parse({ width: 400, height: 300 }, [], []);
  const window = context.use(await openImageViewer(system.env("viewer"), config));
  const view = window.content;
  // 300 of 400 columns: the picture has 50 free ones at both sides.
  await untilPixel(system, 60, 10, 0xff0000);
  await untilPixel(system, 340, 10, 0x00ff00);
  await untilPixel(system, 60, 290, 0x0000ff);
  await untilPixel(system, 340, 290, 0xffffff);
  await untilPixel(system, 20, 150, colors.background);
  assert.is(view.facts?.scale, 300 / 800);
  assert.is(window.title, "800 × 800, 38 %");
  await system.submit({ kind: "absolute-motion", ...at(240, 130) }, { kind: "wheel", x: 0, y: 5 });
  await untilPixel(system, 240, 130, 0x00ff00);
  await untilPixel(system, 399, 10, 0x00ff00);
  await untilPixel(system, 5, 10, 0xff0000);
  const press: InputEvent = { kind: "press", key: keyCode("BTN_LEFT") };
  await system.submit(
    press,
    { kind: "absolute-motion", ...at(390, 20) },
    { kind: "release", key: keyCode("BTN_LEFT") },
  );
  await untilPixel(system, 240, 130, 0x0000ff);
  await system.submit({ kind: "press", key: keyCode("KEY_0") }, { kind: "release", key: keyCode("KEY_0") });
  await untilPixel(system, 20, 150, colors.background);
  await system.submit({ kind: "press", key: keyCode("KEY_1") }, { kind: "release", key: keyCode("KEY_1") });
  await untilPixel(system, 5, 5, 0xff0000);
  assert.is(view.facts?.scale, 1);
});

test("the image viewer follows its module, and says what it cannot read", async (context) => {
  const system = await shown(context);
  const image = await module(system);
  image.replace(new TextEncoder().encode("no picture"));
  const config = imageViewerSchema.parse({ width: 400, height: 300 }, [], []);
  const window = context.use(await openImageViewer(system.env("viewer"), config));
  const view = window.content;
  assert.is(view.facts, undefined);
  await untilPixel(system, 200, 280, colors.background);
  image.replace(quarters(40));
  await untilPixel(system, 190, 140, 0xff0000);
  await untilPixel(system, 210, 160, 0xffffff);
});

test("the tester shows fingers where they are, keys while they are held, and the pointer", async (context) => {
  const system = await shown(context);
  context.use(await openTester(system.env("tester"), testerSchema.parse({ full: true }, [], [])));
  await untilPixel(system, 130, 290, colors.background);
  await system.submit({ kind: "touch", id: 0, ...at(70, 120) });
  const inFinger = mix(colors.background, 0x5a9de8, 90);
  await untilPixel(system, 70, 110, inFinger);
  await system.submit({ kind: "touch", id: 0, ...at(90, 170) }, { kind: "touch", id: 1, ...at(70, 70) });
  await untilPixel(system, 90, 155, inFinger);
  await untilPixel(system, 65, 60, mix(colors.background, 0x8cc265, 90));
  await system.submit({ kind: "touch-release", id: 0 }, { kind: "touch-release", id: 1 });
  await untilPixel(system, 90, 155, colors.background);
  await system.submit({ kind: "absolute-motion", ...at(30, 90) }, { kind: "press", key: keyCode("BTN_LEFT") });
  await untilPixel(system, 30, 95, mix(colors.background, colors.accent, 150));
  await untilPixel(system, 45, 258, colors.raised);
  await system.submit({ kind: "release", key: keyCode("BTN_LEFT") });
  await untilPixel(system, 45, 258, colors.background);
});

test("the status bar is as wide as the screen, and its clock goes", { timeout: 10_000 }, async (context) => {
  const system = await shown(context);
  await withTimer(system, context);
  const config = statusBarSchema.parse({ seconds: true }, [], []);
  context.use(await openStatusBar(system.env("bar"), config));
  await untilPixel(system, 399, 10, colors.panel);
  await untilPixel(system, 200, 25, colors.border);
  await untilPixel(system, 200, 26, 0x20242c);
  const clock = (): string => system.display.pixels.slice(0, 26 * 400).join();
  const before = clock();
  await eventually("the clock shows another second", async () => {
    await system.display.refresh();
    return clock() !== before || undefined;
  });
});

test("the status bar is where its domain is", async (context) => {
  const bottom = { origin: "bottom-left", height: 30 };
  const system = await shown(context, { domains: { bar: bottom }, defaultPolicy: { domain: "bar" } });
  await withTimer(system, context);
  context.use(await openStatusBar(system.env("bar"), statusBarSchema.parse({}, [], [])));
  await untilPixel(system, 200, 272, colors.panel);
  await untilPixel(system, 200, 295, colors.border);
  await untilPixel(system, 200, 269, 0x20242c);
});

test("the clock shows the time of its zone", () => {
  const time = Date.UTC(2026, 2, 29, 0, 59, 59);
  const text = (timeZone: string, seconds: boolean): string =>
    clockText(statusBarSchema.parse({ timeZone, seconds }, [], []))(time);
  assert.is(text("UTC", true), "Sun 29 Mar  00:59:59");
  assert.is(text("Europe/Berlin", false), "Sun 29 Mar  01:59");
  assert.is(clockText(statusBarSchema.parse({ timeZone: "Europe/Berlin" }, [], []))(time + 1000), "Sun 29 Mar  03:00");
  assert.throws(() => text("Mars/Olympus", false), /Cannot show the time of "Mars\/Olympus"/);
});

interface Told {
  state: object;
  usage: object;
}

/** A System service that tells what the test says. */
async function withSystem({ system }: Shown, told: Told): Promise<{ changed(): void }> {
  const raise: (() => void)[] = [];
  const refuse = (): never => {
    throw new Error("not of this test");
  };
  await system.env("root").announce(SystemInterface, async (request) => {
    const buffer: Dataspace = await request.alloc(request.args.bufferSize);
    raise.push(() => request.session.raise(SystemInterface.signals.indexOf("changed")));
    const leave = (document: object): number => {
      const bytes = new TextEncoder().encode(JSON.stringify(document));
      buffer.bytes.write(bytes);
      return bytes.length;
    };
    return {
      buffer: () => buffer.capability,
      state: () => leave(told.state),
      usage: () => leave(told.usage),
      log: refuse,
      logAfter: refuse,
      flow: refuse,
      systemFile: refuse,
      check: refuse,
      apply: refuse,
      explain: refuse,
      restart: refuse,
      kill: refuse,
      uptime: refuse,
    };
  });
  return { changed: () => raise.forEach((one) => void one()) };
}

test("the component viewer shows states as they change, and who was selected", async (context) => {
  const system = await shown(context);
  await withTimer(system, context);
  const gui = { service: "Gui", state: "OPEN", peer: "gui" };
  const children = (state: string): object => ({
    children: { gui: { state: "alive", ram: { quota: 100, used: 95 } }, terminal: { state, requested: [gui] } },
  });
  const told: Told = { state: children("alive"), usage: { time: 0, components: [] } };
  const { changed } = await withSystem(system, told);
  const config = componentViewerSchema.parse({ width: 400, height: 300, period: "100ms" }, [], []);
  const { content: board } = context.use(await openComponentViewer(system.env("viewer"), config));
  await untilPixel(system, 17, 53, colors.good);
  await untilPixel(system, 17, 79, colors.good);
  told.state = children("crash-loop");
  changed();
  await untilPixel(system, 17, 79, colors.bad);
  const graphPixel = [279, 71] as const;
  await untilPixel(system, ...graphPixel, colors.background);
  told.usage = { time: 1000, components: [{ name: "terminal", cpuTime: 900e6, memory: 1, sessions: 1 }] };
  await eventually("the history of a busy component is green", async () => {
    await system.display.refresh();
    const row = Array.from({ length: 90 }, (_, index) => system.display.at(190 + index, 80));
    return row.includes(colors.good) || undefined;
  });
  await system.submit({ kind: "absolute-motion", ...at(100, 79) }, { kind: "press", key: keyCode("BTN_LEFT") });
  await untilPixel(system, 185, 70, colors.raised);
  assert.is(board.selected, "terminal");
  await system.submit({ kind: "press", key: keyCode("KEY_UP") });
  await untilPixel(system, 185, 44, colors.raised);
  assert.is(board.selected, "gui");
});

test.run();
