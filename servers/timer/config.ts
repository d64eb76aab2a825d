/** The options of the timer. */
import { type Infer, s } from "../../base/schema.js";

export const configSchema = s.object({
  shortestPeriod: s.duration({ min: 0.05, default: "250us", doc: "Periods below this count as this." }),
});
export type TimerConfig = Infer<typeof configSchema>;
