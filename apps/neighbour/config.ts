/** The options of the neighbour. */
import { type Infer, s } from "../../base/schema.js";

export const configSchema = s.object({
  address: s.string({ pattern: "^\\d{1,3}(\\.\\d{1,3}){3}$", default: "10.10.0.1", doc: "Its IPv4 address." }),
});
export type NeighbourConfig = Infer<typeof configSchema>;
