/** The options of the RTC driver. */
import { selectorFields } from "../../base/policy.js";
import { type Infer, s } from "../../base/schema.js";

const rights = {
  writeable: s.boolean({ default: false, doc: "Whether its sessions may set the clock, for everybody." }),
};

export const configSchema = s.object({
  grant: s.string({ default: "clock", doc: "Name of the grant that is the clock." }),
  standIn: s.boolean({
    default: true,
    doc: "Whether the system clock serves when the driver starts without a clock; else sessions wait for one.",
  }),
  report: s.boolean({
    default: false,
    doc: "Whether it reports, as `clock`, what keeps the time, and whether it is there.",
  }),
  policies: s.array(s.object({ ...selectorFields, ...rights }), {
    default: [],
    doc: "Who reads the clock, and who sets it, by label.",
  }),
  defaultPolicy: s
    .object(rights, { doc: "Serves what no policy matches; without it such sessions are denied." })
    .optional(),
});
export type RtcConfig = Infer<typeof configSchema>;
