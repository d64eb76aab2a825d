/**
 * A real-time clock of the kernel, by a descriptor that the host opened: one process has it at a time. The kernel tells
 * nobody when the clock is taken away, so it is asked now and then while somebody waits for it.
 */
import { errorMessage, SessionError } from "../../base/errors.js";
import { watchDescriptor } from "../../base/event-loop.js";
import {
  armClock,
  clockBattery,
  clockFeatures,
  disarmClock,
  drainClock,
  readClock,
  reportUpdates,
} from "../../bindings/rtc.js";
import { Alarm } from "../../lib/alarm.js";
import type { HostGrant } from "../../sessions/platform/index.js";
import type { RtcBattery, RtcTime } from "../../sessions/rtc/index.js";
import type { Clock, ClockFacts, ClockListener } from "./clock.js";

/** Where the clock comes from, each time that it is opened. */
export interface ClockSource {
  /** Throws `Device` while the clock is not there, or another program has it. */
  open(): Promise<HostGrant>;
  /** Gives it back to the host, which could not open it again otherwise. */
  release(): Promise<void>;
  /** Sets it, which no component may itself. Throws `Denied`, `Device`. */
  set(seconds: number): Promise<void>;
}

/** How often a clock that is gone is looked for, and one that somebody waits for is asked, in milliseconds. */
const searchPeriod = 1000;
const lookPeriod = 2000;
/** Clocks that compare the time of day alone take alarms within this many seconds. */
const nearestDay = 23 * 3600;
/** Until when the driver counts by itself, in seconds; then it asks the clock again, which may be faster. */
const longestCount = 3600;
const nanosecondsPerSecond = 1e9;

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function supported(clock: number): Pick<ClockFacts, "alarm" | "updates" | "battery"> & { readonly minutes: boolean } {
  const { alarm, updates, minuteAlarm } = clockFeatures(clock);
  let battery = true;
  try {
    clockBattery(clock);
  } catch (error) {
    if (codeOf(error) === "ENODEV") throw error;
    battery = false;
  }
  return { alarm, updates, battery, minutes: minuteAlarm };
}

export class HardwareClock implements Clock {
  readonly #source: ClockSource;
  readonly #listener: ClockListener;
  #grant: HostGrant | undefined;
  #facts: ClockFacts;
  /** Its alarms have whole minutes. */
  #minutes = false;
  #endWatch: (() => void) | undefined;
  #searching: NodeJS.Timeout | undefined;
  #looking: NodeJS.Timeout | undefined;
  /** Counts for a clock that has no alarms of its own. */
  readonly #counter: Alarm;
  #alarm: number | undefined;
  /** The clock has an alarm of ours. */
  #armed = false;
  #updates = false;
  #closed = false;

