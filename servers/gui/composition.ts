/** Draws a part of the screen into a display's buffer. */

import type { PixelBuffer } from "../../lib/pixel-buffer.js";
import { covers, intersection, isEmpty } from "../../lib/rectangle.js";
import type { Point, Rect } from "../../sessions/geometry/geometry.generated.js";

/** Pixels that lie somewhere on the screen. */
export interface Layer {
  /** Where on the screen. */
  readonly rect: Rect;
  readonly pixels: Pick<PixelBuffer, "area" | "pixels" | "opacity">;
  /** Which of the pixels is at the top left of `rect`. */
  readonly origin: Point;
}

/**
 * Draws `rect` of the screen, which lies in the target, whose top left shows the point `at`: `layers` from the front to
 * the back, and `background` behind them.
 */
export function compose(
  target: Pick<PixelBuffer, "area" | "pixels">,
  at: Point,
  rect: Rect,
  layers: readonly Layer[],
  background: number,
): void {
  // What lies behind something that hides all of it need not be drawn.
  const hiding = layers.findIndex((layer) => layer.pixels.opacity === undefined && covers(layer.rect, rect));
  const seen = hiding < 0 ? layers : layers.slice(0, hiding + 1);
  const { width } = target.area;
  if (hiding < 0) {
    for (let y = rect.y; y < rect.y + rect.height; y += 1) {
      const start = (y - at.y) * width + rect.x - at.x;
      target.pixels.fill(background, start, start + rect.width);
    }
  }
  for (const { rect: place, pixels, origin } of [...seen].reverse()) {
    const part = intersection(rect, place);
    if (isEmpty(part)) continue;
    for (let y = part.y; y < part.y + part.height; y += 1) {
      const from = (y - place.y + origin.y) * pixels.area.width + part.x - place.x + origin.x;
      const to = (y - at.y) * width + part.x - at.x;
      target.pixels.set(pixels.pixels.subarray(from, from + part.width), to);
    }
  }
}
