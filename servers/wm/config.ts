/** The options of the window manager. */
import { type Infer, s } from "../../base/schema.js";
import { keySchema } from "../../lib/input/key-schema.js";
import type { Action } from "./shortcuts.js";

const shortcut = (fallback: readonly string[], doc: string) => s.array(keySchema(), { max: 6, default: fallback, doc });

const actions = {
  next: shortcut(["KEY_LEFTALT", "KEY_TAB"], "The window that was used before."),
  previous: shortcut(["KEY_LEFTALT", "KEY_LEFTSHIFT", "KEY_TAB"], "The other way round."),
  close: shortcut(["KEY_LEFTALT", "KEY_F4"], "Closes the window."),
  maximise: shortcut(["KEY_LEFTMETA", "KEY_UP"], "The window fills the screen, or no more."),
  restore: shortcut(["KEY_LEFTMETA", "KEY_DOWN"], "The window has its own place and size again."),
  left: shortcut(["KEY_LEFTMETA", "KEY_LEFT"], "The window fills the left half, or no more."),
  right: shortcut(["KEY_LEFTMETA", "KEY_RIGHT"], "The window fills the right half, or no more."),
} satisfies Record<Action, unknown>;

export const configSchema = s.object({
  keys: s.object(actions, {
    default: {},
    doc: "Shortcuts: keys that are held, the last one pressed last. An empty list: none.",
  }),
  reports: s.array(s.enumeration(["layout", "focus"]), {
    default: [],
    doc: "`layout`: where windows are. `focus`: who gets the keys, by the label that the GUI server knows.",
  }),
  restore: s.boolean({
    default: false,
    doc: "Whether the ROM `layout` says where windows were, such as its own report.",
  }),
});
export type WmConfig = Infer<typeof configSchema>;
