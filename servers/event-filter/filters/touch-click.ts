/** One finger moves the pointer and holds the left button, beside being a touch. */
import { keyCode } from "../../../lib/input/key-codes.js";
import { filterKind } from "./filter.js";

const button = keyCode("BTN_LEFT");

export const touchClick = filterKind({
  options: {},
  lists: {},
  make(_settings, _surroundings, sink) {
    const fingers = new Set<number>();
    /** The finger that is the pointer: the first one that came. Those that came while it was there only touch. */
    let pointer: number | undefined;
    return {
      handle(event) {
        sink(event);
        if (event.kind === "touch") {
          const first = fingers.size === 0;
          fingers.add(event.id);
          if (first) pointer = event.id;
          if (event.id === pointer) sink({ kind: "absolute-motion", x: event.x, y: event.y });
          if (first) sink({ kind: "press", key: button });
        } else if (event.kind === "touch-release") {
          fingers.delete(event.id);
          if (event.id !== pointer) return;
          pointer = undefined;
          sink({ kind: "release", key: button });
        }
      },
    };
  },
});
