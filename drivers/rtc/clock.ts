/** What the driver needs of a clock: the hardware, or the system's. Times are UTC, in seconds since 1970. */
import type { RtcBattery, RtcFacts, RtcTime } from "../../sessions/rtc/index.js";

/** What a clock is: the part of the interface's facts that is the same for all sessions. */
export type ClockFacts = Omit<RtcFacts, "writeable">;

export interface ClockListener {
  /** The time that the clock is armed for may have come. */
  alarm(): void;
  /** A second began. */
  update(): void;
  /** The clock shows another time than it would have, or came or went. */
  changed(): void;
}

export interface Clock {
  readonly facts: ClockFacts;
  /** Whether it is there. */
  readonly present: boolean;
  /** @throws SessionError `Unset`, `Unavailable`, `Device` */
  time(): RtcTime;
  /** @throws SessionError `Device` (the host refuses), `Unavailable` */
  set(seconds: number): Promise<void>;
  /** @throws SessionError `Unsupported`, `Unavailable` */
  battery(): RtcBattery;
  /** Tells its listener of this time, or earlier; undefined: of none. In force also while the clock is not there. */
  arm(seconds: number | undefined): void;
  /** Whether its listener is told of updates. In force also while the clock is not there. */
  report(updates: boolean): void;
  close(): void;
}
