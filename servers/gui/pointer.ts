/** The pointer that the server draws. */
import type { Layer } from "../../bindings/pixel.js";
import type { Point, Rect } from "../../sessions/geometry/geometry.generated.js";

/** `#` is its border, `.` its inside. */
const shape = [
  "##           ",
  "#.#          ",
  "#..#         ",
  "#...#        ",
  "#....#       ",
  "#.....#      ",
  "#......#     ",
  "#.......#    ",
  "#........#   ",
  "#.........#  ",
  "#..........# ",
  "#......##### ",
  "#...#..#     ",
  "#..# #..#    ",
  "#.#  #..#    ",
  "##    #..#   ",
  "#     #..#   ",
  "       #..#  ",
  "       ####  ",
];
const area = { width: 13, height: shape.length };
const cells = shape.join("");
const picture: Layer["picture"] = {
  area,
  pixels: Uint32Array.from(cells, (cell) => (cell === "." ? 0xffffff : 0x000000)),
  opacity: Uint8Array.from(cells, (cell) => (cell === " " ? 0 : 255)),
};

/** Where it is drawn when it points there. */
export function pointerRect({ x, y }: Point): Rect {
  return { x, y, ...area };
}

export function pointerLayer(point: Point): Layer {
  return { picture, rect: pointerRect(point), origin: { x: 0, y: 0 } };
}
