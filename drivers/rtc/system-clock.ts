/**
 * The clock of a machine without one: the system's, as the host sets it. A session that sets this clock moves it against
 * the system's until the driver ends; the host's own time is not the driver's to change.
 */
import { SessionError } from "../../base/errors.js";
import { Alarm } from "../../lib/alarm.js";
import type { RtcBattery, RtcTime } from "../../sessions/rtc/index.js";
import type { Clock, ClockFacts, ClockListener } from "./clock.js";

const nanosecondsPerMillisecond = 1e6;
/** A time that no clock comes to, in nanoseconds: who waits for it hears when the clock is set. */
const never = 4e18;

export class SystemClock implements Clock {
  readonly facts: ClockFacts = {
    source: "system clock",
    hardware: false,
    resolution: 1000,
    alarm: false,
    updates: true,
    battery: false,
  };
  readonly present = true;
  readonly #listener: ClockListener;
  readonly #timer: Alarm;
  /** Milliseconds that this clock is ahead of the system's. */
  #ahead = 0;
  #alarm: number | undefined;
  /** The second whose beginning is told next; undefined: none is. */
  #update: number | undefined;

  constructor(listener: ClockListener) {
    this.#listener = listener;
    this.#timer = new Alarm((clockWasSet) => this.#wake(clockWasSet), "date");
    this.#schedule();
  }

  get #now(): number {
    return Date.now() + this.#ahead;
  }

  #wake(clockWasSet: boolean): void {
    const now = this.#now;
    if (clockWasSet) {
      this.report(this.#update !== undefined);
      this.#listener.changed();
    } else if (this.#update !== undefined && now >= this.#update * 1000) {
      this.report(true);
      this.#listener.update();
    }
    const due = this.#alarm !== undefined && now >= this.#alarm * 1000;
    if (due) this.#alarm = undefined;
    this.#schedule();
    if (due) this.#listener.alarm();
  }

  #schedule(): void {
    const next = Math.min(this.#alarm ?? Number.POSITIVE_INFINITY, this.#update ?? Number.POSITIVE_INFINITY);
    this.#timer.set(Math.min(never, (next * 1000 - this.#ahead) * nanosecondsPerMillisecond));
  }

  time(): RtcTime {
    const now = this.#now;
    const seconds = Math.floor(now / 1000);
    return { seconds, microseconds: (now - seconds * 1000) * 1000 };
  }

  async set(seconds: number): Promise<void> {
    this.#ahead = seconds * 1000 - Date.now();
    this.report(this.#update !== undefined);
  }

  battery(): RtcBattery {
    throw new SessionError("Unsupported", "The system clock has no battery");
  }

  arm(seconds: number | undefined): void {
    this.#alarm = seconds;
    this.#schedule();
  }

  report(updates: boolean): void {
    this.#update = updates ? Math.floor(this.#now / 1000) + 1 : undefined;
    this.#schedule();
  }

  close(): void {
    this.#timer[Symbol.dispose]();
  }
}
