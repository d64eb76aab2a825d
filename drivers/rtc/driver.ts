/** The RTC driver: one clock for all sessions, whose alarms share the one that the clock has. */
import { setTimeout as delay } from "node:timers/promises";
import type { Env } from "../../base/env.js";
import { errorMessage, SessionError } from "../../base/errors.js";
import { monotonic } from "../../base/monotonic.js";
import { policyFor } from "../../base/policy.js";
import type { SessionRequest } from "../../base/server.js";
import { DeadlineQueue } from "../../lib/deadline-queue.js";
import { type HostGrant, Platform, type PlatformConnection } from "../../sessions/platform/index.js";
import type { RtcArgs } from "../../sessions/rtc/index.js";
import type { Clock, ClockListener } from "./clock.js";
import type { RtcConfig } from "./config.js";
import { type ClockSource, HardwareClock } from "./hardware-clock.js";
import { RtcSession, type SessionHost } from "./rtc-session.js";
import { SystemClock } from "./system-clock.js";

/** How long the clock of a driver that has just died may still be taken, and how often it is tried, in milliseconds. */
const longestHandover = 2000;
const handoverPeriod = 20;

/** Somebody else has the clock: the kernel gives it to one at a time, and so does the platform server. */
function taken(error: unknown): boolean {
  return codeOf(error) === "Unavailable" || /\bEBUSY\b/.test(errorMessage(error));
}

function sourceOf(platform: PlatformConnection, name: string): ClockSource {
  return {
    open: () => platform.acquire(name, { kind: "character_device" }),
    release: () => platform.release(name),
    set: (seconds) => platform.setClock(name, seconds),
  };
}

/** The host may notice the death of the driver before this one later than init, which has started this one. */
async function handedOver(open: () => Promise<HostGrant>): Promise<HostGrant> {
  const end = monotonic() + longestHandover;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!taken(error) || monotonic() > end) throw error;
      await delay(handoverPeriod);
    }
  }
}

export class RtcDriver implements SessionHost, ClockListener, AsyncDisposable {
  #config: RtcConfig;
  readonly #platform: PlatformConnection;
  #clock: Clock | undefined;
  readonly #sessions = new Set<RtcSession>();
  readonly #alarms = new DeadlineQueue<RtcSession>();
  readonly #updates = new Set<RtcSession>();
  readonly #onPresence: (driver: RtcDriver) => void;

  private constructor(config: RtcConfig, platform: PlatformConnection, onPresence: (driver: RtcDriver) => void) {
    this.#config = config;
    this.#platform = platform;
    this.#onPresence = onPresence;
  }

  /** `onPresence` is called when the clock came or went. Throws what opening the clock throws, without a stand-in. */
  static async open(
    env: Env,
    config: RtcConfig,
    onPresence: (driver: RtcDriver) => void = () => {},
  ): Promise<RtcDriver> {
    const platform = await env.connect(Platform);
    const driver = new RtcDriver(config, platform, onPresence);
    try {
      driver.#clock = await driver.#open();
    } catch (error) {
      await platform.close();
      throw error;
    }
    return driver;
  }

  async #open(): Promise<Clock> {
    const { grant: name, standIn } = this.#config;
    if (standIn && !(await this.#platform.granted()).includes(name)) return new SystemClock(this);
    const source = sourceOf(this.#platform, name);
    try {
      const clock = await HardwareClock.open({ ...source, open: () => handedOver(source.open) }, this, {
        name,
        // One that another program has is there, and will be free.
        late: (error) => taken(error) || (!standIn && codeOf(error) === "Device"),
      });
      this.#platform.onChange(() => clock.look());
      return clock;
    } catch (error) {
      if (!standIn || codeOf(error) !== "Device") throw error;
      console.error(`The system clock stands in for the clock: ${errorMessage(error)}`);
      return new SystemClock(this);
    }
  }

  /** Policies are for sessions from now on. */
  configure(config: RtcConfig): void {
    this.#config = config;
  }

  get clock(): Clock {
    return this.#clock as Clock;
  }

  /** What is served, in one line for people. */
  get description(): string {
    const { source, alarm, updates, battery } = this.clock.facts;
    const features = Object.entries({ alarms: alarm, "update interrupts": updates, "battery state": battery });
    const has = features.flatMap(([name, there]) => (there ? [name] : [])).join(", ");
    return `${source}: ${this.clock.present ? has || "the time alone" : "not there yet"}`;
  }

  /** Opens a session; throws `Denied`. */
  session(request: SessionRequest<RtcArgs>): RtcSession {
    const session = new RtcSession(this, request, policyFor(this.#config, "Rtc", request.label).writeable);
    this.#sessions.add(session);
    return session;
  }

  async setTime(seconds: number): Promise<void> {
    await this.clock.set(seconds);
    this.changed();
  }

  setAlarm(session: RtcSession, seconds: number | undefined): void {
    if (seconds === undefined) this.#alarms.remove(session);
    else this.#alarms.insert(session, seconds);
    this.alarm();
  }

  setUpdates(session: RtcSession, on: boolean): void {
    const before = this.#updates.size > 0;
    if (on && !before) this.clock.report(true);
    if (on) this.#updates.add(session);
    else this.#updates.delete(session);
    if (before && this.#updates.size === 0) this.clock.report(false);
  }

  closed(session: RtcSession): void {
    this.#sessions.delete(session);
    if (this.#alarms.remove(session)) this.alarm();
    this.setUpdates(session, false);
  }

  /** Tells whose time has come, and arms the clock for whoever is next. */
  alarm(): void {
    try {
      if (this.#alarms.size > 0) {
        const { seconds } = this.clock.time();
        for (let due = this.#alarms.take(seconds); due !== undefined; due = this.#alarms.take(seconds))
          due.raise("alarm");
      }
    } catch {
      // A clock that is not there, or knows no time: alarms wait until it changes.
    }
    try {
      this.clock.arm(this.#alarms.first?.deadline);
    } catch (error) {
      console.error(`Alarms have to wait: ${errorMessage(error)}`);
    }
  }

  update(): void {
    for (const session of this.#updates) session.raise("update");
  }

  changed(): void {
    for (const session of this.#sessions) session.raise("timeChanged");
    this.alarm();
    this.#onPresence(this);
  }

  /** Ends all sessions, as a crash would. */
  async close(): Promise<void> {
    for (const session of [...this.#sessions]) {
      // So that its end leaves nothing to do for a clock that is gone.
      this.#alarms.remove(session);
      this.#updates.delete(session);
      session.end();
    }
    this.#clock?.close();
    await this.#platform.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function codeOf(error: unknown): string {
  return error instanceof SessionError ? error.code : "";
}
