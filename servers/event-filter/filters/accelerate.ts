/** Fast motions of a mouse go further. */
import { s } from "../../../base/schema.js";
import { filterKind } from "./filter.js";

/** Steps of one motion from which on it is as fast as can be, at full sensitivity. */
const fastest = 255;

export const accelerate = filterKind({
  options: {
    max: s.number({ min: 1, max: 1000, default: 20, doc: "By how much the fastest motion is multiplied." }),
    sensitivityPercent: s.number({
      min: 1,
      max: 10_000,
      default: 100,
      doc: `At 100, motions of ${fastest} steps are the fastest; at 200, of half as many.`,
    }),
    curve: s.integer({
      min: 0,
      max: 255,
      default: 127,
      doc: "0: grows evenly with the speed; 255: slow motions stay nearly as they are.",
    }),
  },
  lists: {},
  make({ max, sensitivityPercent, curve }, _surroundings, sink) {
    const bend = curve / 255;
    return {
      handle(event) {
        if (event.kind !== "relative-motion") return sink(event);
        // Of both axes together: a slanted motion keeps its direction.
        const speed = Math.min(1, (Math.hypot(event.x, event.y) * sensitivityPercent) / 100 / fastest);
        const factor = 1 + (max - 1) * ((1 - bend) * speed + bend * speed ** 3);
        sink({ ...event, x: event.x * factor, y: event.y * factor });
      },
    };
  },
});
