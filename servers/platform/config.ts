/** The options of the platform server. */
import { selectorFields } from "../../base/policy.js";
import { type Infer, s } from "../../base/schema.js";
import { deviceMatchFields } from "../../lib/devices/device.js";

const match = s.named("device-match", () => s.object(deviceMatchFields));

const access = {
  devices: s.record(match, {
    keyName: "NAME",
    default: {},
    doc: "One device each, by the name under which the client asks for it: the first that meets every condition, in the order of their stable names.",
  }),
  every: s.array(match, {
    default: [],
    doc: "Devices under their stable names: all that meet every condition of one of these.",
  }),
  byLabel: s.array(match, {
    default: [],
    doc: "The device whose stable name is the last element of the client's label, as `device`, if it meets every condition of one of these: for clients whose parent chooses.",
  }),
  sees: s.enumeration(["granted", "all"], {
    default: "granted",
    doc: "Which devices its `devices` ROM lists.",
  }),
};

export const configSchema = s.object({
  grant: s.string({ default: "host", doc: "Name of the grant of all devices." }),
  policies: s.array(s.object({ ...selectorFields, ...access }), {
    default: [],
    doc: "Which client gets which devices, by label; a ROM session's label counts without its last element.",
  }),
  defaultPolicy: s.object(access, { doc: "Serves whom no policy matches." }).optional(),
});
export type PlatformConfig = Infer<typeof configSchema>;
export type Access = Omit<PlatformConfig["policies"][number], keyof typeof selectorFields>;
