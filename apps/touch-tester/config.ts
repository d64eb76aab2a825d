/** The options of the tester. */
import { type Infer, s } from "../../base/schema.js";

export const configSchema = s.object({
  width: s.integer({ min: 16, max: 8192, default: 720, doc: "Pixels of the window at first." }),
  height: s.integer({ min: 16, max: 8192, default: 440, doc: "Pixels of the window at first." }),
  full: s.boolean({ default: false, doc: "Takes all the room there is, as to test a whole touch screen." }),
});
export type TouchTesterConfig = Infer<typeof configSchema>;
