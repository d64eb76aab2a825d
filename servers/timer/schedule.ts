/** The timeouts of all sessions on one alarm. Times in nanoseconds of CLOCK_MONOTONIC. */

import { Alarm } from "../../lib/alarm.js";
import { type Deadline, DeadlineQueue } from "../../lib/deadline-queue.js";

/** Nanoseconds of CLOCK_MONOTONIC. A number holds them exactly for the first 104 days after boot, then to 2 ns. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint());
}

/** What waits for its deadline. */
export interface Scheduled extends Deadline {
  /** Called at `now`, when the deadline has passed and the entry is no longer in the schedule; it may wait anew. */
  expire(now: number): void;
}

export class Schedule implements Disposable {
  readonly #queue = new DeadlineQueue<Scheduled>();
  readonly #alarm = new Alarm(() => this.#expire());
  #armed = Number.POSITIVE_INFINITY;
  #expiring = false;

  insert(entry: Scheduled, deadline: number): void {
    this.#queue.insert(entry, deadline);
    this.#arm();
  }

  remove(entry: Scheduled): void {
    if (this.#queue.remove(entry)) this.#arm();
  }

  #arm(): void {
    if (this.#expiring) return;
    const earliest = this.#queue.first?.deadline ?? Number.POSITIVE_INFINITY;
    if (earliest === this.#armed) return;
    this.#armed = earliest;
    if (earliest === Number.POSITIVE_INFINITY) this.#alarm.clear();
    else this.#alarm.set(earliest);
  }

  #expire(): void {
    this.#armed = Number.POSITIVE_INFINITY;
    this.#expiring = true;
    const now = monotonicNow();
    for (let due = this.#queue.take(now); due !== undefined; due = this.#queue.take(now)) due.expire(now);
    this.#expiring = false;
    this.#arm();
  }

  [Symbol.dispose](): void {
    this.#alarm[Symbol.dispose]();
  }
}
