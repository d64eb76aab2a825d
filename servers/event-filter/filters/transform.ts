/** Moves, scales, turns and mirrors the positions of pointers and touches, for devices that are mounted otherwise. */
import { type Schema, s } from "../../../base/schema.js";
import type { Spot } from "./area.js";
import { filterKind } from "./filter.js";

const vector = (fallback: number) =>
  s.object({
    x: s.number({ min: -1000, max: 1000, default: fallback, doc: "Across." }),
    y: s.number({ min: -1000, max: 1000, default: fallback, doc: "Down." }),
  });

export type Step =
  | { readonly translate: Spot }
  | { readonly scale: Spot }
  | { readonly rotate: number }
  | { readonly reorient: 90 | 180 | 270 }
  | { readonly flip: "horizontal" | "vertical" };

const step: Schema<Step> = s.union([
  s.object({ translate: vector(0).doc("Adds shares of the screen.") }),
  s.object({ scale: vector(1).doc("Multiplies, from the upper left corner on.") }),
  s.object({ rotate: s.number({ min: -360, max: 360, doc: "Degrees clockwise, around the middle." }) }),
  s.object({
    reorient: s.union([s.literal(90), s.literal(180), s.literal(270)], {
      doc: "By how many degrees clockwise the screen is mounted.",
    }),
  }),
  s.object({ flip: s.enumeration(["horizontal", "vertical"], { doc: "Mirrors left and right, or up and down." }) }),
]);

/** x' = a x + b y + c, and y' = d x + e y + f. */
type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

function matrix(entry: Step): Matrix {
  if ("translate" in entry) return [1, 0, entry.translate.x, 0, 1, entry.translate.y];
  if ("scale" in entry) return [entry.scale.x, 0, 0, 0, entry.scale.y, 0];
  if ("flip" in entry) return entry.flip === "horizontal" ? [-1, 0, 1, 0, 1, 0] : [1, 0, 0, 0, -1, 1];
  if ("reorient" in entry) {
    if (entry.reorient === 90) return [0, -1, 1, 1, 0, 0];
    return entry.reorient === 180 ? [-1, 0, 1, 0, -1, 1] : [0, 1, 0, -1, 0, 1];
  }
  const sine = Math.sin((entry.rotate * Math.PI) / 180);
  const cosine = Math.cos((entry.rotate * Math.PI) / 180);
  return [cosine, -sine, (1 - cosine + sine) / 2, sine, cosine, (1 - sine - cosine) / 2];
}

export const transform = filterKind({
  options: {},
  lists: { steps: s.array(step, { default: [], doc: "What happens to each position, in turn." }) },
  make({ steps }, _surroundings, sink) {
    const matrices = steps.map(matrix);
    const moved = (spot: Spot): Spot =>
      matrices.reduce(({ x, y }, [a, b, c, d, e, f]) => ({ x: a * x + b * y + c, y: d * x + e * y + f }), spot);
    return {
      handle(event) {
        if (event.kind !== "absolute-motion" && event.kind !== "touch") return sink(event);
        const { x, y } = moved(event);
        sink({ ...event, x, y });
      },
    };
  },
});
