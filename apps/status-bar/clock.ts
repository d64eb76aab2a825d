/** A clock for people: what it shows, and when that changes. */
import type { Env } from "../../base/env.js";
import { errorMessage, SessionError } from "../../base/errors.js";
import { monotonic } from "../../base/monotonic.js";
import { Rtc } from "../../sessions/rtc/index.js";
import { Timer } from "../../sessions/timer/index.js";
import type { StatusBarConfig } from "./config.js";

const minute = 60_000;
/** A clock of the machine runs a little wrong against the one that counts in between, so it is asked again. */
const askedEvery = 10 * minute;

/** Milliseconds since 1970. */
type Now = () => number;

/** @throws SessionError `InvalidArgument` for a time zone that nobody knows */
export function clockText(config: StatusBarConfig): (milliseconds: number) => string {
  const { timeZone, seconds } = config;
  try {
    const time = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      hour: "2-digit",
      minute: "2-digit",
      ...(seconds && { second: "2-digit" }),
      hourCycle: "h23",
    });
    const date = new Intl.DateTimeFormat("en-GB", { timeZone, weekday: "short", day: "numeric", month: "short" });
    return (milliseconds) => `${date.format(milliseconds).replace(",", "")}  ${time.format(milliseconds)}`;
  } catch (error) {
    throw new SessionError("InvalidArgument", `Cannot show the time of "${timeZone}": ${errorMessage(error)}`);
  }
}

/** A clock of the machine, read once in a while; in between the system's counts on. */
async function rtcClock(env: Env, changed: () => void): Promise<Now> {
  const rtc = await env.connect(Rtc);
  let [read, readAt] = [0, 0];
  const ask = async (): Promise<void> => {
    const time = await rtc.time();
    [read, readAt] = [time.getTime(), monotonic()];
    changed();
  };
  const askAgain = (): void => {
    ask().catch((error: unknown) => console.error(`Cannot read the clock: ${errorMessage(error)}`));
  };
  await ask();
  rtc.onTimeChange(askAgain);
  const timer = await env.connect(Timer);
  timer.every(askedEvery, askAgain);
  return () => read + monotonic() - readAt;
}

/** Calls `tick` with the time whenever what a clock shows changes, and once at first. */
export async function runClock(env: Env, config: StatusBarConfig, tick: (milliseconds: number) => void): Promise<void> {
  const period = config.seconds ? 1000 : minute;
  const timer = await env.connect(Timer);
  let now: Now = Date.now;
  const show = (): void => tick(now());
  if (config.clock === "rtc") now = await rtcClock(env, show);
  const again = (): void => {
    const milliseconds = now();
    tick(milliseconds);
    // A little late rather than a little early, when it would show the old time once more.
    timer.after(period - (milliseconds % period) + 1, again);
  };
  again();
}
