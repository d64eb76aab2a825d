/** Which drivers run: from devices, rules and configuration, nothing else. */
import { type Device, type DevicesDocument, deviceMatches } from "../../lib/devices/device.js";
import { chooseDriver, type DriverRule } from "../../lib/devices/driver-rule.js";
import type { DriverManagerConfig, InstanceConfig } from "./config.js";

/** What became of a device, or of an instance that waits for one. */
export interface Verdict {
  /** Absent for an instance without a device. */
  readonly device?: string;
  readonly instance?: string;
  /** ROM module of the driver. */
  readonly driver?: string;
  /** `left`: no configuration wants it. `unmatched`: no rule does. */
  readonly state: "running" | "absent" | "left" | "unmatched" | "conflict";
  readonly reason: string;
}

/** A driver to run, or to keep a place for. */
interface Instance {
  readonly name: string;
  /** Stable name of its device; undefined while there is none. */
  readonly device: string | undefined;
  readonly binary: string;
  readonly provides: readonly string[];
  readonly ram?: number | undefined;
  readonly caps?: number | undefined;
  readonly config: unknown;
}

export interface Plan {
  readonly instances: readonly Instance[];
  readonly verdicts: readonly Verdict[];
}

/** Devices that are gone, and whose drivers keep their place; the oldest are forgotten. */
const mostAbsent = 64;

export class Planner {
  /** The last instance of each device that had one by itself, the newest last. */
  readonly #known = new Map<string, Instance>();

  plan(config: DriverManagerConfig, packageRules: readonly DriverRule[], { devices }: DevicesDocument): Plan {
    const rules = [...config.rules, ...(config.packageRules ? packageRules : [])];
    const verdicts: Verdict[] = [];
    const instances: Instance[] = [];
    const taken = new Set<string>();
    for (const [name, wanted] of Object.entries(config.instances)) {
      const instance = named(name, wanted, rules, devices, taken, verdicts);
      if (instance !== undefined) instances.push(instance);
    }
    for (const [name, device] of Object.entries(devices)) {
      if (taken.has(name)) continue;
      const instance = this.#automatic(config, rules, name, device, verdicts);
      if (instance !== undefined && !Object.hasOwn(config.instances, name)) instances.push(instance);
    }
    return { instances: [...instances, ...this.#absent(config, devices, verdicts)], verdicts };
  }

  #automatic(
    { automatic, except }: DriverManagerConfig,
    rules: readonly DriverRule[],
    name: string,
    device: Device,
    verdicts: Verdict[],
  ): Instance | undefined {
    this.#known.delete(name);
    const wanted =
      automatic.some((match) => deviceMatches(match, name, device)) &&
      !except.some((match) => deviceMatches(match, name, device));
    if (!wanted) {
      verdicts.push({ device: name, state: "left", reason: 'neither "instances" nor "automatic" wants it' });
      return undefined;
    }
    const rule = chosen(rules, name, device, verdicts);
    if (rule === undefined) return undefined;
    const { binary, provides, ram, caps, config } = rule;
    const instance = { name, device: name, binary, provides, ram, caps, config };
    this.#known.set(name, instance);
    verdicts.push({ device: name, instance: name, driver: binary, state: "running", reason: "it is wanted by itself" });
    return instance;
  }

  /** Clients of a device that is gone wait for it. */
  #absent({ instances }: DriverManagerConfig, devices: DevicesDocument["devices"], verdicts: Verdict[]): Instance[] {
    const absent = [...this.#known.values()].filter(
      ({ name }) => !Object.hasOwn(devices, name) && !Object.hasOwn(instances, name),
    );
    for (const { name } of absent.slice(0, -mostAbsent)) this.#known.delete(name);
    return absent.slice(-mostAbsent).map((instance) => {
      verdicts.push({
        instance: instance.name,
        driver: instance.binary,
        state: "absent",
        reason: "its device is gone: plug it in again",
      });
      return { ...instance, device: undefined };
    });
  }
}

