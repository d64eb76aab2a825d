/** A screen in a view: what its client draws is seen on the display, and input comes back. */
import * as assert from "uvu/assert";
import { checked } from "../../base/schema.js";
import { configSchema, type GuiFbConfig } from "../../servers/gui-fb/config.js";
import { NestedScreen } from "../../servers/gui-fb/nested-screen.js";
import { placement } from "../../servers/gui-fb/placement.js";
import { Framebuffer, FramebufferInterface } from "../../sessions/framebuffer/index.js";
import { Input, InputInterface } from "../../sessions/input/index.js";
import { desktop, type TestDesktop } from "../support/desktop.js";
import { code } from "../support/error-code.js";
import { eventually } from "../support/running-system.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("gui-fb");

const background = 0x20_24_2c;
const parse = (document: object): GuiFbConfig => checked(configSchema, document, "the configuration");

async function nested(context: Context, system: TestDesktop, config: object) {
  const env = system.env("nested");
  const screen = context.use(await NestedScreen.open(env, parse(config)));
  await env.announce(FramebufferInterface, (request) => screen.openFramebuffer(request));
  await env.announce(InputInterface, (request) => screen.openInput(request));
  return screen;
}

test("a place is said from either edge, and never without a pixel", () => {
  const room = { x: 10, y: 20, width: 100, height: 80 };
  const at = (document: object, begins = false) => Object.values(placement(parse(document), room, begins));
  assert.equal(at({}), [10, 20, 100, 80]);
  assert.equal(at({ x: 5, y: 6, width: 30, height: 20 }), [15, 26, 30, 20]);
  assert.equal(at({ x: -30, y: -20, width: 30, height: 20 }), [80, 80, 30, 20]);
  assert.equal(at({ width: -10, height: -90 }), [10, 20, 90, 1]);
  assert.equal(at({ initial: { width: 7, height: 8 } }, true), [10, 20, 7, 8]);
  assert.equal(at({ initial: { width: 7, height: 8 } }), [10, 20, 100, 80]);
});

test("what the client draws is seen at the view, and input comes in its pixels", async (context) => {
  const system = await desktop(context);
  const display = await system.display({ width: 64, height: 48 });
  await nested(context, system, { x: -24, y: 8, width: 20, height: 10 });
  const env = system.env("client");
  const framebuffer = context.use(await env.connect(Framebuffer));
  const input = context.use(await env.connect(Input));
  const { area, pixels } = await framebuffer.map();
  assert.equal(area, { width: 20, height: 10 });
  pixels.fill(0x123456);
  pixels[0] = 0xff0000;
  framebuffer.refresh();
  await eventually("the picture is there", async () => (await display.refresh()).at(40, 8) === 0xff0000 || undefined);
  assert.equal(
    [display.at(41, 8), display.at(59, 17), display.at(39, 8), display.at(60, 17), display.at(59, 18)],
    [0x123456, 0x123456, background, background, background],
  );
  await framebuffer.sync();
  // A part that is refreshed is what changes.
  pixels.fill(0x00ff00);
  framebuffer.refresh({ x: 2, y: 3, width: 4, height: 5 });
  await eventually("a part is there", async () => (await display.refresh()).at(42, 11) === 0x00ff00 || undefined);
  assert.equal(display.changed, [{ x: 42, y: 11, width: 4, height: 5 }]);
  await framebuffer.blit([{ from: { x: 2, y: 3, width: 2, height: 2 }, to: { x: 10, y: 0 } }]);

  const source = await system.source();
  await source.submit([
    { kind: "absolute-motion", x: 45.5 / 64, y: 10.5 / 48 },
    { kind: "press", key: 0x110 },
    { kind: "release", key: 0x110 },
    { kind: "press", key: 30, character: 97 },
    { kind: "release", key: 30 },
  ]);
  const seen: unknown[] = [];
  await eventually("the input is there", async () => {
    seen.push(...(await input.flush()));
    return seen.some((event) => (event as { key?: number }).key === 30) || undefined;
  });
  assert.equal(seen[0], { kind: "absolute-motion", x: 5, y: 2 });
  assert.ok(seen.some((event) => (event as { character?: number }).character === 97));
});

test("it has one client at a time, whose view goes with it", async (context) => {
  const system = await desktop(context);
  const display = await system.display({ width: 32, height: 24 });
  await nested(context, system, { width: 8, height: 8 });
  const env = system.env("client");
  const framebuffer = await env.connect(Framebuffer);
  const input = await env.connect(Input);
  assert.is(await code(system.env("other").connect(Framebuffer)), "Denied");
  assert.is(await code(system.env("other").connect(Input)), "Denied");
  (await framebuffer.map()).pixels.fill(0xabcdef);
  framebuffer.refresh();
  await eventually("it is seen", async () => (await display.refresh()).at(0, 0) === 0xabcdef || undefined);
  await framebuffer.close();
  await input.close();
  await eventually("it is gone", async () => (await display.refresh()).at(0, 0) === background || undefined);
  const next = context.use(
    await eventually("there is room again", () =>
      system
        .env("other")
        .connect(Framebuffer)
        .catch(() => undefined),
    ),
  );
  (await next.map()).pixels.fill(0x000077);
  next.refresh();
  await eventually("the next one is seen", async () => (await display.refresh()).at(7, 7) === 0x77 || undefined);
});

test("another size is told, and the old picture stays until there is a new one", async (context) => {
  const system = await desktop(context);
  const display = await system.display({ width: 64, height: 48 });
  const screen = await nested(context, system, { width: 10, height: 10 });
  const framebuffer = context.use(await system.env("client").connect(Framebuffer));
  let changes = 0;
  framebuffer.onModeChange(() => (changes += 1));
  (await framebuffer.map()).pixels.fill(0x111111);
  framebuffer.refresh();
  await eventually("it is seen", async () => (await display.refresh()).at(9, 9) === 0x111111 || undefined);
  changes = 0;
  screen.configure(parse({ x: 4, width: 20, height: -8 }));
  await eventually("the client is told", () => changes > 0 || undefined);
  assert.equal((await framebuffer.mode()).area, { width: 20, height: 40 });
  await eventually("the view has moved", async () => (await display.refresh()).at(3, 0) === background || undefined);
  assert.is(display.at(4, 0), 0x111111);
  assert.is(display.at(20, 0), background);
  (await framebuffer.map()).pixels.fill(0x222222);
  framebuffer.refresh();
  await eventually("the new one is seen", async () => (await display.refresh()).at(23, 39) === 0x222222 || undefined);
  assert.is(display.at(24, 39), background);
});

test("when the GUI server restarts, the client draws on", async (context) => {
  const system = await desktop(context);
  await nested(context, system, { width: 10, height: 10 });
  const framebuffer = context.use(await system.env("client").connect(Framebuffer));
  (await framebuffer.map()).pixels.fill(0x333333);
  framebuffer.refresh();
  await framebuffer.mode();
  let remapped: Promise<unknown> | undefined;
  framebuffer.onModeChange(() => {
    remapped = framebuffer.map();
  });
  system.restart();
  await eventually("the client is told", () => remapped);
  (await framebuffer.map()).pixels.fill(0x444444);
  framebuffer.refresh();
  const display = await system.display({ width: 32, height: 24 });
  await eventually("it is seen", async () => (await display.refresh()).at(9, 9) === 0x444444 || undefined);
});

test.run();
