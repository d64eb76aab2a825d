/** The options of the crosslink. */
import { type Infer, s } from "../../base/schema.js";

export const configSchema = s.object({
  buffer: s.size({
    min: 1,
    max: 16 * 2 ** 20,
    default: "4K",
    doc: "Bytes that wait in each direction; a writer waits for room beyond.",
  }),
});
export type CrosslinkConfig = Infer<typeof configSchema>;
