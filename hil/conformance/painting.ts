/** What suites paint, and where they find it on a screen. */
import assert from "node:assert/strict";
import type { FramebufferConnection } from "../../sessions/framebuffer/index.js";
import type { Area, Point } from "../../sessions/geometry/geometry.generated.js";
import type { Picture } from "../picture.js";
import { until } from "./case.js";

/** A colour of its own for each pixel of up to 256 by 256; `seed` keeps pictures apart. */
export function color(x: number, y: number, seed = 0): number {
  return ((0xc0 ^ (seed << 3)) << 16) | (y << 8) | x;
}

/** Paints every pixel of a buffer. */
export function paint({ area, pixels }: { readonly area: Area; readonly pixels: Uint32Array }, seed = 0): void {
  for (let y = 0; y < area.height; ++y)
    for (let x = 0; x < area.width; ++x) pixels[y * area.width + x] = color(x, y, seed);
}

export function seen(picture: Picture, x: number, y: number): number {
  const [red, green, blue] = picture.at(x, y);
  return (red << 16) | (green << 8) | blue;
}

/** Where the painting is, of which the pixels from `from` on are shown, `size` of them; undefined where they are not all. */
export function find(
  picture: Picture,
  size: Area,
  { from = { x: 0, y: 0 }, seed = 0 }: { readonly from?: Point; readonly seed?: number } = {},
): Point | undefined {
  const whole = (left: number, top: number): boolean => {
    for (let y = 0; y < size.height; ++y)
      for (let x = 0; x < size.width; ++x)
        if (seen(picture, left + x, top + y) !== color(from.x + x, from.y + y, seed)) return false;
    return true;
  };
  for (let top = 0; top + size.height <= picture.height; ++top)
    for (let left = 0; left + size.width <= picture.width; ++left)
      if (seen(picture, left, top) === color(from.x, from.y, seed) && whole(left, top)) return { x: left, y: top };
  return undefined;
}

/** Waits until the painting is on the screen, pixel by pixel. Resolves to its place. */
export async function found(
  screen: { screenshot(): Promise<Picture> },
  size: Area,
  options: { readonly from?: Point; readonly seed?: number } = {},
): Promise<Point> {
  let place: Point | undefined;
  await until("the painting is on the screen", async () => {
    place = find(await screen.screenshot(), size, options);
    return place !== undefined;
  });
  return place as Point;
}

/** Paints anew, as another painting, whenever a server that was killed comes back. */
export function repaint(session: FramebufferConnection, seed: number): void {
  session.onRedraw((buffer) => {
    paint(buffer, seed);
    session.refresh();
  });
}

/** Fails unless a sync waits until the picture was fetched, and no longer. What was painted before is on the screen. */
export async function syncs(session: FramebufferConnection, screen: { screenshot(): Promise<Picture> }): Promise<void> {
  await session.sync();
  session.refresh();
  let synced = false;
  const sync = session.sync().then(() => (synced = true));
  await session.mode();
  assert.ok(!synced, "nobody has fetched it");
  await screen.screenshot();
  await sync;
}
