// timeout: 120s
import fc from "fast-check";
import * as assert from "uvu/assert";
import { Dataspace } from "../../base/dataspace.js";
import type { Session } from "../../base/session.js";
import { CaptureInterface } from "../../sessions/capture/index.js";
import type { Rect } from "../../sessions/geometry/geometry.generated.js";
import {
  type GuiArgs,
  type GuiClient,
  type GuiHandlers,
  GuiInterface,
  type ViewsCommand,
} from "../../sessions/gui/index.js";
import { desktop, shown, type TestDesktop, waiting, window } from "../support/desktop.js";
import { code } from "../support/error-code.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("hostile clients of the GUI server");
const screen = { width: 64, height: 48 };
const whole = { x: 0, y: 0, ...screen };

/** A session without the connection that keeps its client honest. */
async function raw(context: Context, system: TestDesktop, ram: number | string = "256K"): Promise<GuiClient> {
  const session: Session<GuiClient, GuiHandlers, GuiArgs> = await system
    .env("attacker")
    .session(GuiInterface, {}, { ram });
  return context.use(session).client;
}

/** An honest window and a display, and that both still work. */
async function bystander(system: TestDesktop) {
  const display = await system.display(screen);
  const gui = await window(system, "honest", { x: 0, y: 0, width: 20, height: 20 }, 0x00aa00);
  const source = await system.source();
  let color = 0x00aa00;
  return {
    display,
    gui,
    source,
    check: async (): Promise<void> => {
      color += 1;
      gui.buffer?.pixels.fill(color);
      const view = await gui.view({ rect: { x: 0, y: 0, width: 20, height: 20 } });
      await shown(gui);
      assert.is((await display.refresh()).at(5, 5), color);
      await source.submit([
        { kind: "absolute-motion", x: 0.1, y: 0.1 },
        { kind: "press", key: 0x110 },
        { kind: "release", key: 0x110 },
        { kind: "press", key: 30 },
        { kind: "release", key: 30 },
      ]);
      const events = await waiting(gui);
      assert.ok(events.some((event) => event.kind === "press" && event.key === 30));
      await view.destroy();
    },
  };
}

const edge = fc.constantFrom(0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 30, -(2 ** 30), 63, 64);
const size = fc.constantFrom(0, 1, 2 ** 32 - 1, 2 ** 31, 2 ** 31 - 1, 64, 65);
const wildRect: fc.Arbitrary<Rect> = fc.record({ x: edge, y: edge, width: size, height: size });
const id = fc.nat(4);

test("geometry of any numbers draws nothing beyond, and harms nobody", { timeout: 60_000 }, async (context) => {
  const system = await desktop(context, { pointer: false });
  const { display, check } = await bystander(system);
  const attacker = await raw(context, system, "1M");
  await attacker.buffer({ width: 8, height: 8 }, true);
  const memory = Dataspace.of(await attacker.dataspace(), { writable: true });
  context.defer(() => memory.close());
  memory.bytes.array.fill(0xff);
  const views: fc.Arbitrary<ViewsCommand> = fc.oneof(
    fc.record({ kind: fc.constant("geometry" as const), value: fc.record({ view: id, rect: wildRect }) }),
    fc.record({
      kind: fc.constant("offset" as const),
      value: fc.record({ view: id, offset: fc.record({ x: edge, y: edge }) }),
    }),
    fc.record({ kind: fc.constantFrom("front" as const, "back" as const, "background" as const), value: id }),
    fc.record({
      kind: fc.constantFrom("frontOf" as const, "behindOf" as const),
      value: fc.record({ view: id, neighbour: fc.constantFrom(0, 1, 2, 3, 4, 2 ** 32 - 1) }),
    }),
  );
  await attacker.view(0, "", { x: 0, y: 0, width: 8, height: 8 }, true);
  await fc.assert(
    fc.asyncProperty(
      fc.array(views, { maxLength: 40 }),
      wildRect,
      wildRect,
      fc.record({ x: edge, y: edge }),
      id,
      id,
      async (commands, rect, child, point, one, other) => {
        await attacker.view(one, "", rect, true).catch(() => {});
        await attacker.childView(other, one, "", child, false).catch(() => {});
        await attacker.execute(commands);
        await attacker.refresh(rect);
        await attacker.panning(point);
        await attacker.blit([
          { from: rect, to: point },
          { from: child, to: { x: 0, y: 0 } },
        ]);
        await display.refresh();
        for (const { x, y, width, height } of display.changed)
          assert.ok(x >= 0 && y >= 0 && x + width <= screen.width && y + height <= screen.height);
      },
    ),
    { numRuns: 150 },
  );
  await check();
});

