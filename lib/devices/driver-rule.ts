/** Which devices a driver serves, and how an instance of it is started: the `match.json` beside a driver's main.ts. */
import { type Infer, s } from "../../base/schema.js";
import { type Device, type DeviceMatch, deviceMatches, deviceMatchFields, deviceMatchKeys } from "./device.js";

const match = s.named("device-match", () => s.object(deviceMatchFields));

const fields = {
  match: s.array(match, { min: 1, doc: "Devices that meet every condition of one of these." }),
  except: s.array(match, { default: [], doc: "But none that meets every condition of one of these." }),
  priority: s.integer({
    min: -100,
    max: 100,
    default: 0,
    doc: "Of several drivers that match a device, the one with the highest gets it; of equals, the one whose conditions are more.",
  }),
  provides: s.array(s.string({ pattern: "^[A-Za-z][A-Za-z0-9_]{0,31}$" }), {
    default: [],
    doc: "Services of an instance; none of one that is a client only, as a driver of a screen is.",
  }),
  ram: s.size({ doc: "RAM quota of an instance." }).optional(),
  caps: s.integer({ min: 0, doc: "Capability quota of an instance." }).optional(),
  config: s.anything({ doc: "The instance's `config`. Its device is the grant `device`." }).optional(),
} as const;

/** The content of a `match.json`. */
export const driverMatchSchema = s.object(fields);
/** A rule as the system file or the package has it. */
export const driverRuleSchema = s.object({
  binary: s.string({ maxBytes: 200, doc: "ROM module of the driver." }),
  ...fields,
});
export type DriverRule = Infer<typeof driverRuleSchema>;

export const driverRulesSchema = s.array(driverRuleSchema);

/** The number of conditions by which the rule matches; 0: it does not. */
function conditions(rule: DriverRule, name: string, device: Device): number {
  const fits = (match: DeviceMatch): boolean => deviceMatches(match, name, device);
  if (rule.except.some(fits)) return 0;
  const counts = rule.match.filter(fits).map((one) => deviceMatchKeys.filter((key) => one[key] !== undefined).length);
  return Math.max(0, ...counts);
}

export type Choice =
  | { readonly rule: DriverRule }
  | { readonly conflict: readonly DriverRule[] }
  | { readonly rule?: undefined; readonly conflict?: undefined };

/** The driver of a device: by priority, then by number of conditions. Equals are a conflict, which nobody wins. */
export function chooseDriver(rules: readonly DriverRule[], name: string, device: Device): Choice {
  let best: { rules: DriverRule[]; priority: number; conditions: number } | undefined;
  for (const rule of rules) {
    const count = conditions(rule, name, device);
    if (count === 0) continue;
    const order = best === undefined ? 1 : rule.priority - best.priority || count - best.conditions;
    if (order > 0) best = { rules: [rule], priority: rule.priority, conditions: count };
    else if (order === 0) best?.rules.push(rule);
  }
  if (best === undefined) return {};
  return best.rules.length === 1 ? { rule: best.rules[0] as DriverRule } : { conflict: best.rules };
}
