/** Where the view is. */
import type { Rect } from "../../sessions/geometry/geometry.generated.js";
import type { GuiFbConfig } from "./config.js";

/** The view's place for what there is of the screen; `begins`: nobody has said a size yet. Never without a pixel. */
export function placement(config: GuiFbConfig, room: Rect, begins: boolean): Rect {
  const { initial } = config;
  const size = begins && initial !== undefined ? initial : config;
  const { x, y } = config;
  return {
    x: room.x + (x < 0 ? room.width + x : x),
    y: room.y + (y < 0 ? room.height + y : y),
    width: Math.max(1, size.width > 0 ? size.width : room.width + size.width),
    height: Math.max(1, size.height > 0 ? size.height : room.height + size.height),
  };
}
