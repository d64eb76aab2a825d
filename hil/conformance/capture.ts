/** What every Capture does: displays get what has changed, and rest while nothing does. */
import assert from "node:assert/strict";
import { at0, holds } from "../../lib/rectangle.js";
import type { CaptureConnection } from "../../sessions/capture/index.js";
import type { Area, Point, Rect } from "../../sessions/geometry/geometry.generated.js";
import type { CapturePart } from "../parts.js";
import { refusal, type Suite, until } from "./case.js";
import { color, paint, repaint } from "./painting.js";

function buffer(session: CaptureConnection, area: Area): Promise<void> {
  return session.buffer({ area, millimeters: { width: 0, height: 0 }, viewport: at0(area) });
}

interface Fetched {
  readonly changed: readonly Rect[];
  /** The pixel there, as it is in the buffer. */
  at(point: Point): number;
}

async function fetch(session: CaptureConnection, from?: Point): Promise<Fetched> {
  const { pixels, area, changed } = await session.captureAt(from);
  const copy = new Uint32Array(pixels.buffer).slice();
  return { changed, at: ({ x, y }) => (copy[y * area.width + x] ?? 0) & 0xffffff };
}

/** Fetches until this pixel has changed; resolves to what brought it. */
async function fetchUntil(session: CaptureConnection, point: Point, value: number): Promise<Fetched> {
  let last: Fetched | undefined;
  await until(`the pixel at ${point.x}, ${point.y} has changed`, async () => {
    const now = await fetch(session);
    if (now.changed.some((rect) => holds(rect, point)) && now.at(point) === value) last = now;
    return last !== undefined;
  });
  return last as Fetched;
}

/** Paints everything, and waits until the display has it. */
async function painted({ painter, session, area }: CapturePart, seed = 0): Promise<void> {
  await buffer(session, area);
  paint(painter.buffer ?? (await painter.map()), seed);
  painter.refresh();
  await fetchUntil(session, { x: 3, y: 5 }, color(3, 5, seed));
}

/** Paints one pixel. */
function dot({ painter, area }: CapturePart, { x, y }: Point, value: number): void {
  const { pixels } = painter.buffer as { readonly pixels: Uint32Array };
  pixels[y * area.width + x] = value;
  painter.refresh({ x, y, width: 1, height: 1 });
}

const point = { x: 41, y: 17 };

export const capture: Suite<"capture"> = {
  need: "capture",
  cases: [
    {
      name: "there is a size, and nothing to capture before there is a buffer",
      async run({ session, area }) {
        const size = await session.screenSize();
        assert.ok(size.width >= area.width && size.height >= area.height);
        assert.equal(await refusal(session.captureAt()), "InvalidArgument");
      },
    },
    {
      name: "everything comes at first, then what has changed, then nothing",
      async run(part) {
        await painted(part);
        assert.deepEqual((await fetch(part.session)).changed, []);
        dot(part, point, 0xffffff);
        const { changed } = await fetchUntil(part.session, point, 0xffffff);
        const pixels = changed.reduce((sum, { width, height }) => sum + width * height, 0);
        assert.ok(pixels < part.area.width * part.area.height, `${pixels} pixels for one`);
        assert.deepEqual((await fetch(part.session)).changed, []);
      },
    },
    {
      name: "a capture begins where it is told to",
      async run(part) {
        await painted(part);
        const { at } = await fetch(part.session, { x: 100, y: 60 });
        assert.equal(at({ x: 0, y: 0 }), color(100, 60));
        assert.equal(at({ x: 20, y: 30 }), color(120, 90));
      },
    },
    {
      name: "a display that has stopped is woken by the next change, also by one that came before it stopped",
      async run(part) {
        await painted(part);
        let woken = 0;
        part.session.onWakeup(() => (woken += 1));
        await part.session.captureStopped();
        dot(part, point, 0xffffff);
        await until("it is woken", () => woken === 1);
        await fetchUntil(part.session, point, 0xffffff);
        dot(part, point, 0x808080);
        await part.painter.mode();
        await part.session.captureStopped();
        await until("it is woken at once", () => woken === 2);
      },
    },
    {
      name: "each of two displays gets every change",
      async run(part) {
        const other = await part.second();
        await buffer(other, part.area);
        await painted(part);
        await fetch(other);
        dot(part, point, 0xffffff);
        await fetchUntil(part.session, point, 0xffffff);
        await fetchUntil(other, point, 0xffffff);
      },
    },
    {
      name: "when the server was killed, everything comes again",
      async run(part, { restart }) {
        const { painter, session } = part;
        repaint(painter, 5);
        await painted(part);
        let woken = false;
        session.onWakeup(() => (woken = true));
        await restart();
        await until("it is woken", () => woken);
        await fetchUntil(session, { x: 7, y: 9 }, color(7, 9, 5));
      },
    },
  ],
};
