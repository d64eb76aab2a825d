/** The server half of Timer: one timeout a session. */
import type { SessionRequest } from "../../base/server.js";
import { Timer, type TimerArgs, type TimerHandlers } from "../../sessions/timer/timer.generated.js";
import { monotonicNow, type Schedule, type Scheduled } from "./schedule.js";

const timeoutSignal = Timer.signals.indexOf("timeout");
const nanosecondsPerMicrosecond = 1000;

export class TimerSession implements TimerHandlers, Scheduled {
  deadline = 0;
  position = -1;
  readonly #request: SessionRequest<TimerArgs>;
  readonly #schedule: Schedule;
  readonly #shortestPeriod: number;
  readonly #openedAt = monotonicNow();
  /** Nanoseconds; 0: once. */
  #period = 0;

  /** `shortestPeriod` in nanoseconds: a shorter one would be a client's way to keep the server from everybody else. */
  constructor(request: SessionRequest<TimerArgs>, schedule: Schedule, shortestPeriod: number) {
    this.#request = request;
    this.#schedule = schedule;
    this.#shortestPeriod = shortestPeriod;
  }

  triggerOnce(microseconds: number): void {
    this.#period = 0;
    this.#schedule.insert(this, monotonicNow() + microseconds * nanosecondsPerMicrosecond);
  }

  triggerPeriodic(microseconds: number): void {
    if (microseconds === 0) {
      this.#period = 0;
      this.#schedule.remove(this);
      return;
    }
    this.#period = Math.max(this.#shortestPeriod, microseconds * nanosecondsPerMicrosecond);
    this.#schedule.insert(this, monotonicNow() + this.#period);
  }

  elapsed(): number {
    return Math.floor((monotonicNow() - this.#openedAt) / nanosecondsPerMicrosecond);
  }

  expire(now: number): void {
    if (this.#period > 0) {
      // Periods that passed unserved are one signal, and the grid stays where it was.
      const periods = 1 + Math.floor((now - this.deadline) / this.#period);
      this.#schedule.insert(this, this.deadline + periods * this.#period);
    }
    this.#request.session.raise(timeoutSignal);
  }

  close(): void {
    this.#schedule.remove(this);
  }
}
