/** The server half of Rtc: one alarm a session, on the one of the clock. */
import { SessionError } from "../../base/errors.js";
import type { SessionRequest } from "../../base/server.js";
import type { Deadline } from "../../lib/deadline-queue.js";
import {
  type RtcArgs,
  type RtcBattery,
  type RtcFacts,
  type RtcHandlers,
  RtcInterface,
  type RtcTime,
} from "../../sessions/rtc/index.js";
import type { Clock } from "./clock.js";

const signals = {
  alarm: RtcInterface.signals.indexOf("alarm"),
  update: RtcInterface.signals.indexOf("update"),
  timeChanged: RtcInterface.signals.indexOf("timeChanged"),
} as const;

/** What the sessions share. */
export interface SessionHost {
  readonly clock: Clock;
  /** Sets the clock, and tells everybody. */
  setTime(seconds: number): Promise<void>;
  /** The session's alarm, instead of the one before; undefined: none. */
  setAlarm(session: RtcSession, seconds: number | undefined): void;
  /** The session wants updates, or no longer. @throws SessionError `Unsupported` */
  setUpdates(session: RtcSession, on: boolean): void;
  closed(session: RtcSession): void;
}

export class RtcSession implements RtcHandlers, Deadline {
  deadline = 0;
  position = -1;
  readonly #host: SessionHost;
  readonly #request: SessionRequest<RtcArgs>;
  readonly #writeable: boolean;

  constructor(host: SessionHost, request: SessionRequest<RtcArgs>, writeable: boolean) {
    this.#host = host;
    this.#request = request;
    this.#writeable = writeable;
  }

  raise(signal: keyof typeof signals): void {
    this.#request.session.raise(signals[signal]);
  }

  /** Ends the session, as a crash would. */
  end(): void {
    this.#request.session.close();
  }

  time(): RtcTime {
    return this.#host.clock.time();
  }

  async setTime(seconds: number): Promise<void> {
    if (!this.#writeable)
      throw new SessionError(
        "Denied",
        `Cannot set the clock for "${this.#request.label}": its policy does not let it; add "writeable": true there`,
      );
    await this.#host.setTime(seconds);
  }

  facts(): RtcFacts {
    return { ...this.#host.clock.facts, writeable: this.#writeable };
  }

  battery(): RtcBattery {
    return this.#host.clock.battery();
  }

  setAlarm(seconds: number): void {
    this.#host.setAlarm(this, seconds);
  }

  clearAlarm(): void {
    this.#host.setAlarm(this, undefined);
  }

  setUpdates(on: boolean): void {
    this.#host.setUpdates(this, on);
  }

  close(): void {
    this.#host.closed(this);
  }
}
