/** The Timer service. */
import type { SessionRequest } from "../../base/server.js";
import type { TimerArgs, TimerHandlers } from "../../sessions/timer/timer.generated.js";
import type { TimerConfig } from "./config.js";
import { Schedule } from "./schedule.js";
import { TimerSession } from "./timer-session.js";

const nanosecondsPerMillisecond = 1e6;

export class TimerServer implements Disposable {
  readonly #schedule = new Schedule();
  #config: TimerConfig;

  constructor(config: TimerConfig) {
    this.#config = config;
  }

  /** For sessions from now on. */
  configure(config: TimerConfig): void {
    this.#config = config;
  }

  open(request: SessionRequest<TimerArgs>): TimerHandlers {
    return new TimerSession(request, this.#schedule, this.#config.shortestPeriod * nanosecondsPerMillisecond);
  }

  [Symbol.dispose](): void {
    this.#schedule[Symbol.dispose]();
  }
}
