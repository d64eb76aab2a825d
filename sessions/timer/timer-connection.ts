/** The client half of Timer: any number of timeouts on one session. */
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import { monotonic } from "../../base/monotonic.js";
import { parseDuration } from "../../base/quantity.js";
import type { Session, SessionOptions, SessionType } from "../../base/session.js";
import { type Deadline, DeadlineQueue } from "../../lib/deadline-queue.js";
import { onGivenUp, untilAnswered } from "../../lib/repetition.js";
import { type TimerArgs, type TimerClient, type TimerHandlers, Timer as TimerInterface } from "./timer.generated.js";

export type TimerOptions = SessionOptions;

/** A duration such as `"250ms"`, or milliseconds; fractions count down to the microsecond. */
export type Duration = string | number;

/** Milliseconds of a period. @throws SessionError `InvalidArgument` */
function parsePeriod(period: Duration): number {
  const milliseconds = parseDuration(period);
  if (milliseconds === 0)
    throw new SessionError("InvalidArgument", `Cannot repeat with a period of ${period}: it must be longer than 0`);
  return milliseconds;
}

/** One timeout of a connection. */
export class Timeout implements Deadline, Disposable {
  deadline = 0;
  position = -1;
  readonly #timer: TimerConnection;
  /** Milliseconds; 0: once. */
  readonly #period: number;
  readonly #handler: (periods: number) => void;

  /** Made by {@link TimerConnection.after} and {@link TimerConnection.every}. */
  constructor(timer: TimerConnection, period: number, handler: (periods: number) => void) {
    this.#timer = timer;
    this.#period = period;
    this.#handler = handler;
  }

  /** Whether it waits. */
  get pending(): boolean {
    return this.position >= 0;
  }

  /** Waits anew, from now on, instead of what it waited for. */
  restart(duration: Duration): void {
    this.#timer.schedule(this, monotonic() + parseDuration(duration));
  }

  cancel(): void {
    this.#timer.cancel(this);
  }

  [Symbol.dispose](): void {
    this.cancel();
  }

