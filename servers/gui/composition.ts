/** Draws a part of the screen into a display's buffer. */
import { composeRectangle, type Layer, type Picture } from "../../bindings/pixel.js";
import { moved } from "../../lib/rectangle.js";
import type { Point, Rect } from "../../sessions/geometry/geometry.generated.js";

/**
 * Draws `rect` of the screen into a buffer whose top left shows the point `at`: `layers` from the front to the back, which
 * lie on the screen, and `background` behind them.
 */
export function compose(target: Picture, at: Point, rect: Rect, layers: readonly Layer[], background: number): void {
  const by = { x: -at.x, y: -at.y };
  composeRectangle(
    target,
    moved(rect, by),
    layers.map((layer) => ({ ...layer, rect: moved(layer.rect as Rect, by) })),
    background,
  );
}
