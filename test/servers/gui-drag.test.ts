/** What is dragged by its own pixels: positions count from where the view was at the press. */
import * as assert from "uvu/assert";
import { keyCode } from "../../lib/input/key-codes.js";
import type { InputEvent } from "../../sessions/event/index.js";
import { Gui } from "../../sessions/gui/index.js";
import { desktop, waiting } from "../support/desktop.js";
import { suite } from "../support/suite.js";

const test = suite("gui: dragging");

const at = (x: number, y: number): InputEvent => ({ kind: "absolute-motion", x: (x + 0.5) / 100, y: (y + 0.5) / 100 });

for (const [name, down, move, up] of [
  [
    "the pointer",
    (x: number, y: number) => [at(x, y), { kind: "press", key: keyCode("BTN_LEFT") }],
    (x: number, y: number) => [at(x, y)],
    () => [{ kind: "release", key: keyCode("BTN_LEFT") }],
  ],
  [
    "a finger",
    (x: number, y: number) => [{ ...at(x, y), kind: "touch", id: 1 }],
    (x: number, y: number) => [{ ...at(x, y), kind: "touch", id: 1 }],
    () => [{ kind: "touch-release", id: 1 }],
  ],
] as readonly [string, ...((x: number, y: number) => InputEvent[])[]][]) {
  test(`a view that moves under ${name} does not change what is said of it`, async (context) => {
    const system = await desktop(context, { screen: { width: 100, height: 100 } });
    await system.display({ width: 100, height: 100 });
    const gui = context.use(await system.env("client").connect(Gui));
    await gui.makeBuffer({ width: 40, height: 40 });
    const view = await gui.view({ rect: { x: 10, y: 10, width: 40, height: 40 } });
    gui.refresh();
    await gui.mode();
    const source = await system.source();
    await source.submit((down as NonNullable<typeof down>)(20, 20));
    const seen = async () => (await waiting(gui)).flatMap((event) => ("x" in event ? [[event.x, event.y]] : []));
    assert.equal((await seen()).at(-1), [10, 10]);
    view.geometry({ x: 15, y: 12, width: 40, height: 40 });
    await gui.execute();
    await source.submit((move as NonNullable<typeof move>)(26, 23));
    assert.equal(await seen(), [[16, 13]]);
    await source.submit((up as NonNullable<typeof up>)(26, 23));
    await source.submit((down as NonNullable<typeof down>)(26, 23));
    assert.equal((await seen()).at(-1), [11, 11]);
  });
}

test.run();