  /** For the connection: its deadline passed at `now`. */
  expire(now: number): void {
    if (this.#period === 0) return this.#handler(1);
    // Periods that nobody could serve in time are one call, and the grid stays where it was: no drift.
    const periods = 1 + Math.floor((now - this.deadline) / this.#period);
    this.#timer.schedule(this, this.deadline + periods * this.#period);
    this.#handler(periods);
  }
}

/**
 * Timeouts on a monotonic clock. All of them share the session's one timeout, which is armed for the earliest. They are
 * kept here, so a restart of the server delays them by as long as it takes and loses none.
 */
export class TimerConnection implements AsyncDisposable {
  readonly #session: Session<TimerClient, TimerHandlers, TimerArgs>;
  readonly #queue = new DeadlineQueue<Timeout>();
  /** What the server is armed for, in milliseconds of this process's monotonic clock; Infinity: nothing. */
  #armed = Number.POSITIVE_INFINITY;
  #arming = false;
  #closed = false;
  /** Milliseconds that {@link elapsed} counted before the server's last restart. */
  #elapsedBefore = 0;
  /** The newest answer of {@link elapsed}, and when it came. */
  #known = { elapsed: 0, at: monotonic() };

  constructor(session: Session<TimerClient, TimerHandlers, TimerArgs>) {
    this.#session = session;
    session.onSignal("timeout", () => this.#expire());
    session.onLost(() => {
      this.#armed = Number.POSITIVE_INFINITY;
    });
    onGivenUp(session, (reason) => this.#end(reason));
    session.onReopened(() => {
      const now = monotonic();
      // On from what was told: a server counts from before its client hears that the session is open.
      this.#elapsedBefore = this.#known.elapsed + now - this.#known.at;
      this.#known = { elapsed: this.#elapsedBefore, at: now };
      this.#armed = Number.POSITIVE_INFINITY;
      this.#arm();
    });
  }

  /** Calls `handler` once, after this duration. */
  after(duration: Duration, handler: () => void): Timeout {
    const timeout = new Timeout(this, 0, handler);
    timeout.restart(duration);
    return timeout;
  }

  /**
   * Calls `handler` every period, for the first time one period from now, with the number of periods that passed since
   * the last call: more than 1 where the component was busy.
   */
  every(period: Duration, handler: (periods: number) => void): Timeout {
    const milliseconds = parsePeriod(period);
    const timeout = new Timeout(this, milliseconds, handler);
    timeout.restart(milliseconds);
    return timeout;
  }

  /** Resolves after this duration. Rejects with `Aborted` when `signal` fires, with `Disconnected` when the timer closes. */
  sleep(duration: Duration, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new SessionError("Aborted", "Sleep aborted"));
      const onAbort = (): void => {
        timeout.cancel();
        this.#sleepers.delete(timeout);
        reject(new SessionError("Aborted", "Sleep aborted"));
      };
      const timeout = this.after(duration, () => {
        signal?.removeEventListener("abort", onAbort);
        this.#sleepers.delete(timeout);
        resolve();
      });
      this.#sleepers.set(timeout, reject);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  readonly #sleepers = new Map<Timeout, (error: Error) => void>();

  /**
   * Yields the number of the period, counted from 1 on, as each ends. A consumer that takes longer than a period gets the
   * newest number next; the grid of the periods does not move.
   */
  async *periodic(
    period: Duration,
    options: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<number, void, undefined> {
    const milliseconds = parsePeriod(period);
    const start = monotonic();
    for (let number = 1; ; ) {
      await this.sleep(Math.max(0, start + number * milliseconds - monotonic()), options);
      number = Math.max(number, Math.floor((monotonic() - start) / milliseconds));
      yield number;
      number += 1;
    }
  }

  /** Milliseconds since the connection was opened, by the server's clock. Never goes back, also when the server restarts. */
  async elapsed(): Promise<number> {
    const microseconds = await untilAnswered(this.#session, () => this.#session.client.elapsed());
    const elapsed = this.#elapsedBefore + microseconds / 1000;
    this.#known = { elapsed, at: monotonic() };
    return elapsed;
  }

  /** For {@link Timeout}: waits until `deadline`, in milliseconds of monotonic(). */
  schedule(timeout: Timeout, deadline: number): void {
    if (this.#closed) throw new SessionError("Disconnected", "Cannot wait: the timer was closed");
    this.#queue.insert(timeout, deadline);
    this.#arm();
  }

  cancel(timeout: Timeout): void {
    // The server stays armed: that costs at most one wake-up, taking it back would cost a call each time.
    this.#queue.remove(timeout);
  }

  /** Arms the server when it is not armed, or for later than needed. */
  #arm(): void {
    const first = this.#queue.first;
    if (first === undefined || first.deadline >= this.#armed || this.#arming || this.#closed) return;
    // Once the current turn is over: several timeouts that start together cost one call.
    this.#arming = true;
    queueMicrotask(() => {
      this.#arming = false;
      const { first: earliest } = this.#queue;
      if (earliest === undefined || earliest.deadline >= this.#armed || this.#closed) return;
      this.#armed = earliest.deadline;
      const microseconds = Math.max(0, Math.ceil((earliest.deadline - monotonic()) * 1000));
      this.#session.client
        .triggerOnce(Math.min(microseconds, Number.MAX_SAFE_INTEGER))
        .catch((error: unknown) => this.#failed(error));
    });
  }

  #failed(error: unknown): void {
    // A session that is being reopened is armed when that is done.
    if (this.#closed || (error instanceof SessionError && error.code === "Disconnected")) return;
    this.#end(error as Error);
  }

  #end(error: Error): void {
    this.#closed = true;
    for (const [timeout, reject] of this.#sleepers) {
      timeout.cancel();
      reject(error);
    }
    this.#sleepers.clear();
  }

  #expire(): void {
    this.#armed = Number.POSITIVE_INFINITY;
    // What becomes due while handlers run has its turn after whatever else waits in the loop.
    const now = monotonic();
    for (let due = this.#queue.take(now); due !== undefined; due = this.#queue.take(now)) {
      try {
        due.expire(now);
      } catch (error) {
        // A fault of the component, which ends it. Not from here, where the session's channel is at work.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
    this.#arm();
  }

  /** Ends the session. Timeouts never fire then; sleeps reject with `Disconnected`. */
  async close(): Promise<void> {
    this.#end(new SessionError("Disconnected", "Sleep ended: the timer was closed"));
    await this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Time that only moves forward. */
export const Timer: SessionType<TimerOptions, TimerConnection> = {
  interface: TimerInterface,
  async open(env: Env, options: TimerOptions): Promise<TimerConnection> {
    return new TimerConnection(await env.session(TimerInterface, {}, options));
  },
};
