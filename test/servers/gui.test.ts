import * as assert from "uvu/assert";
import { desktop, shown, waiting, window } from "../support/desktop.js";
import { eventually } from "../support/running-system.js";
import { suite } from "../support/suite.js";

const test = suite("gui");
const background = 0x20_24_2c;

test("shows a view where it is, and the background elsewhere", async (context) => {
  const system = await desktop(context);
  const display = await system.display({ width: 64, height: 48 });
  await display.refresh();
  assert.is(display.at(5, 5), background);
  await window(system, "a", { x: 10, y: 8, width: 20, height: 10 }, 0x11_22_33);
  await display.refresh();
  assert.equal(
    [
      display.at(9, 8),
      display.at(10, 7),
      display.at(10, 8),
      display.at(29, 17),
      display.at(30, 17),
      display.at(29, 18),
    ],
    [background, background, 0x112233, 0x112233, background, background],
  );
});

test("an idle screen brings nothing, and wakes its display when something changes", async (context) => {
  const system = await desktop(context);
  const display = await system.display({ width: 64, height: 48 });
  const gui = await window(system, "a", { x: 0, y: 0, width: 20, height: 10 }, 1);
  await display.refresh();
  await display.refresh();
  assert.equal(display.changed, []);
  let woken = 0;
  display.capture.onWakeup(() => (woken += 1));
  await display.capture.captureStopped();
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.is(woken, 0);
  await shown(gui, { x: 3, y: 2, width: 5, height: 4 });
  await eventually("it is woken", () => woken > 0 || undefined);
  assert.is(woken, 1);
  await display.refresh();
  assert.equal(display.changed, [{ x: 3, y: 2, width: 5, height: 4 }]);
});

test("keys go to who was clicked, and motion to who is under the pointer", async (context) => {
  const system = await desktop(context);
  await system.display({ width: 100, height: 100 });
  const a = await window(system, "a", { x: 0, y: 0, width: 50, height: 100 }, 1);
  const b = await window(system, "b", { x: 50, y: 0, width: 50, height: 100 }, 2);
  const source = await system.source();
  await source.submit([
    { kind: "absolute-motion", x: 0.25, y: 0.5 },
    { kind: "press", key: 0x110 },
    { kind: "release", key: 0x110 },
    { kind: "absolute-motion", x: 0.75, y: 0.5 },
    { kind: "press", key: 30, character: 97 },
    { kind: "release", key: 30 },
  ]);
  assert.equal(await waiting(a), [
    { kind: "absolute-motion", x: 25, y: 50 },
    { kind: "focus-enter" },
    { kind: "press", key: 0x110 },
    { kind: "release", key: 0x110 },
    { kind: "hover-leave" },
    { kind: "press", key: 30, character: 97 },
    { kind: "release", key: 30 },
  ]);
  assert.equal(await waiting(b), [{ kind: "absolute-motion", x: 25, y: 50 }]);
});

test("buffer, views and held keys survive the server's death", async (context) => {
  const system = await desktop(context);
  const display = await system.display({ width: 64, height: 48 });
  const gui = await window(system, "a", { x: 10, y: 8, width: 20, height: 10 }, 0x445566);
  const source = await system.source();
  await source.submit([
    { kind: "absolute-motion", x: 0.25, y: 0.25 },
    { kind: "press", key: 0x110 },
  ]);
  assert.is((await waiting(gui)).length, 3);
  let redrawn = 0;
  gui.onRedraw(({ pixels }) => {
    redrawn += 1;
    pixels.fill(0x445566);
    gui.refresh();
  });
  system.restart();
  assert.equal((await waiting(gui)).slice(0, 1), [{ kind: "release", key: 0x110 }]);
  await gui.mode();
  assert.is(redrawn, 1);
  await display.refresh();
  assert.is(display.at(10, 8), 0x445566);
  assert.is(display.at(9, 8), background);
});

test.run();
