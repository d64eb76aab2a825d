/** Follows devices, rules and configuration, and publishes the system file of the drivers that are to run. */
import type { Env } from "../../base/env.js";
import { checked } from "../../base/schema.js";
import { type DevicesDocument, devicesSchema } from "../../lib/devices/device.js";
import { type DriverRule, driverRulesSchema } from "../../lib/devices/driver-rule.js";
import { Report, type Reporter } from "../../sessions/report/index.js";
import { Rom, type RomConnection } from "../../sessions/rom/index.js";
import type { DriverManagerConfig } from "./config.js";
import { driverSystem, Planner, type Verdict } from "./plan.js";

/** Form of the report `drivers`. */
const reportFormat = 1;

export class DriverManager {
  #config: DriverManagerConfig;
  readonly #devices: RomConnection;
  readonly #rules: RomConnection;
  readonly #system: Reporter;
  readonly #report: Reporter;
  readonly #planner = new Planner();
  #told = new Set<string>();
  #last: Promise<void> = Promise.resolve();

  private constructor(
    config: DriverManagerConfig,
    [devices, rules]: readonly [RomConnection, RomConnection],
    [system, report]: readonly [Reporter, Reporter],
  ) {
    this.#config = config;
    this.#devices = devices;
    this.#rules = rules;
    this.#system = system;
    this.#report = report;
    devices.onChange(() => void this.#again());
    rules.onChange(() => void this.#again());
  }

  static async open(env: Env, config: DriverManagerConfig): Promise<DriverManager> {
    const roms = [
      await env.connect(Rom, { label: "devices" }),
      await env.connect(Rom, { label: "driver-rules" }),
    ] as const;
    const reports = [
      await env.connect(Report, { label: "config" }),
      await env.connect(Report, { label: "drivers" }),
    ] as const;
    const manager = new DriverManager(config, roms, reports);
    await manager.#again();
    return manager;
  }

  async configure(config: DriverManagerConfig): Promise<void> {
    this.#config = config;
    await this.#again();
  }

  /** One look after another; each sees what is newest then. */
  #again(): Promise<void> {
    this.#last = this.#last.then(() => this.#look()).catch((error: unknown) => console.error(String(error)));
    return this.#last;
  }

  async #look(): Promise<void> {
    const text = await this.#devices.text();
    const devices: DevicesDocument =
      text === "" ? { format: 1, devices: {} } : checked(devicesSchema, JSON.parse(text), 'the ROM "devices"');
    const rules = checked(
      driverRulesSchema,
      JSON.parse((await this.#rules.text()) || "[]"),
      'the ROM "driver-rules"',
    ) as readonly DriverRule[];
    const plan = this.#planner.plan(this.#config, rules, devices);
    this.#tell(plan.verdicts);
    await this.#report.publish({ format: reportFormat, drivers: plan.verdicts });
    await this.#system.publish(driverSystem(plan, this.#config));
  }

  /** What went wrong, once. */
  #tell(verdicts: readonly Verdict[]): void {
    const lines = verdicts
      .filter(({ state }) => state === "conflict" || state === "unmatched" || state === "absent")
      .map(
        ({ device, instance, reason }) => `${device === undefined ? `"${instance}"` : `Device "${device}"`}: ${reason}`,
      );
    for (const line of lines) if (!this.#told.has(line)) console.error(line);
    this.#told = new Set(lines);
  }
}
