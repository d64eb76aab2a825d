/**
 * Timers as descriptors: precise to microseconds, where timers of the event loop count whole milliseconds. Watch one
 * for reading; arming it again, disarming it or draining it makes it unreadable again.
 */
import { native as addon } from "./native.js";

interface TimerAddon {
  timerCreate(date: boolean): number;
  timerArm(descriptor: number, nanoseconds: number): boolean;
  timerDrain(descriptor: number): boolean;
}

const native = addon as unknown as TimerAddon;

/** `monotonic`: no change of the date moves it. `date`: CLOCK_REALTIME; the timer also tells when that clock is set. */
export type TimerClock = "monotonic" | "date";

/** A disarmed timer. Throws EMFILE where no descriptor is left. */
export function createTimer(clock: TimerClock = "monotonic"): number {
  return native.timerCreate(clock === "date");
}

/**
 * Makes the timer readable at this time of its clock, in nanoseconds; one in the past makes it so at once. True when the
 * clock was set and nobody has been told yet.
 */
export function armTimer(descriptor: number, nanoseconds: number): boolean {
  // 0 would disarm it.
  return native.timerArm(descriptor, Math.max(1, Math.round(nanoseconds)));
}

export function disarmTimer(descriptor: number): void {
  native.timerArm(descriptor, 0);
}

/** Makes the timer unreadable until it expires next; the result as that of {@link armTimer}. */
export function drainTimer(descriptor: number): boolean {
  return native.timerDrain(descriptor);
}
