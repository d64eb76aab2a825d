/** The sensor driver: reads every sensor of what is granted once a period, and reports what changed. */
import { isDeepStrictEqual } from "node:util";
import type { Env } from "../../base/env.js";
import { errorMessage } from "../../base/errors.js";
import { Platform, type PlatformConnection } from "../../sessions/platform/index.js";
import { Report, type Reporter } from "../../sessions/report/index.js";
import { type Chip, openChip, type Reading } from "./chip.js";
import type { SensorConfig } from "./config.js";
import { quantities } from "./quantity.js";

/** The report, as JSON. */
export interface Sensors {
  readonly chips: readonly {
    /** Of the grant. */
    readonly name: string;
    /** What the chip's driver calls itself; "simulated" of a stand-in. */
    readonly chip?: string;
    readonly channels: readonly Reading[];
    /** Why it cannot be read. */
    readonly error?: string;
  }[];
}

export class SensorDriver implements AsyncDisposable {
  #config: SensorConfig;
  readonly #platform: PlatformConnection;
  readonly #reporter: Reporter;
  readonly #chips = new Map<string, Chip>();
  #timer: NodeJS.Timeout | undefined;
  #reading = Promise.resolve();
  #reported: Sensors | undefined;
  #closed = false;

  private constructor(config: SensorConfig, platform: PlatformConnection, reporter: Reporter) {
    this.#config = config;
    this.#platform = platform;
    this.#reporter = reporter;
  }

  /** Resolves once the first report is there. */
  static async open(env: Env, config: SensorConfig): Promise<SensorDriver> {
    const driver = new SensorDriver(
      config,
      await env.connect(Platform),
      await env.connect(Report, { label: "sensors" }),
    );
    await driver.#begin();
    return driver;
  }

  /** Reads at once, and from then on with the new period. */
  async configure(config: SensorConfig): Promise<void> {
    this.#config = config;
    clearInterval(this.#timer);
    await this.#begin();
  }

  async #begin(): Promise<void> {
    await this.#look();
    if (this.#closed) return;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => void this.#look(), this.#config.period);
  }

  /** One after another: a sensor may take longer than a period. */
  #look(): Promise<void> {
    this.#reading = this.#reading.then(async () => {
      if (this.#closed) return;
      try {
        await this.#report();
      } catch (error) {
        console.error(`Cannot report the sensors: ${errorMessage(error)}`);
      }
    });
    return this.#reading;
  }

  async #report(): Promise<void> {
    const names = new Set([...(await this.#platform.granted()), ...Object.keys(this.#config.simulated)]);
    const chips: Sensors["chips"][number][] = [];
    for (const name of names) chips.push(await this.#chip(name));
    const sensors: Sensors = { chips };
    if (isDeepStrictEqual(sensors, this.#reported)) return;
    await this.#reporter.publish(sensors);
    this.#reported = sensors;
  }

  async #chip(name: string): Promise<Sensors["chips"][number]> {
    try {
      const chip = this.#chips.get(name) ?? (await openChip(this.#platform, name));
      this.#chips.set(name, chip);
      return { name, chip: chip.name, channels: chip.read() };
    } catch (error) {
      // Unplugged, or not there yet: the next period tries anew.
      this.#chips.get(name)?.close();
      this.#chips.delete(name);
      const simulated = this.#config.simulated[name];
      if (simulated === undefined) return { name, channels: [], error: errorMessage(error) };
      const { channel, kind, value } = simulated;
      return { name, chip: "simulated", channels: [{ channel, kind, unit: quantities[kind], value }] };
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#reading;
    for (const chip of this.#chips.values()) chip.close();
    await this.#reporter.close();
    await this.#platform.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
