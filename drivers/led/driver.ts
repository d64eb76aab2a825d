/** The LED driver: lights as PinControl sessions, one at a time each. */
import type { Env } from "../../base/env.js";
import { errorMessage } from "../../base/errors.js";
import { policyFor } from "../../base/policy.js";
import type { RpcServer } from "../../base/rpc-server.js";
import { checked } from "../../base/schema.js";
import type { SessionRequest } from "../../base/server.js";
import type { PinControlArgs, PinControlHandlers } from "../../sessions/pin-control/index.js";
import { Platform, type PlatformConnection } from "../../sessions/platform/index.js";
import { Report, type Reporter } from "../../sessions/report/index.js";
import { type LedConfig, type LedDriverConfig, ledSchema } from "./config.js";
import { Led } from "./led.js";
import { type Light, openLight, simulatedLight } from "./light.js";

function ledConfig(config: LedDriverConfig, name: string): LedConfig {
  return config.leds[name] ?? checked(ledSchema, {}, `light "${name}"`);
}

export class LedDriver implements AsyncDisposable {
  #config: LedDriverConfig;
  readonly #platform: PlatformConnection;
  #reporter: Reporter | undefined;
  readonly #opening = new Map<string, Promise<Led>>();
  readonly #leds = new Map<string, Led>();
  readonly #channels = new Set<RpcServer>();

  private constructor(config: LedDriverConfig, platform: PlatformConnection, reporter: Reporter | undefined) {
    this.#config = config;
    this.#platform = platform;
    this.#reporter = reporter;
  }

  /** Opens every granted light; one that is not there now is tried again by its sessions. */
  static async open(env: Env, config: LedDriverConfig): Promise<LedDriver> {
    const platform = await env.connect(Platform);
    const reporter = config.report ? await env.connect(Report, { label: "leds" }) : undefined;
    const driver = new LedDriver(config, platform, reporter);
    const names = new Set([...(await platform.granted()), ...Object.keys(config.leds)]);
    const opened = await Promise.allSettled([...names].map((name) => driver.#led(name)));
    for (const result of opened) if (result.status === "rejected") console.error(errorMessage(result.reason));
    return driver;
  }

  #led(name: string): Promise<Led> {
    let opening = this.#opening.get(name);
    if (opening === undefined) {
      opening = this.#open(name);
      this.#opening.set(name, opening);
      opening.catch(() => this.#opening.delete(name));
    }
    return opening;
  }

  async #open(name: string): Promise<Led> {
    const config = ledConfig(this.#config, name);
    const light = await this.#light(name, config);
    try {
      const led = new Led(name, light, config, {
        changed: () => this.#publish(),
        gone: () => this.#gone(name),
      });
      this.#leds.set(name, led);
      console.log(`"${name}" is ${light.path}: levels up to ${light.maxBrightness}, trigger "${light.trigger()}"`);
      this.#publish();
      return led;
    } catch (error) {
      light.close();
      throw error;
    }
  }

  /** It was unplugged: its next session looks for it again. */
  #gone(name: string): void {
    this.#opening.delete(name);
    this.#leds.get(name)?.close();
    this.#leds.delete(name);
  }

  async #light(name: string, { simulated }: LedConfig): Promise<Light> {
    try {
      return await openLight(this.#platform, name);
    } catch (error) {
      if (!simulated) throw error;
      console.log(`A light in memory stands in for "${name}", since: ${errorMessage(error)}`);
      return simulatedLight();
    }
  }

  #publish(): void {
    if (this.#reporter === undefined) return;
    const leds = [...this.#leds.values()].map((led) => led.state);
    this.#reporter.publish({ leds }).catch((error: unknown) => {
      if (this.#reporter !== undefined) console.error(errorMessage(error));
    });
  }

  /** Policies are for sessions from now on; how a light is set holds at once. */
  configure(config: LedDriverConfig): void {
    this.#config = config;
    for (const led of [...this.#leds.values()]) {
      try {
        led.configure(ledConfig(config, led.name));
      } catch (error) {
        console.error(errorMessage(error));
      }
    }
  }

  /** @throws SessionError `Denied`; `NotFound`, `Device`: the light cannot be opened */
  async session(request: SessionRequest<PinControlArgs>): Promise<PinControlHandlers> {
    const { led: name } = policyFor(this.#config, "PinControl", request.label);
    const led = await this.#led(name);
    const handlers = led.session();
    this.#channels.add(request.session);
    request.session.onClosed(() => this.#channels.delete(request.session));
    return handlers;
  }

  /** Ends all sessions, as a crash would. */
  async close(): Promise<void> {
    const reporter = this.#reporter;
    this.#reporter = undefined;
    for (const channel of [...this.#channels]) channel.close();
    for (const led of this.#leds.values()) led.close();
    await reporter?.close();
    await this.#platform.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
