/** Tells other components of combinations of keys, by a report that counts them. */
import { s } from "../../../base/schema.js";
import { keySchema } from "../../../lib/input/key-schema.js";
import { filterKind } from "./filter.js";

export const shortcutReport = filterKind({
  options: {
    name: s.label({ default: "shortcuts", doc: "Label of the report." }),
  },
  lists: {
    shortcuts: s.record(s.array(keySchema(), { min: 1, max: 8 }), {
      default: {},
      doc: "Keys that are held, the last one pressed last, by the shortcut's name. No other key may be held.",
    }),
  },
  make({ name, shortcuts }, { publish }, sink) {
    const held = new Set<number>();
    // Counters instead of the last name: a reader that was slow sees how often each came.
    const counts = Object.fromEntries(Object.keys(shortcuts).map((shortcut) => [shortcut, 0]));
    return {
      handle(event) {
        sink(event);
        if (event.kind === "release") held.delete(event.key);
        if (event.kind !== "press" || event.key === 0) return;
        held.add(event.key);
        for (const [shortcut, keys] of Object.entries(shortcuts)) {
          if (keys.at(-1) !== event.key || keys.length !== held.size || !keys.every((key) => held.has(key))) continue;
          counts[shortcut] = (counts[shortcut] as number) + 1;
          publish(name, { shortcuts: counts });
        }
      },
    };
  },
});
