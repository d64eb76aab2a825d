/** The options of the status bar. */
import { type Infer, s } from "../../base/schema.js";

export const configSchema = s.object({
  name: s.string({ default: "Bulkhead", doc: "What stands at the left." }),
  height: s.integer({ min: 12, max: 200, default: 26, doc: "Pixels." }),
  clock: s.enumeration(["system", "rtc"], {
    default: "system",
    doc: "Whose time: the system's clock, or a session `Rtc`.",
  }),
  timeZone: s.string({ default: "UTC", doc: "Name of a time zone, such as `Europe/Berlin`." }),
  seconds: s.boolean({
    default: false,
    doc: "Whether the clock shows seconds, and so wakes once a second instead of a minute.",
  }),
  focus: s.boolean({ default: false, doc: "Says who has the focus, by ROM `focus`: a report of the GUI server." }),
  load: s.boolean({ default: false, doc: "Shows processor time and memory of all components, by a session `System`." }),
});
export type StatusBarConfig = Infer<typeof configSchema>;
