/** The options of the monitor. */
import { type Infer, s } from "../../base/schema.js";

export const configSchema = s.object({
  greeting: s.string({
    default: 'Bulkhead. "help" lists the commands.',
    doc: "First line that somebody sees who joins.",
  }),
  prompt: s.string({ default: "bulkhead> ", doc: "What is in front of each line." }),
  address: s.string({
    pattern: "^\\d{1,3}(\\.\\d{1,3}){3}$",
    default: "10.10.0.2",
    doc: "IPv4 address from which `ping` asks.",
  }),
});
export type MonitorConfig = Infer<typeof configSchema>;
