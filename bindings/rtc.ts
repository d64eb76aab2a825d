/**
 * Real-time clocks: everything works on a descriptor that was granted. Times are whole seconds since
 * 1970-01-01T00:00:00Z. Watch the descriptor for reading: alarms and updates make it readable until {@link drainClock}.
 * Functions throw errors with code ENODEV once the clock was taken away, and ENOTTY for what it does not have.
 */
import { native as addon } from "./native.js";
import { flag, number, PackedRecord } from "./packed-record.js";

interface RtcAddon {
  rtcRead(clock: number): number;
  rtcSet(clock: number, seconds: number): void;
  rtcAlarm(clock: number): number | undefined;
  rtcArm(clock: number, seconds: number): void;
  rtcDisarm(clock: number): void;
  rtcReportUpdates(clock: number, on: boolean): void;
  rtcDrain(clock: number, out: Uint32Array): void;
  rtcBattery(clock: number): number;
  rtcFeatures(clock: number): number;
}

const native = addon as unknown as RtcAddon;

/** Throws EINVAL when the clock knows that its time is wrong. */
export function readClock(clock: number): number {
  return native.rtcRead(clock);
}

/** Throws EACCES without CAP_SYS_TIME, ERANGE for a time that the clock cannot show. */
export function setClock(clock: number, seconds: number): void {
  native.rtcSet(clock, seconds);
}

/** What {@link armClock} set; undefined: nothing. */
export function clockAlarm(clock: number): number | undefined {
  return native.rtcAlarm(clock);
}

/**
 * Makes the clock readable at this time, instead of the alarm before; one in the past makes it so at once. Throws EINVAL,
 * ERANGE or EDOM for one that is too far away for the clock: many compare no more than the time of day.
 */
export function armClock(clock: number, seconds: number): void {
  native.rtcArm(clock, seconds);
}

export function disarmClock(clock: number): void {
  native.rtcDisarm(clock);
}

/** Whether the clock becomes readable at the beginning of each second. */
export function reportUpdates(clock: number, on: boolean): void {
  native.rtcReportUpdates(clock, on);
}

export interface ClockEvents {
  /** Interrupts since the last call. */
  readonly count: number;
  /** Whether an alarm was among them. */
  readonly alarm: boolean;
  readonly update: boolean;
}

const eventWords = new PackedRecord<ClockEvents>({ count: number, alarm: flag, update: flag });

/** What made the clock readable; none without waiting. */
export function drainClock(clock: number): ClockEvents {
  return eventWords.filledBy((words) => native.rtcDrain(clock, words));
}

/** What a clock tells of its battery. */
export interface ClockBattery {
  /** The time is wrong: the voltage was too low to keep it. */
  readonly timeLost: boolean;
  readonly low: boolean;
  readonly empty: boolean;
  /** The voltage is too low for the clock to be exact. */
  readonly inexact: boolean;
  /** The clock ran on its battery since it was last asked. */
  readonly used: boolean;
}

/** Throws ENOTTY when the clock does not measure it. */
export function clockBattery(clock: number): ClockBattery {
  const bits = native.rtcBattery(clock);
  const bit = (place: number): boolean => ((bits >>> place) & 1) === 1;
  return { timeLost: bit(0), low: bit(1), empty: bit(2), inexact: bit(3), used: bit(4) };
}

export interface ClockFeatures {
  readonly alarm: boolean;
  /** Alarms have the resolution of a minute. */
  readonly minuteAlarm: boolean;
  readonly updates: boolean;
}

/** What the clock's driver says that it can do. */
export function clockFeatures(clock: number): ClockFeatures {
  const bits = native.rtcFeatures(clock);
  const bit = (place: number): boolean => ((bits >>> place) & 1) === 1;
  return { alarm: bit(0), minuteAlarm: bit(1), updates: bit(4) };
}