/** The rule for a device; a device without one is told of. */
function chosen(
  rules: readonly DriverRule[],
  name: string,
  device: Device,
  verdicts: Verdict[],
): DriverRule | undefined {
  const { rule, conflict } = { rule: undefined, conflict: undefined, ...chooseDriver(rules, name, device) };
  if (rule !== undefined) return rule;
  verdicts.push(
    conflict === undefined
      ? { device: name, state: "unmatched", reason: `no driver's rule matches a device of class "${device.class}"` }
      : {
          device: name,
          state: "conflict",
          reason: `${conflict.map(({ binary }) => `"${binary}"`).join(" and ")} match it alike: give one a higher "priority"`,
        },
  );
  return undefined;
}

function named(
  name: string,
  wanted: InstanceConfig,
  rules: readonly DriverRule[],
  devices: DevicesDocument["devices"],
  taken: Set<string>,
  verdicts: Verdict[],
): Instance | undefined {
  const [found] = Object.entries(devices).filter(
    ([id, device]) => !taken.has(id) && deviceMatches(wanted.match, id, device),
  );
  const own = wanted.binary === undefined ? undefined : rules.find(({ binary }) => sameDriver(binary, wanted.binary));
  if (found === undefined) {
    verdicts.push({
      instance: name,
      state: "absent",
      reason: `no device meets ${JSON.stringify(wanted.match)}: plug it in, or look at "bulkhead devices"`,
    });
    // Without a device nothing says which driver it will be, unless the configuration does.
    const rule = own ?? likely(rules, wanted);
    return rule && instanceOf(name, undefined, wanted, rule);
  }
  const [id, device] = found;
  taken.add(id);
  const rule = own ?? chosen(rules, id, device, verdicts);
  if (rule === undefined) return undefined;
  verdicts.push({ device: id, instance: name, driver: rule.binary, state: "running", reason: `it is "${name}"` });
  return instanceOf(name, id, wanted, rule);
}

/** A driver is named with its folder or without. */
function sameDriver(binary: string, other: string | undefined): boolean {
  return binary === other || binary === `drivers/${other}`;
}

/** The rule that would match a device of which only the class is known. */
function likely(rules: readonly DriverRule[], { match }: InstanceConfig): DriverRule | undefined {
  return rules.find((rule) => rule.match.some((one) => one.class === match.class));
}

function instanceOf(name: string, device: string | undefined, wanted: InstanceConfig, rule: DriverRule): Instance {
  return {
    name,
    device,
    binary: wanted.binary === undefined ? rule.binary : wanted.binary,
    provides: rule.provides,
    ram: wanted.ram ?? rule.ram,
    caps: wanted.caps ?? rule.caps,
    config: wanted.config ?? rule.config,
  };
}

/** The system file of the init that runs the drivers. */
export function driverSystem({ instances }: Plan, { parentProvides }: DriverManagerConfig): object {
  const services = [...new Set(instances.flatMap(({ provides }) => provides))].sort();
  return {
    parentProvides,
    defaultRoute: { "*": "parent" },
    services: Object.fromEntries(
      services.map((service) => [
        service,
        {
          policies: instances
            .filter(({ provides }) => provides.includes(service))
            .map(({ name }) => ({ labelLast: name, to: name })),
        },
      ]),
    ),
    start: Object.fromEntries(
      instances.map(({ name, device, binary, provides, ram, caps, config }) => [
        name,
        {
          binary,
          enabled: device !== undefined,
          provides,
          ...(ram !== undefined && { ram }),
          ...(caps !== undefined && { caps }),
          ...(config !== undefined && { config }),
          // The label is ours to choose: a driver gets no other device by asking for it.
          route: [
            { service: "Platform", to: { parent: true, label: device ?? name } },
            { service: "any", to: "parent" },
          ],
        },
      ]),
    ),
  };
}
