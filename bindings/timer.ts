/**
 * Timers as descriptors: precise to microseconds, where timers of the event loop count whole milliseconds. Watch one
 * for reading; arming it again, or disarming it, makes it unreadable again.
 */
import { native as addon } from "./native.js";

interface TimerAddon {
  timerCreate(): number;
  timerArm(descriptor: number, nanoseconds: number): void;
}

const native = addon as unknown as TimerAddon;

/** A disarmed timer on CLOCK_MONOTONIC. Throws EMFILE where no descriptor is left. */
export function createTimer(): number {
  return native.timerCreate();
}

/** Makes the timer readable at this time of CLOCK_MONOTONIC, in nanoseconds; one in the past makes it so at once. */
export function armTimer(descriptor: number, nanoseconds: number): void {
  // 0 would disarm it.
  native.timerArm(descriptor, Math.max(1, Math.round(nanoseconds)));
}

export function disarmTimer(descriptor: number): void {
  native.timerArm(descriptor, 0);
}
