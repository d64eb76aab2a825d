/** The options of the component viewer. */
import { type Infer, s } from "../../base/schema.js";

export const configSchema = s.object({
  width: s.integer({ min: 200, max: 8192, default: 700, doc: "Pixels of the window at first." }),
  height: s.integer({ min: 120, max: 8192, default: 480, doc: "Pixels of the window at first." }),
  period: s.duration({ min: 100, default: "1s", doc: "Time from one measurement to the next." }),
});
export type ComponentViewerConfig = Infer<typeof configSchema>;