  private constructor(source: ClockSource, listener: ClockListener, name: string) {
    this.#source = source;
    this.#listener = listener;
    this.#counter = new Alarm(() => listener.alarm());
    this.#facts = {
      source: name,
      hardware: true,
      resolution: 1_000_000,
      alarm: false,
      updates: false,
      battery: false,
    };
  }

  /**
   * `name`: what it is called while nobody has seen it. `late`: serves without the clock, and looks for it.
   * @throws what the source throws, unless `late` says otherwise
   */
  static async open(
    source: ClockSource,
    listener: ClockListener,
    { name, late }: { readonly name: string; readonly late: (error: unknown) => boolean },
  ): Promise<HardwareClock> {
    const clock = new HardwareClock(source, listener, name);
    try {
      await clock.#attach();
    } catch (error) {
      if (!late(error)) {
        clock.close();
        throw error;
      }
      console.error(`The clock "${name}" is not there yet: ${errorMessage(error)}`);
      clock.#search();
    }
    return clock;
  }

  get facts(): ClockFacts {
    return this.#facts;
  }

  get present(): boolean {
    return this.#grant !== undefined;
  }

  async #attach(): Promise<void> {
    const grant = await this.#source.open();
    try {
      const { minutes, ...features } = supported(grant.descriptor);
      const { device } = grant.facts;
      this.#facts = {
        ...this.#facts,
        ...features,
        // The platform server's name for it outlives the node.
        source: typeof device === "string" ? device : grant.path,
      };
      this.#minutes = minutes;
    } catch (error) {
      grant.close();
      await this.#source.release();
      throw error;
    }
    if (this.#closed) return grant.close();
    this.#grant = grant;
    this.#endWatch = watchDescriptor(grant.descriptor, "readable", () => this.#interrupted(grant));
    try {
      this.#applyUpdates();
      if (this.#alarm !== undefined) this.arm(this.#alarm);
    } catch (error) {
      console.error(errorMessage(error));
    }
  }

  #interrupted(grant: HostGrant): void {
    this.#using("read its events", () => {
      const { alarm, update } = drainClock(grant.descriptor);
      if (update) this.#listener.update();
      if (alarm) this.#listener.alarm();
    });
  }

  /** Runs what needs the clock, if it is there; finds out when it no longer is. */
  #using<Result>(what: string, use: (descriptor: number) => Result): Result | undefined {
    const grant = this.#grant;
    if (grant === undefined) return undefined;
    try {
      return use(grant.descriptor);
    } catch (error) {
      if (error instanceof SessionError) throw error;
      if (codeOf(error) === "ENODEV") return void this.#lose();
      throw new SessionError("Device", `Cannot ${what} of ${this.#facts.source}: ${errorMessage(error)}`);
    }
  }

  /** @throws SessionError `Unavailable` */
  #needed<Result>(what: string, use: (descriptor: number) => Result): Result {
    const result = this.#using(what, use);
    if (result === undefined)
      throw new SessionError(
        "Unavailable",
        `Cannot ${what} of ${this.#facts.source}: it is not there; it is used again when it returns`,
      );
    return result;
  }

  #lose(): void {
    if (this.#grant === undefined) return;
    this.#detach();
    console.error(`${this.#facts.source} was taken away`);
    // Not within the call that found out.
    queueMicrotask(() => this.#listener.changed());
    this.#source.release().then(
      () => this.#search(),
      () => this.#search(),
    );
  }

  #detach(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
    this.#endWatch = void this.#endWatch?.();
    this.#grant?.close();
    this.#grant = undefined;
    this.#armed = false;
    this.#counter.clear();
  }

  /** Something changed: looks for the clock, or whether it is still there. */
  look(): void {
    if (this.present) return this.#ask();
    if (this.#searching === undefined) return;
    clearTimeout(this.#searching);
    void this.#find();
  }

  #search(): void {
    if (!this.#closed) this.#searching = setTimeout(() => void this.#find(), searchPeriod);
  }

  async #find(): Promise<void> {
    this.#searching = undefined;
    try {
      await this.#attach();
    } catch {
      // What open() said the first time.
      return this.#search();
    }
    if (this.#closed) return;
    console.log(`${this.#facts.source} is there`);
    this.#listener.changed();
  }

  time(): RtcTime {
    return this.#needed("read the time", (descriptor) => {
      try {
        return { seconds: readClock(descriptor), microseconds: 0 };
      } catch (error) {
        if (codeOf(error) !== "EINVAL") throw error;
        throw new SessionError("Unset", `${this.#facts.source} lost its time, as without a battery: it has to be set`);
      }
    });
  }

  async set(seconds: number): Promise<void> {
    this.#needed("set the time", () => true);
    await this.#source.set(seconds);
    // A clock that knew no time took no alarm.
    this.arm(this.#alarm);
  }

  battery(): RtcBattery {
    return this.#needed("read the battery", (descriptor) => {
      if (this.#facts.battery) return clockBattery(descriptor);
      throw new SessionError("Unsupported", `${this.#facts.source} does not measure its battery`);
    });
  }

  arm(seconds: number | undefined): void {
    this.#alarm = seconds;
    this.#lookWhileWanted();
    this.#counter.clear();
    this.#using("set the alarm", (descriptor) => {
      if (seconds === undefined) {
        // What another program set before stays, such as the time at which the machine is to wake.
        if (this.#armed) disarmClock(descriptor);
        this.#armed = false;
        return;
      }
      let now: number;
      try {
        now = readClock(descriptor);
      } catch (error) {
        // Without a time there is no alarm: it is armed when somebody sets the clock.
        if (codeOf(error) === "EINVAL") return;
        throw error;
      }
      // An alarm of whole minutes would come early, and again and again until the second is there.
      if (!this.#facts.alarm || (this.#minutes && seconds - now < 120)) return this.#count(seconds - now);
      this.#armed = true;
      try {
        armClock(descriptor, seconds);
      } catch (error) {
        if (!["EINVAL", "ERANGE", "EDOM"].includes(codeOf(error)) || seconds - now <= nearestDay) throw error;
        armClock(descriptor, now + nearestDay);
      }
    });
  }

  #count(seconds: number): void {
    const wait = Math.min(Math.max(seconds, 0), longestCount);
    this.#counter.set(Number(process.hrtime.bigint()) + wait * nanosecondsPerSecond);
  }

  report(updates: boolean): void {
    if (updates && this.present && !this.#facts.updates)
      throw new SessionError("Unsupported", `${this.#facts.source} does not tell of the seconds`);
    this.#updates = updates;
    this.#applyUpdates();
  }

  #applyUpdates(): void {
    this.#lookWhileWanted();
    this.#using("change the update interrupts", (descriptor) => {
      if (this.#facts.updates) reportUpdates(descriptor, this.#updates);
    });
  }

  #lookWhileWanted(): void {
    const wanted = this.present && (this.#updates || this.#alarm !== undefined);
    if (!wanted) {
      clearInterval(this.#looking);
      this.#looking = undefined;
    } else this.#looking ??= setInterval(() => this.#ask(), lookPeriod);
  }

  #ask(): void {
    try {
      this.time();
    } catch {
      // Its loss was noticed on the way; whoever reads the clock is told of anything else.
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#searching);
    this.#detach();
    this.#counter[Symbol.dispose]();
  }
}
