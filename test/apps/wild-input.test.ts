/** Whatever input comes, in whatever order, to windows of whatever size: applications draw, in bounded time. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { ComponentBoard } from "../../apps/component-viewer/component-board.js";
import { Components } from "../../apps/component-viewer/components.js";
import { PictureView } from "../../apps/image-viewer/picture-view.js";
import { Bar } from "../../apps/status-bar/bar.js";
import { Clipboard } from "../../apps/terminal/clipboard.js";
import { configSchema } from "../../apps/terminal/config.js";
import { TerminalWindow } from "../../apps/terminal/terminal-window.js";
import { InputBoard } from "../../apps/touch-tester/input-board.js";
import type { Env } from "../../base/env.js";
import { Canvas } from "../../lib/drawing/canvas.js";
import { blankSurface } from "../../lib/drawing/surface.js";
import type { WindowContent } from "../../lib/drawing/window.js";
import { keyCode } from "../../lib/input/key-codes.js";
import { covers } from "../../lib/rectangle.js";
import { axes, type InputEvent } from "../../sessions/event/index.js";
import type { Area } from "../../sessions/geometry/geometry.generated.js";
import { suite } from "../support/suite.js";

const test = suite("wild input");

const coordinate = fc.oneof(
  fc.double({ min: -20, max: 500, noNaN: true }),
  fc.constantFrom(-1e9, 1e9, 3.4e38, -3.4e38, 0.5, 2 ** 31),
);
const key = fc.oneof(
  fc
    .constantFrom("BTN_LEFT", "BTN_MIDDLE", "KEY_0", "KEY_1", "KEY_UP", "KEY_LEFTSHIFT", "KEY_LEFTCTRL", "KEY_V")
    .map(keyCode),
  fc.nat(0xffffffff),
);
const event: fc.Arbitrary<InputEvent> = fc.oneof(
  fc.record({ kind: fc.constant("press" as const), key, character: fc.nat(0x10ffff) }),
  fc.record({ kind: fc.constant("press" as const), key }),
  fc.record({ kind: fc.constant("release" as const), key }),
  fc.record({
    kind: fc.constantFrom("absolute-motion" as const, "relative-motion" as const, "wheel" as const),
    x: coordinate,
    y: coordinate,
  }),
  fc.record({
    kind: fc.constant("touch" as const),
    id: fc.oneof(fc.nat(2), fc.nat(0xffffffff)),
    x: coordinate,
    y: coordinate,
  }),
  fc.record({ kind: fc.constant("touch-release" as const), id: fc.nat(2) }),
  fc.record({ kind: fc.constantFrom("focus-enter" as const, "focus-leave" as const, "hover-leave" as const) }),
  fc.record({ kind: fc.constant("axis" as const), axis: fc.constantFrom(...axes), value: coordinate }),
);
const area = fc.record({ width: fc.integer({ min: 1, max: 300 }), height: fc.integer({ min: 1, max: 200 }) });

/** Gives the content events in batches, each with a picture after it, and the last ones in another size. */
function survives(make: (area: () => Area) => WindowContent): void {
  fc.assert(
    fc.property(
      area,
      area,
      fc.array(fc.array(event, { maxLength: 12 }), { maxLength: 6 }),
      (first, second, batches) => {
        let size = first;
        const content = make(() => size);
        let canvas = new Canvas(blankSurface(first.width, first.height));
        const draw = (fresh: boolean): void => {
          const damage = content.draw(canvas, fresh);
          assert.ok(damage.width === 0 || covers(canvas.bounds, damage), JSON.stringify(damage));
        };
        draw(true);
        for (const [index, events] of batches.entries()) {
          content.input?.(events);
          if (index === 3) {
            size = second;
            canvas = new Canvas(blankSurface(second.width, second.height));
          }
          draw(index === 3);
        }
        // Lets a key go that would be repeated.
        content.input?.([{ kind: "focus-leave" }]);
      },
    ),
    { numRuns: 60 },
  );
}

const frame = (area: () => Area) => ({
  title: "",
  changed: () => {},
  get area() {
    return area();
  },
});

test("the touch and key tester draws", () => survives(() => new InputBoard(() => {})));

test("the image viewer draws", () => {
  const picture = blankSurface(37, 23, { alpha: true });
  survives((size) => {
    const view = new PictureView(frame(size));
    view.show(picture);
    return view;
  });
});

test("the component viewer draws", () => {
  const children = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [
      `component ${index}\u001b[31m`,
      {
        state: "alive",
        ram: { quota: index, used: 5 },
        requested: [{ service: "Gui", label: "", state: "OPEN", peer: `component ${(index * 7) % 30}\u001b[31m` }],
      },
    ]),
  );
  const components = new Components();
  components.changed({ children });
  survives(() => new ComponentBoard(components, () => {}));
});

test("the terminal draws, and a status bar as narrow as a pixel", async () => {
  const clipboard = await Clipboard.open({} as Env, false);
  const config = configSchema.parse({ scrollback: 20 }, [], []);
  survives((size) => new TerminalWindow(config, clipboard, frame(size)));
  survives(() => {
    const bar = new Bar("name", () => {});
    bar.clock = "12:34";
    bar.focus = "somebody";
    bar.measured({ processor: 2, memory: 1e15 });
    return bar;
  });
});

test.run();
