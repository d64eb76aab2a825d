/** Turns keys into others, or drops them. */
import { s } from "../../../base/schema.js";
import { keySchema, keyTable } from "../../../lib/input/key-schema.js";
import { filterKind } from "./filter.js";

export const remap = filterKind({
  options: {},
  lists: {
    keys: keyTable(keySchema(), { default: {}, doc: 'Which key becomes which: `{ "KEY_CAPSLOCK": "KEY_LEFTCTRL" }`.' }),
    ignore: s.array(keySchema(), { default: [], doc: "Keys that are dropped." }),
  },
  make({ keys, ignore }, _surroundings, sink) {
    const ignored = new Set(ignore);
    return {
      handle(event) {
        if (event.kind !== "press" && event.kind !== "release") return sink(event);
        if (ignored.has(event.key)) return;
        const key = keys.get(event.key);
        sink(key === undefined ? event : { ...event, key });
      },
    };
  },
});
