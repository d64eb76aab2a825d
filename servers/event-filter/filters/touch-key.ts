/** Taps on a part of the screen are a key. */
import { s } from "../../../base/schema.js";
import { keySchema } from "../../../lib/input/key-schema.js";
import { area, contains } from "./area.js";
import { filterKind } from "./filter.js";

export const touchKey = filterKind({
  options: {},
  lists: {
    taps: s.array(s.object({ area, key: keySchema({ doc: "The key that is pressed there." }) }), {
      default: [],
      doc: "Parts of the screen that are keys. Where several overlap, the first counts.",
    }),
  },
  make({ taps }, _surroundings, sink) {
    /** Which finger holds which key. */
    const held = new Map<number, number>();
    const fingers = new Set<number>();
    return {
      handle(event) {
        sink(event);
        if (event.kind === "touch") {
          // A finger that only passes presses nothing.
          if (fingers.has(event.id)) return;
          fingers.add(event.id);
          const tap = taps.find((candidate) => contains(candidate.area, event));
          if (tap === undefined) return;
          held.set(event.id, tap.key);
          sink({ kind: "press", key: tap.key });
        } else if (event.kind === "touch-release") {
          fingers.delete(event.id);
          const key = held.get(event.id);
          if (key === undefined) return;
          held.delete(event.id);
          sink({ kind: "release", key });
        }
      },
    };
  },
});
