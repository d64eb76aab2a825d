/** The options of the driver manager. */
import { type Infer, s } from "../../base/schema.js";
import { deviceMatchFields } from "../../lib/devices/device.js";
import { driverRuleSchema } from "../../lib/devices/driver-rule.js";

const match = s.named("device-match", () => s.object(deviceMatchFields));
const service = "^[A-Za-z][A-Za-z0-9_]{0,31}$";

const instance = s.object({
  match,
  binary: s
    .string({ maxBytes: 200, doc: "ROM module of the driver, where the rules are not to choose it." })
    .optional(),
  config: s.anything({ doc: "Its `config`, instead of the rule's. Its device is the grant `device`." }).optional(),
  ram: s.size({ doc: "RAM quota, instead of the rule's." }).optional(),
  caps: s.integer({ min: 0, doc: "Capability quota, instead of the rule's." }).optional(),
});

export const configSchema = s.object({
  instances: s.record(instance, {
    keyPattern: "^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}$",
    keyName: "NAME",
    default: {},
    doc: "Drivers with names of their own, each for the first device that meets its conditions. They wait for a device that is not there.",
  }),
  automatic: s.array(match, {
    default: [],
    doc: "Devices that get a driver by themselves when they come: those that meet every condition of one of these. Its name is the device's stable name.",
  }),
  except: s.array(match, { default: [], doc: "But none that meets every condition of one of these." }),
  rules: s.array(driverRuleSchema, { default: [], doc: "Rules beside those of the package's drivers." }),
  packageRules: s.boolean({ default: true, doc: "Whether the rules of the package's drivers hold." }),
  parentProvides: s.array(s.string({ pattern: service }), {
    default: ["ROM", "LOG", "Platform", "Timer", "Report", "Uplink", "Event", "Capture"],
    doc: "Services that drivers may use: what the init that runs them is routed.",
  }),
});
export type DriverManagerConfig = Infer<typeof configSchema>;
export type InstanceConfig = DriverManagerConfig["instances"][string];
