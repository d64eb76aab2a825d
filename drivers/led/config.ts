/** The options of the LED driver. */
import { selectorFields } from "../../base/policy.js";
import { type Infer, s } from "../../base/schema.js";

export const ledSchema = s.object({
  brightness: s
    .integer({ min: 1, doc: "How bright it is while it is active; at most, and by default, what the light can." })
    .optional(),
  trigger: s
    .string({
      pattern: "^[A-Za-z0-9][A-Za-z0-9_.:-]*$",
      doc: "What of the kernel switches it while no session does, such as `heartbeat`, `mmc0` or `none`. Default: as it was when the driver started.",
    })
    .optional(),
  simulated: s.boolean({
    default: false,
    doc: "Whether a light in memory stands in for it where the granted one cannot be opened.",
  }),
});
export type LedConfig = Infer<typeof ledSchema>;

const access = { led: s.string({ doc: "Name of the light that its sessions get." }) };

export const configSchema = s.object({
  leds: s.record(ledSchema, { keyName: "GRANT", default: {}, doc: "How lights are set, by the name of their grant." }),
  report: s.boolean({ default: false, doc: "Whether the state of all lights is reported as `leds`." }),
  policies: s.array(s.object({ ...selectorFields, ...access }), {
    default: [],
    doc: "Who gets which light, by label.",
  }),
  defaultPolicy: s
    .object(access, { doc: "Serves what no policy matches; without it such sessions are denied." })
    .optional(),
});
export type LedDriverConfig = Infer<typeof configSchema>;
