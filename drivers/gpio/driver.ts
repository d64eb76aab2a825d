/** The GPIO driver: pins as PinState sessions, any number each, and PinControl sessions, one at a time each. */
import { isDeepStrictEqual } from "node:util";
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import { policyFor } from "../../base/policy.js";
import type { RpcServer } from "../../base/rpc-server.js";
import type { SessionRequest } from "../../base/server.js";
import type { PinControlArgs } from "../../sessions/pin-control/index.js";
import type { PinStateArgs } from "../../sessions/pin-state/index.js";
import { Platform, type PlatformConnection } from "../../sessions/platform/index.js";
import { Chips } from "./chips.js";
import type { GpioConfig } from "./config.js";
import { Pin } from "./pin.js";
import { PinControlSession, PinStateSession } from "./pin-sessions.js";

export class GpioDriver implements AsyncDisposable {
  #config: GpioConfig;
  readonly #platform: PlatformConnection;
  readonly #chips: Chips;
  /** Those with sessions, by name, and the channels of their sessions. */
  readonly #pins = new Map<string, Promise<Pin>>();
  readonly #channels = new Map<string, Set<RpcServer>>();

  private constructor(config: GpioConfig, platform: PlatformConnection, chips: Chips) {
    this.#config = config;
    this.#platform = platform;
    this.#chips = chips;
  }

  static async open(env: Env, config: GpioConfig): Promise<GpioDriver> {
    const platform = await env.connect(Platform);
    return new GpioDriver(config, platform, await Chips.open(platform, config.simulated));
  }

  get description(): readonly string[] {
    return this.#chips.description;
  }

  /** Policies are for sessions from now on. A pin that is another one now ends its sessions, which then come anew. */
  configure(config: GpioConfig): void {
    const before = this.#config;
    this.#config = config;
    for (const name of [...this.#pins.keys()])
      if (!isDeepStrictEqual(before.pins[name], config.pins[name])) this.#end(name);
  }

  /** @throws SessionError `Denied`, `Unavailable` (no chip has the line), `Device` */
  viewer(request: SessionRequest<PinStateArgs>): Promise<PinStateSession> {
    return this.#session("PinState", request, (pin) => new PinStateSession(pin, request.session));
  }

  /** @throws SessionError as {@link viewer}; `Denied` also for an input, and where another session drives the pin */
  controller(request: SessionRequest<PinControlArgs>): Promise<PinControlSession> {
    return this.#session("PinControl", request, (pin) => new PinControlSession(pin));
  }

  async #session<Result>(
    service: string,
    { label, session }: SessionRequest<object>,
    make: (pin: Pin) => Result,
  ): Promise<Result> {
    const name = policyFor(this.#config, service, label).pin;
    const pin = await this.#pin(name);
    const made = make(pin);
    const channels = this.#channels.get(name) ?? new Set();
    this.#channels.set(name, channels.add(session));
    session.onClosed(() => channels.delete(session));
    return made;
  }

  #pin(name: string): Promise<Pin> {
    let pin = this.#pins.get(name);
    if (pin === undefined) {
      pin = this.#find(name);
      this.#pins.set(name, pin);
      pin.catch(() => this.#pins.delete(name));
    }
    return pin;
  }

  async #find(name: string): Promise<Pin> {
    const config = this.#config.pins[name];
    if (config === undefined)
      throw new SessionError(
        "Denied",
        `There is no pin "${name}": add it to "pins" of the GPIO driver's configuration`,
      );
    const place = await this.#chips.find(name, config);
    return new Pin({ name, config, place, gone: () => void this.#gone(place.chip) });
  }

  /** A chip was unplugged: its pins end their sessions. */
  async #gone(chip: unknown): Promise<void> {
    for (const [name, opening] of [...this.#pins]) {
      const pin = await opening.catch(() => undefined);
      if (pin === undefined || pin.place.chip !== chip) continue;
      this.#end(name);
      await this.#chips.gone(pin.place.chip);
    }
  }

  #end(name: string): void {
    const pin = this.#pins.get(name);
    this.#pins.delete(name);
    for (const channel of [...(this.#channels.get(name) ?? [])]) channel.close();
    // The line is free before somebody else asks for it.
    pin?.then(
      (opened) => opened.close(),
      () => {},
    );
  }

  /** Ends all sessions, as a crash would. */
  async close(): Promise<void> {
    for (const name of [...this.#pins.keys()]) this.#end(name);
    this.#chips.close();
    await this.#platform.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
