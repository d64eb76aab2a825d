/** The options of the loopback. */
import { type Infer, s } from "../../base/schema.js";

export const configSchema = s.object({
  macPrefix: s.string({
    pattern: "^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$",
    default: "02:00:00:00:00:00",
    doc: "Address before the first one given out: sessions count on from it.",
  }),
});
export type LoopbackConfig = Infer<typeof configSchema>;
