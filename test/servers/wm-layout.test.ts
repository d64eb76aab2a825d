/** The window manager's arithmetic: frames, places, the layout and its document, shortcuts. No screen needed. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { checked } from "../../base/schema.js";
import { keyCode } from "../../lib/input/key-codes.js";
import { covers, intersection, isEmpty } from "../../lib/rectangle.js";
import { configSchema } from "../../servers/wm/config.js";
import { Cycle } from "../../servers/wm/cycle.js";
import { borderWidth, contentOf, framed, partAt, titleHeight } from "../../servers/wm/frame.js";
import { Layout, type Lie } from "../../servers/wm/layout.js";
import { layoutDocument } from "../../servers/wm/layout-document.js";
import { placeFor } from "../../servers/wm/placement.js";
import { type Action, Shortcuts } from "../../servers/wm/shortcuts.js";
import { suite } from "../support/suite.js";

const test = suite("wm: layout");

const area = { x: 0, y: 20, width: 800, height: 580 };

test("a frame and its content fit each other", () => {
  for (const filling of [false, true]) {
    const content = { width: 300, height: 200 };
    const { x, y, ...size } = contentOf(framed(content, filling), filling);
    assert.equal(size, content);
    assert.equal([x, y], [filling ? 0 : borderWidth, titleHeight]);
  }
  assert.equal(contentOf({ width: 0, height: 0 }, false).width, 1);
});

test("every point of a frame is one part of it", () => {
  const frame = { width: 200, height: 150 };
  const kind = (x: number, y: number, filling = false): string => {
    const part = partAt(frame, filling, { x, y });
    return part.kind === "edge" ? Object.keys(part.edges).join(" ") : part.kind;
  };
  assert.equal([kind(100, 10), kind(100, 80), kind(190, 10), kind(168, 10)], ["title", "content", "close", "maximise"]);
  assert.equal([kind(1, 80), kind(198, 80), kind(100, 148), kind(100, 1)], ["left", "right", "bottom", "top"]);
  assert.equal(
    [kind(1, 148), kind(198, 130), kind(10, 148), kind(1, 5)],
    ["left bottom", "right bottom", "left bottom", "left top"],
  );
  assert.equal([kind(1, 80, true), kind(1, 1, true), kind(199, 149, true)], ["content", "title", "content"]);
});

test("new windows hide nothing while there is room, and lie within the screen", () => {
  const size = { width: 380, height: 280 };
  const places = [{ x: 400, y: 300, ...size }];
  for (let count = 0; count < 3; ++count) {
    const place = { ...placeFor(size, area, places), ...size };
    assert.ok(covers(area, place), JSON.stringify(place));
    for (const other of places) assert.ok(isEmpty(intersection(place, other)), JSON.stringify([place, other]));
    places.unshift(place);
  }
  assert.equal(placeFor({ width: 100, height: 80 }, area, []), { x: 16, y: 36 });
  assert.equal(placeFor({ width: 790, height: 600 }, area, []), { x: 10, y: 20 });
  // Not enough room: where it hides least.
  const wide = { x: 150, y: 100, width: 500, height: 400 };
  assert.equal(placeFor({ width: 300, height: 400 }, area, [wide]), { x: 0, y: 200 });
  // Without room, below the title of the front one, and anew from the top left.
  assert.equal(placeFor({ width: 500, height: 400 }, area, [area]), { x: titleHeight, y: 20 + titleHeight });
  assert.equal(placeFor({ width: 790, height: 570 }, area, [area]), { x: 0, y: 20 });
});

test("windows come to the front, hide, and go; the next one gets the keys", () => {
  const layout = new Layout(area);
  for (const id of [1, 2, 3]) layout.add(id, `app ${id}`, "", { width: 200, height: 100 });
  const order = (): number[] => layout.windows.map(({ id }) => id);
  assert.equal([order(), layout.active?.id], [[3, 2, 1], 3]);
  layout.activate(1);
  assert.equal([order(), layout.active?.id], [[1, 3, 2], 1]);
  layout.hide(1);
  assert.is(layout.active?.id, 3);
  layout.remove(3);
  assert.equal([order(), layout.active?.id], [[1, 2], 2]);
  layout.remove(2);
  assert.is(layout.active, undefined);
  layout.activate(1);
  assert.is(layout.active?.id, 1);
});

test("a window that comes back has its place in the order, and the keys if it had them", () => {
  const layout = new Layout(area);
  const add = (id: number): void => layout.add(id, `app ${id}`, "", { width: 200, height: 100 });
  for (const id of [1, 2, 3]) add(id);
  layout.activate(1);
  for (const id of [3, 1, 2]) layout.remove(id);
  for (const id of [2, 1, 3]) add(id);
  assert.equal([layout.windows.map(({ id }) => id), layout.active?.id], [[1, 3, 2], 1]);
  // One that was never here is in front of all.
  add(4);
  assert.equal([layout.windows.map(({ id }) => id), layout.active?.id], [[4, 1, 3, 2], 4]);
});

test("a window that fills the screen has its own place back, also after the screen has changed", () => {
  const layout = new Layout(area);
  layout.add(1, "app", "", { width: 200, height: 100 });
  layout.move(1, { x: 500, y: 400 });
  const normal = layout.find(1)?.normal;
  const wanted = () => layout.find(1)?.wanted;
  for (const lie of ["maximised", "left", "right"] as const satisfies readonly Lie[]) layout.lay(1, lie);
  assert.equal(wanted(), { x: 400, y: 20, width: 400, height: 580 });
  layout.area = { x: 0, y: 0, width: 640, height: 480 };
  assert.equal(wanted(), { x: 320, y: 0, width: 320, height: 480 });
  layout.lay(1, "right");
  assert.equal(wanted(), normal);
  layout.lay(1, "maximised");
  assert.equal(layout.wantedContent(layout.windows[0] as never), { width: 640, height: 480 - titleHeight });
  // Out of reach on the smaller screen, so it is moved.
  layout.area = { x: 0, y: 0, width: 320, height: 240 };
  layout.lay(1, "maximised");
  assert.equal({ x: wanted()?.x, y: wanted()?.y }, { x: 320 - 48, y: 240 - titleHeight });
});

test("the edges that are not pulled at stay while the application is slow", () => {
  const layout = new Layout(area);
  layout.add(1, "app", "", { width: 200, height: 100 });
  layout.move(1, { x: 300, y: 200 });
  const frame = () => layout.frame(layout.windows[0] as never);
  const from = frame();
  layout.resize(1, from, { left: true, top: true }, { x: -40, y: 30 });
  assert.equal(frame(), from);
  layout.resized(1, { width: 220, height: 85 });
  assert.equal(frame(), { ...framed({ width: 220, height: 85 }, false), x: 280, y: 215 });
  layout.resized(1, { width: 240, height: 70 });
  assert.equal(frame(), layout.windows[0]?.wanted);
  // No smaller than can be used.
  layout.resize(1, frame(), { right: true, bottom: true }, { x: -5000, y: -5000 });
  assert.equal(layout.wantedContent(layout.windows[0] as never), { width: 80, height: 40 });
  // Of its own accord, it grows from its corner.
  layout.resized(1, { width: 80, height: 40 });
  const corner = frame();
  layout.resized(1, { width: 120, height: 60 });
  assert.equal(frame(), { ...corner, ...framed({ width: 120, height: 60 }, false) });
});

test("whatever is done, windows can be got hold of, and the document brings them back", () => {
  const id = fc.integer({ min: 1, max: 4 });
  const far = fc.integer({ min: -3000, max: 3000 });
  const step = fc.oneof(
    fc.record({ do: fc.constant("add" as const), id, width: fc.integer({ min: 1, max: 800 }) }),
    fc.record({ do: fc.constant("remove" as const), id }),
    fc.record({ do: fc.constant("move" as const), id, x: far, y: far }),
    fc.record({ do: fc.constant("resize" as const), id, x: far, y: far, left: fc.boolean(), top: fc.boolean() }),
    fc.record({ do: fc.constant("lay" as const), id, lie: fc.constantFrom<Lie>("maximised", "left", "right") }),
    fc.record({ do: fc.constant("follow" as const), id }),
    fc.record({ do: fc.constant("hide" as const), id }),
    fc.record({ do: fc.constant("activate" as const), id }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const layout = new Layout(area);
      for (const one of steps) {
        const window = layout.find(one.id);
        if (one.do === "add" && window === undefined)
          layout.add(one.id, `app ${one.id}`, "", { width: one.width, height: 100 });
        if (one.do === "remove") layout.remove(one.id);
        if (one.do === "move") layout.move(one.id, one);
        if (one.do === "lay") layout.lay(one.id, one.lie);
        if (one.do === "hide") layout.hide(one.id);
        if (one.do === "activate") layout.activate(one.id);
        if (window !== undefined && one.do === "follow") layout.resized(one.id, layout.wantedContent(window));
        if (window !== undefined && one.do === "resize") {
          const edges = {
            ...(one.left ? { left: true as const } : { right: true as const }),
            ...(one.top && { top: true as const }),
          };
          layout.resize(one.id, layout.frame(window), edges, one);
        }
        for (const { wanted } of layout.windows) {
          const bar = intersection({ ...wanted, height: titleHeight }, area);
          assert.ok(bar.height > 0, JSON.stringify(wanted));
        }
        assert.is(layout.active?.hidden ?? false, false);
      }
      const document = layout.document();
      const again = new Layout(area);
      again.remember(checked(layoutDocument, JSON.parse(JSON.stringify(document)), "its own document"));
      // As applications come back: in no order of ours.
      for (const { id, label, normal, lie } of [...layout.windows].sort((a, b) => a.id - b.id)) {
        again.add(id, label, "", { width: 5, height: 5 });
        const back = again.find(id);
        assert.equal([back?.lie, back?.normal.width], [lie, normal.width]);
      }
      const order = (of: Layout): number[] => of.windows.map((window) => window.id);
      assert.equal(order(again), order(layout));
    }),
    { numRuns: 200 },
  );
});

test("shortcuts take their keys, and no others", () => {
  const shortcuts = new Shortcuts(checked(configSchema, {}, "the configuration").keys);
  const done: Action[] = [];
  const take = (kind: "press" | "release", name: string): boolean =>
    shortcuts.take({ kind, key: keyCode(`KEY_${name}`) }, (action) => done.push(action));
  assert.equal([take("press", "TAB"), take("release", "TAB")], [false, false]);
  assert.equal([take("press", "LEFTALT"), take("press", "TAB"), take("release", "TAB")], [false, true, true]);
  assert.ok(shortcuts.holds("next"));
  // With more keys it means more.
  assert.equal([take("press", "LEFTSHIFT"), take("press", "TAB")], [false, true]);
  assert.equal(
    [take("release", "LEFTALT"), take("release", "LEFTSHIFT"), take("release", "TAB")],
    [false, false, true],
  );
  assert.not(shortcuts.holds("next"));
  assert.equal(done, ["next", "previous"]);
  take("press", "LEFTMETA");
  shortcuts.reset();
  assert.is(take("press", "UP"), false);
});

test("going through windows follows the order in which it began", () => {
  const cycle = new Cycle();
  assert.is(cycle.step([3, 2, 1], false), 2);
  assert.is(cycle.step([2, 3, 1], false), 1);
  assert.is(cycle.step([1, 2, 3], false), 3);
  assert.is(cycle.step([3, 1, 2], true), 1);
  // One that is gone is left out.
  assert.is(cycle.step([1, 2], false), 2);
  cycle.end();
  assert.is(cycle.step([1, 2], false), 2);
  cycle.end();
  assert.is(cycle.step([], false), undefined);
  assert.is(cycle.step([7], false), 7);
});

test.run();