test("buffers of any size are refused in words, and cost nothing", async (context) => {
  const system = await desktop(context);
  const { check } = await bystander(system);
  const attacker = await raw(context, system);
  for (const [width, height] of [
    [0, 5],
    [5, 0],
    [2 ** 32 - 1, 2 ** 32 - 1],
    [2 ** 31, 1],
    [16_385, 1],
  ] as const)
    assert.is(await code(attacker.buffer({ width, height }, true)), "InvalidArgument");
  assert.is(await code(attacker.dataspace()), "InvalidArgument");
  await attacker.refresh(whole);
  await attacker.view(1, "", whole, true);
  const capture = context.use(await system.env("spy").session(CaptureInterface, {}, {})).client;
  assert.is(await code(capture.captureAt({ x: 0, y: 0 })), "InvalidArgument");
  assert.is(
    await code(
      capture.buffer({
        area: { width: 2 ** 32 - 1, height: 2 ** 32 - 1 },
        millimeters: { width: 0, height: 0 },
        viewport: whole,
      }),
    ),
    "InvalidArgument",
  );
  const outside = { area: screen, millimeters: { width: 0, height: 0 }, viewport: { ...whole, x: 2 ** 31 - 1 } };
  assert.is(await code(capture.buffer(outside)), "InvalidArgument");
  await check();
});

test("a display that captures from anywhere gets what there is, and nothing else", async (context) => {
  const system = await desktop(context, { pointer: false });
  const { check } = await bystander(system);
  const capture = context.use(await system.env("spy").session(CaptureInterface, {}, { ram: "256K" })).client;
  const area = { width: 16, height: 16 };
  await capture.buffer({ area, millimeters: area, viewport: { x: 0, y: 0, ...area } });
  const memory = Dataspace.of(await capture.dataspace(), { writable: false });
  context.defer(() => memory.close());
  const pixels = new Uint32Array(memory.buffer, 0, 256);
  await fc.assert(
    fc.asyncProperty(edge, edge, async (x, y) => {
      for (const rect of await capture.captureAt({ x, y }))
        assert.ok(rect.x >= 0 && rect.y >= 0 && rect.x + rect.width <= 16 && rect.y + rect.height <= 16);
      for (const place of [0, 15, 240, 255]) {
        const [column, line] = [x + (place % 16), y + Math.floor(place / 16)];
        const inside = column >= 0 && line >= 0 && column < 20 && line < 20;
        assert.is((pixels[place] as number) & 0xffffff, inside ? 0x00aa00 : 0x20242c);
      }
    }),
    { numRuns: 100 },
  );
  const again = await capture.dataspace();
  assert.is(
    await code(Promise.resolve().then(() => Dataspace.of(again, { writable: true }))),
    "Denied",
    "it is for reading",
  );
  await check();
});

test("views cost donation, names are checked, and views in views end somewhere", async (context) => {
  const system = await desktop(context);
  const { check } = await bystander(system);
  const attacker = await raw(context, system, "160K");
  await attacker.view(1, "", whole, true);
  assert.is(await code(attacker.view(1, "", whole, true)), "ViewExists");
  assert.is(await code(attacker.childView(2, 77, "", whole, true)), "NoView");
  assert.is(await code(attacker.title(77, "")), "NoView");
  assert.is(await code(attacker.viewToken(77)), "NoView");
  await attacker.destroyView(77);
  await attacker.releaseViewId(77);
  let refused = "";
  for (let number = 2; number < 1000 && refused === ""; number += 1)
    refused = await attacker.view(number, "", whole, true).then(
      () => "",
      (error: { code: string }) => error.code,
    );
  assert.is(refused, "InsufficientRam");
  for (let number = 2; number < 1000; number += 1) await attacker.destroyView(number);
  let deepest = 1;
  for (; deepest < 100; deepest += 1) {
    const end = await attacker.childView(deepest + 1, deepest, "", whole, true).then(
      () => "",
      (error: { code: string }) => error.code,
    );
    if (end !== "") {
      assert.is(end, "InvalidArgument");
      break;
    }
  }
  assert.ok(deepest < 100);
  // The whole tree goes with its root; its members are still there to be named.
  await attacker.destroyView(1);
  await attacker.execute([
    { kind: "front", value: 2 },
    { kind: "geometry", value: { view: 3, rect: whole } },
  ]);
  await attacker.destroyView(2);
  await check();
});

test("a flood of commands and refreshes delays the others, and no more", { timeout: 60_000 }, async (context) => {
  const system = await desktop(context);
  const { check } = await bystander(system);
  const attacker = await raw(context, system, "1M");
  await attacker.buffer({ width: 64, height: 48 }, false);
  Dataspace.closeDescriptors(await attacker.dataspace());
  for (let number = 0; number < 100; number += 1) await attacker.view(number, "x".repeat(64), whole, true);
  const commands = Array.from(
    { length: 40 },
    (_, view): ViewsCommand => ({
      kind: "geometry",
      value: { view, rect: { x: view, y: view, width: 2 ** 32 - 1, height: 2 ** 32 - 1 } },
    }),
  );
  let flooding = true;
  const flood = (async () => {
    while (flooding) {
      await Promise.all(Array.from({ length: 8 }, () => attacker.execute(commands)));
      for (let count = 0; count < 100; count += 1) await attacker.refresh(whole);
    }
  })();
  for (let count = 0; count < 5; count += 1) await check();
  flooding = false;
  await flood;
});

