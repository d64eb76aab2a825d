/** The framebuffer driver: shows what Capture sessions bring on whatever screens there are. */
import type { Env } from "../../base/env.js";
import { errorMessage } from "../../base/errors.js";
import { monotonic } from "../../base/monotonic.js";
import { Capture } from "../../sessions/capture/index.js";
import type { Point } from "../../sessions/geometry/geometry.generated.js";
import { type HostGrant, Platform, type PlatformConnection } from "../../sessions/platform/index.js";
import { connectorConfig, type FramebufferConfig } from "./config.js";
import type { Display } from "./display.js";
import { FramebufferDisplay } from "./framebuffer-display.js";
import { GraphicsCard } from "./graphics-card.js";
import { memoryDisplay } from "./memory-display.js";
import { Screen } from "./screen.js";

/** How long the screen of a driver that has just died may still be taken, how often it is tried, and one that is absent, in milliseconds. */
const longestHandover = 2000;
const handoverPeriod = 20;
const searchPeriod = 1000;

function isCard(grant: HostGrant): boolean {
  return grant.path.startsWith("/dev/dri/");
}

export class FramebufferDriver implements AsyncDisposable {
  readonly #env: Env;
  readonly #config: FramebufferConfig;
  readonly #platform: PlatformConnection;
  readonly #endChanges: () => void;
  readonly #screens = new Map<string, Screen>();
  #card: GraphicsCard | undefined;
  #searching: NodeJS.Timeout | undefined;
  readonly #handoverEnd = monotonic() + longestHandover;
  #told = "";
  #last: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(env: Env, config: FramebufferConfig, platform: PlatformConnection) {
    this.#env = env;
    this.#config = config;
    this.#platform = platform;
    this.#endChanges = platform.onChange(() => void this.look());
  }

  /** A device that is not there is waited for, unless there is a stand-in. */
  static async open(env: Env, config: FramebufferConfig): Promise<FramebufferDriver> {
    const driver = new FramebufferDriver(env, config, await env.connect(Platform));
    await driver.look();
    return driver;
  }

  /** What is shown where. */
  get screens(): readonly Screen[] {
    return [...this.#screens.values()];
  }

  /** Looks for the device, and which screens are plugged in there. One look after another. */
  look(): Promise<void> {
    this.#last = this.#last.then(() => this.#look());
    return this.#last;
  }

  async #look(): Promise<void> {
    if (this.#closed) return;
    clearTimeout(this.#searching);
    try {
      if (this.#card === undefined && this.#screens.size === 0) await this.#open();
      if (this.#card !== undefined) await this.#plug(this.#card);
      this.#told = "";
    } catch (error) {
      await this.#missing(error);
    }
  }

  async #open(): Promise<void> {
    const { grant: wanted, name, position } = this.#config;
    const grant = await this.#platform.acquire(wanted, { kind: "character_device" });
    try {
      if (isCard(grant)) this.#card = new GraphicsCard(grant);
      else await this.#show(new FramebufferDisplay(grant, name), position);
    } catch (error) {
      await this.#platform.release(wanted);
      throw error;
    }
  }

  /** Opens screens that were plugged in, closes those that were pulled out. */
  async #plug(card: GraphicsCard): Promise<void> {
    const connected = card.connected().filter(({ name }) => connectorConfig(this.#config, name).enabled);
    for (const [name, screen] of [...this.#screens]) {
      if (connected.some((connector) => connector.name === name)) continue;
      console.log(`The screen at "${name}" is gone`);
      this.#screens.delete(name);
      await screen.close();
    }
    for (const connector of connected) {
      if (this.#screens.has(connector.name)) continue;
      const config = connectorConfig(this.#config, connector.name);
      await this.#show(card.open(connector, config), config.position);
    }
  }

  /** Takes over the display. */
  async #show(display: Display, position: Point): Promise<void> {
    try {
      const capture = await this.#env.connect(Capture, { label: display.name });
      const screen = new Screen(display, capture, { position, rate: this.#config.rate }, (reason) =>
        this.#failed(screen, reason),
      );
      this.#screens.set(display.name, screen);
      console.log(`"${display.name}" is ${display.description}`);
    } catch (error) {
      display.close();
      throw error;
    }
  }

  #failed(screen: Screen, reason: unknown): void {
    console.error(`"${screen.display.name}" shows nothing any more: ${errorMessage(reason)}`);
    this.#last = this.#last.then(async () => {
      if (!this.#screens.delete(screen.display.name)) return;
      await screen.close();
      await this.#drop();
      this.#search(searchPeriod);
    });
  }

  /** Gives the device back to the host, which could not open it again otherwise. */
  async #drop(): Promise<void> {
    for (const [name, screen] of [...this.#screens]) {
      this.#screens.delete(name);
      await screen.close();
    }
    this.#card?.close();
    this.#card = undefined;
    await this.#platform.release(this.#config.grant);
  }

  async #missing(error: unknown): Promise<void> {
    const { grant, standIn, name, position } = this.#config;
    const text = errorMessage(error);
    await this.#drop();
    const handover = monotonic() < this.#handoverEnd && /\bE(BUSY|ACCES)\b|in use/.test(text);
    if (handover) return this.#search(handoverPeriod);
    if (text !== this.#told) console.error(`There is no screen at "${grant}" yet: ${text}`);
    this.#told = text;
    if (standIn === undefined) return this.#search(searchPeriod);
    await this.#show(memoryDisplay(name, standIn), position);
  }

  #search(period: number): void {
    if (!this.#closed) this.#searching = setTimeout(() => void this.look(), period);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#endChanges();
    clearTimeout(this.#searching);
    await this.#last;
    await this.#drop();
    await this.#platform.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
