/** Events of a device of the kernel, while it is there, and again when it returns. */
import { errorMessage } from "../../base/errors.js";
import { watchDescriptor } from "../../base/event-loop.js";
import { monotonic } from "../../base/monotonic.js";
import type { EventConnection, InputEvent } from "../../sessions/event/index.js";
import type { PlatformConnection } from "../../sessions/platform/index.js";
import type { Lights } from "./config.js";
import { Decoder } from "./decoder.js";
import { EventDevice } from "./event-device.js";

/** Reads of 64 events in one turn: others have theirs then. */
const mostReads = 4;
/** Submissions under way. With more, the device is not read: what it drops meanwhile it says, and how it stands then. */
const mostSubmissions = 4;
/** How long the device of a driver that has just died may still be taken, how often it is tried, and one that is absent, in milliseconds. */
const longestHandover = 2000;
const handoverPeriod = 20;
const searchPeriod = 1000;

export interface DeviceSourceOptions {
  readonly grant: string;
  /** Whether nobody else gets its events. */
  readonly grab: boolean;
}

interface Attached {
  readonly device: EventDevice;
  readonly decoder: Decoder;
}

export class DeviceSource {
  readonly #platform: PlatformConnection;
  readonly #events: EventConnection;
  readonly #options: DeviceSourceOptions;
  readonly #endChanges: () => void;
  #lights: Lights;
  #attached: Attached | undefined;
  #attaching = false;
  #endWatch: (() => void) | undefined;
  #submissions = 0;
  #searching: NodeJS.Timeout | undefined;
  /** Until when a device that is taken is tried again soon. */
  #handoverEnd = monotonic() + longestHandover;
  #told = "";
  #closed = false;

  /** The device need not be there: it is looked for. */
  constructor(platform: PlatformConnection, events: EventConnection, lights: Lights, options: DeviceSourceOptions) {
    this.#platform = platform;
    this.#events = events;
    this.#lights = lights;
    this.#options = options;
    this.#endChanges = platform.onChange(() => void this.look());
  }

  /** What it is, for people. */
  get description(): string {
    if (this.#attached === undefined) return `"${this.#options.grant}" is not there`;
    const { device, decoder } = this.#attached;
    return `"${device.name}" at ${device.path}: ${decoder.kind === "plain" ? "keys and motion" : decoder.kind}`;
  }

  setLights(lights: Lights): void {
    this.#lights = lights;
    this.#using(({ device }) => device.setLights(lights));
  }

  /** Looks for the device if it is not there, and whether it is still the one if it is. */
  async look(): Promise<void> {
    if (this.#attached !== undefined) return this.#using((attached) => void attached.device.state());
    if (this.#closed || this.#attaching) return;
    clearTimeout(this.#searching);
    this.#attaching = true;
    try {
      await this.#attach();
      this.#told = "";
      console.log(this.description);
    } catch (error) {
      const text = errorMessage(error);
      const handover = monotonic() < this.#handoverEnd;
      if (!handover && text !== this.#told) console.error(`No input from "${this.#options.grant}" yet: ${text}`);
      if (!handover) this.#told = text;
      if (!this.#closed) this.#searching = setTimeout(() => void this.look(), handover ? handoverPeriod : searchPeriod);
    } finally {
      this.#attaching = false;
    }
  }

  async #attach(): Promise<void> {
    const { grant: name, grab } = this.#options;
    const device = new EventDevice(await this.#platform.acquire(name, { kind: "character_device" }));
    try {
      if (grab) device.grab();
      device.setLights(this.#lights);
      const decoder = new Decoder(device.facts, () => device.state());
      device.forget();
      const held = decoder.synchronize();
      if (this.#closed) return device.close();
      this.#attached = { device, decoder };
      void this.#submit(held);
      this.#watch();
    } catch (error) {
      device.close();
      await this.#platform.release(name);
      throw error;
    }
  }

  #watch(): void {
    const reading = this.#attached !== undefined && this.#submissions < mostSubmissions;
    if (reading)
      this.#endWatch ??= watchDescriptor((this.#attached as Attached).device.descriptor, "readable", () =>
        this.#read(),
      );
    else this.#endWatch = void this.#endWatch?.();
  }

  #read(): void {
    this.#using(({ device, decoder }) => {
      const losses = decoder.losses;
      const told: InputEvent[] = [];
      for (let reads = 0; reads < mostReads; reads += 1) {
        const events = device.take();
        if (events.length === 0) break;
        told.push(...decoder.decode(events));
      }
      if (decoder.losses > losses) console.error(`${device.path} dropped events; how it stands was read instead`);
      void this.#submit(told);
    });
  }

  /** A refusal for good ends the component, as there is nobody left to have events for. */
  async #submit(events: readonly InputEvent[]): Promise<void> {
    if (events.length === 0) return;
    this.#submissions += 1;
    this.#watch();
    try {
      await this.#events.submit(events);
    } catch (error) {
      if (!this.#closed) throw error;
    } finally {
      this.#submissions -= 1;
      this.#watch();
    }
  }

  /** Runs what needs the device, if it is there; finds out when it no longer is. */
  #using(use: (attached: Attached) => void): void {
    if (this.#attached === undefined) return;
    try {
      use(this.#attached);
    } catch (error) {
      console.error(`${this.#attached.device.path} is gone: ${errorMessage(error)}`);
      this.#detach();
      void this.#platform.release(this.#options.grant).then(() => this.look());
    }
  }

  /** Lets go of the device and of all that it held. */
  #detach(): void {
    const attached = this.#attached;
    if (attached === undefined) return;
    this.#attached = undefined;
    this.#watch();
    attached.device.close();
    // A session that ended has released it by itself.
    this.#events.release().catch(() => {});
  }

  close(): void {
    this.#closed = true;
    this.#endChanges();
    clearTimeout(this.#searching);
    this.#detach();
  }
}
