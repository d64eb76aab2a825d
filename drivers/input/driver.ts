/** The input driver: one source of events, for whoever serves Event. */
import type { Env } from "../../base/env.js";
import { errorMessage } from "../../base/errors.js";
import { checked } from "../../base/schema.js";
import { Event, type EventConnection } from "../../sessions/event/index.js";
import { Platform, type PlatformConnection } from "../../sessions/platform/index.js";
import { Rom, type RomConnection } from "../../sessions/rom/index.js";
import { Terminal, type TerminalConnection } from "../../sessions/terminal/index.js";
import { type InputConfig, type Lights, lightsSchema } from "./config.js";
import { DeviceSource } from "./device-source.js";
import { playScript } from "./script-source.js";
import { typedKeys } from "./typed-keys.js";

export class InputDriver implements AsyncDisposable {
  readonly #env: Env;
  readonly #events: EventConnection;
  #config: InputConfig;
  #closed = false;
  #ending = new AbortController();
  #device: DeviceSource | undefined;
  #platform: PlatformConnection | undefined;
  #lightsRom: RomConnection | undefined;
  #terminal: TerminalConnection | undefined;

  private constructor(env: Env, config: InputConfig, events: EventConnection) {
    this.#env = env;
    this.#config = config;
    this.#events = events;
  }

  /** A device that is not there is waited for. */
  static async open(env: Env, config: InputConfig): Promise<InputDriver> {
    const driver = new InputDriver(env, config, await env.connect(Event));
    try {
      await driver.#start();
      return driver;
    } catch (error) {
      await driver.close();
      throw error;
    }
  }

  async #start(): Promise<void> {
    switch (this.#config.source) {
      case "device":
        return this.#openDevice();
      case "script":
        return this.#run(this.#play());
      case "terminal":
        this.#terminal = await this.#env.connect(Terminal);
        return this.#run(this.#listen(this.#terminal));
    }
  }

  async #openDevice(): Promise<void> {
    const { grant, grab, lights, lightsRom } = this.#config;
    this.#platform = await this.#env.connect(Platform);
    this.#device = new DeviceSource(this.#platform, this.#events, lights, { grant, grab });
    if (lightsRom) {
      this.#lightsRom = await this.#env.connect(Rom, { label: "lights" });
      this.#lightsRom.onChange(() => void this.#followLights());
      await this.#followLights();
    }
    await this.#device.look();
  }

  async #followLights(): Promise<void> {
    try {
      const lights = checked(lightsSchema, (await this.#lightsRom?.json()) ?? {}, 'the ROM "lights"');
      this.#device?.setLights(lights);
    } catch (error) {
      console.error(`The lights stay as they were: ${errorMessage(error)}`);
    }
  }

  /** What fails while nobody ends it ends the component. */
  #run(work: Promise<void>): void {
    void work.catch((error: unknown) => {
      if (!this.#closed) throw error;
    });
  }

  async #play(): Promise<void> {
    const { script, repeat } = this.#config;
    await playScript(this.#events, { script, repeat, signal: this.#ending.signal });
  }

  async #listen(terminal: TerminalConnection): Promise<void> {
    // private copy: the connection returns one
    const decoder = new TextDecoder();
    for await (const piece of terminal.bytes({ signal: this.#ending.signal }))
      await this.#events.submit(typedKeys(decoder.decode(piece, { stream: true })));
  }

  /** Lights and script hold at once; the script begins anew. */
  configure(config: InputConfig): void {
    const before = this.#config;
    this.#config = { ...before, lights: config.lights, script: config.script, repeat: config.repeat };
    if (!before.lightsRom) this.#device?.setLights(config.lights);
    if (
      before.source !== "script" ||
      JSON.stringify([before.script, before.repeat]) === JSON.stringify([config.script, config.repeat])
    )
      return;
    this.#ending.abort();
    this.#ending = new AbortController();
    this.#run(this.#play());
  }

  get description(): string {
    return this.#device?.description ?? this.#config.source;
  }

  /** Releases everything that is held. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#ending.abort();
    this.#device?.close();
    await this.#lightsRom?.close();
    await this.#terminal?.close();
    await this.#events.close();
    await this.#platform?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
