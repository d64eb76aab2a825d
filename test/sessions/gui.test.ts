import * as assert from "uvu/assert";
import { Occurrence } from "../../lib/occurrence.js";
import { FramebufferConnection, type FramebufferPort } from "../../sessions/framebuffer/index.js";
import { GuiInterface } from "../../sessions/gui/index.js";
import { desktop, shown, waiting, window } from "../support/desktop.js";
import { suite } from "../support/suite.js";

const test = suite("Gui connection");
const background = 0x20_24_2c;
const soon = (): AbortSignal => AbortSignal.timeout(5000);

test("views come back in their order, children in their parents, with place, offset and title", async (context) => {
  const system = await desktop(context, { pointer: false });
  const display = await system.display({ width: 60, height: 40 });
  const gui = await system.client("a");
  const draw = (): void => {
    gui.buffer?.pixels.forEach((_, at, pixels) => {
      pixels[at] = at % 40 < 20 ? 0xff0000 : 0x0000ff;
    });
    gui.refresh();
  };
  await gui.makeBuffer({ width: 40, height: 40 });
  gui.onRedraw(draw);
  const back = await gui.view({ rect: { x: 0, y: 0, width: 20, height: 20 } });
  const front = await gui.view({ rect: { x: 10, y: 10, width: 20, height: 20 }, title: "one" });
  front.offset({ x: -20, y: 0 });
  const child = await gui.view({ rect: { x: 5, y: 5, width: 100, height: 5 }, parent: front });
  back.front(front);
  front.geometry({ x: 12, y: 10, width: 20, height: 20 });
  const gone = await gui.view({ rect: { x: 40, y: 0, width: 20, height: 40 } });
  await gone.destroy();
  await front.title("two");
  await gui.execute();
  draw();
  await gui.mode();
  const before = (await display.refresh()).pixels;
  assert.equal(
    [display.at(15, 11), display.at(25, 11), display.at(25, 16), display.at(33, 16), display.at(45, 5)],
    [0xff0000, 0x0000ff, 0xff0000, background, background],
  );
  system.restart();
  await child.title("three");
  await gui.mode();
  const deadline = soon();
  while (!deadline.aborted && (await display.refresh()).at(15, 11) !== 0xff0000) await gui.mode();
  assert.equal(display.pixels, before);
});

test("who waits for a sync is let go when the server dies, and waits for the new one's then", async (context) => {
  const system = await desktop(context);
  const gui = await window(system, "a", { x: 0, y: 0, width: 20, height: 20 }, 1);
  const waits = gui.sync({ signal: soon() });
  system.restart();
  await waits;
  await shown(gui);
  let synced = false;
  const next = gui.sync({ signal: soon() }).then(() => (synced = true));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.not(synced, "no display has fetched it");
  const display = await system.display({ width: 30, height: 30 });
  await display.refresh();
  await next;
});

test("a view in somebody else's is gone with the token, and its client is told", async (context) => {
  const system = await desktop(context, { pointer: false });
  const display = await system.display({ width: 60, height: 40 });
  const frame = await window(system, "frame", { x: 0, y: 0, width: 40, height: 40 }, 0x111111);
  const own = await frame.view({ rect: { x: 10, y: 10, width: 20, height: 20 } });
  const inside = await system.client("inside");
  (await inside.makeBuffer({ width: 10, height: 10 })).pixels.fill(0x222222);
  const parent = await inside.associate(await own.token());
  await inside.view({ rect: { x: 5, y: 5, width: 10, height: 10 }, parent });
  await shown(inside);
  assert.is((await display.refresh()).at(15, 15), 0x222222);
  own.geometry({ x: 30, y: 10, width: 20, height: 20 });
  await frame.execute();
  await display.refresh();
  assert.equal([display.at(15, 15), display.at(35, 15)], [0x111111, 0x222222], "it moves with its parent");
  const told = new Occurrence();
  inside.onForgotten(() => told.happened());
  inside.onRedraw(({ pixels }) => {
    pixels.fill(0x222222);
    inside.refresh();
  });
  system.restart();
  await told.after(0, soon());
  assert.is(told.count, 1);
  await inside.mode();
  await display.refresh();
  assert.not(display.pixels.includes(0x222222));
});

test("a program for Framebuffer draws on a Gui session, and waits while it has drawn too much", async (context) => {
  const system = await desktop(context, { pointer: false });
  const display = await system.display({ width: 30, height: 20 });
  const gui = await window(system, "a", { x: 0, y: 0, width: 20, height: 20 }, 7);
  const session = context.use(await system.env("b").session(GuiInterface, {}, {}));
  await session.client.buffer({ width: 16, height: 16 }, false);
  await session.client.view(1, "", { x: 0, y: 0, width: 30, height: 20 }, true);
  const framebuffer = new FramebufferConnection(session as unknown as FramebufferPort);
  const { pixels, area } = await framebuffer.map();
  assert.equal(area, { width: 16, height: 16 });
  pixels.fill(0xabcdef, 0, 8 * 16);
  framebuffer.refresh();
  await framebuffer.blit([{ from: { x: 0, y: 0, width: 16, height: 8 }, to: { x: 0, y: 8 } }]);
  await display.refresh();
  assert.equal([display.at(15, 15), display.at(16, 15)], [0xabcdef, 7]);
  const blit = { from: { x: 0, y: 0, width: 16, height: 8 }, to: { x: 0, y: 8 } };
  let done = 0;
  let drawing = true;
  const flood = (async () => {
    while (drawing) {
      await framebuffer.blit([blit, blit, blit, blit]);
      done += 1;
    }
  })();
  await gui.mode();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const before = done;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.is(done, before, "nobody looks, so nobody draws");
  drawing = false;
  await display.refresh();
  await flood;
  assert.is(done, before + 1);
  await framebuffer.close();
  assert.equal(await waiting(gui), []);
});

test.run();