test("blits between two pictures are bounded", async (context) => {
  const system = await desktop(context);
  const { display } = await bystander(system);
  const attacker = await raw(context, system, "1M");
  await attacker.buffer({ width: 64, height: 64 }, false);
  Dataspace.closeDescriptors(await attacker.dataspace());
  await attacker.view(1, "", whole, true);
  const blit = { from: { x: 0, y: 0, width: 64, height: 32 }, to: { x: 0, y: 32 } };
  let done = 0;
  while (await attacker.blit([blit, blit, blit, blit])) done += 1;
  assert.ok(done >= 1 && done < 20, `${done} times`);
  await display.refresh();
  assert.ok(await attacker.blit([blit]), "after a picture there is room again");
});

test("nobody sees or takes what is another's", async (context) => {
  const system = await desktop(context);
  const { gui, source, display } = await bystander(system);
  const attacker = await raw(context, system, "1M");
  // Numbers of views are the client's own, so a number of somebody else's names nothing.
  const ours = [...Array(64).keys()];
  for (const number of ours) {
    assert.is(await code(attacker.viewToken(number)), "NoView");
    await attacker.execute([
      { kind: "geometry", value: { view: number, rect: { x: 30, y: 30, width: 1, height: 1 } } },
      { kind: "back", value: number },
    ]);
    await attacker.destroyView(number);
  }
  // Tokens are not guessed.
  const token = await gui.token();
  const near = Uint8Array.from(token, (byte, place) => (place === 15 ? byte ^ 1 : byte));
  assert.is(await code(attacker.associate(1, near)), "NoView");
  assert.is(await code(attacker.associate(1, new Uint8Array(16))), "NoView");
  // The token of a session is none of a view.
  assert.is(await code(attacker.associate(1, token)), "NoView");
  // A token told lets views be put into the view, which stays its owner's.
  const told = await (await gui.view({ rect: { x: 0, y: 0, width: 20, height: 20 } })).token();
  await attacker.associate(1, told);
  assert.is(await code(attacker.title(1, "mine")), "NoView");
  assert.is(await code(attacker.viewToken(1)), "NoView");
  await attacker.execute([{ kind: "geometry", value: { view: 1, rect: { x: 50, y: 40, width: 1, height: 1 } } }]);
  await attacker.destroyView(1);
  gui.buffer?.pixels.fill(0x123456);
  await shown(gui);
  assert.is((await display.refresh()).at(5, 5), 0x123456);
  // The buffer that it gets is its own and new.
  await attacker.buffer({ width: 20, height: 20 }, true);
  const memory = Dataspace.of(await attacker.dataspace(), { writable: true });
  assert.ok(memory.bytes.array.every((byte) => byte === 0));
  memory.close();
  // Keys go to who has the focus, and giving away what one has not changes nothing.
  await source.submit([
    { kind: "absolute-motion", x: 0.1, y: 0.1 },
    { kind: "press", key: 0x110 },
    { kind: "release", key: 0x110 },
  ]);
  await attacker.view(5, "", { x: 40, y: 30, width: 10, height: 10 }, true);
  await attacker.exclusive(true);
  await attacker.focus(await attacker.sessionToken());
  await source.submit([
    { kind: "relative-motion", x: 1, y: 1 },
    { kind: "press", key: 30 },
    { kind: "release", key: 30 },
  ]);
  assert.is(await attacker.flush(), 0);
  assert.ok((await waiting(gui)).some((event) => event.kind === "press" && event.key === 30));
});

test("a focus that goes round in circles ends", async (context) => {
  const system = await desktop(context);
  const { check, gui } = await bystander(system);
  const other = await system.client("other");
  await gui.focus(await other.token());
  await other.focus(await gui.token());
  const { source } = { source: await system.source("second") };
  await source.submit([
    { kind: "absolute-motion", x: 0.1, y: 0.1 },
    { kind: "press", key: 0x110 },
    { kind: "release", key: 0x110 },
  ]);
  await gui.focus(new Uint8Array(16));
  await check();
});

test("clients that come and go in the middle of everything leave nothing behind", async (context) => {
  const system = await desktop(context, { pointer: false });
  const { display, check } = await bystander(system);
  for (let count = 0; count < 30; count += 1) {
    const gui = await system.client(`guest-${count}`);
    const making = gui.makeBuffer({ width: 30, height: 30 });
    if (count % 3 === 0) await making;
    else making.catch(() => {});
    const viewing = gui.view({ rect: whole });
    if (count % 3 === 1) await viewing;
    else viewing.catch(() => {});
    gui.refresh(whole);
    await gui.close();
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  await display.refresh();
  assert.is(display.at(40, 40), 0x20242c);
  await check();
});

test.run();
