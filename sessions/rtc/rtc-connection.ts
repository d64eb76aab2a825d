/** The client half of Rtc: any number of alarms on the one of the session. */
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import type { CallOptions } from "../../base/interface.js";
import { monotonic } from "../../base/monotonic.js";
import type { Session, SessionOptions, SessionType } from "../../base/session.js";
import { type Deadline, DeadlineQueue } from "../../lib/deadline-queue.js";
import { onGivenUp, untilAnswered } from "../../lib/repetition.js";
import { Watchers } from "../../lib/watchers.js";
import {
  type RtcArgs,
  type RtcBattery,
  type RtcClient,
  type RtcFacts,
  type RtcHandlers,
  Rtc as RtcInterface,
} from "./rtc.generated.js";

export type RtcOptions = SessionOptions;

/** What waits for a time of the clock: its deadline is in seconds since 1970. */
interface Waiting extends Deadline {
  readonly due: () => void;
  readonly ended: (reason: Error) => void;
}

/** The first whole second that is not before this date. */
function secondsOf(date: Date): number {
  const seconds = Math.ceil(date.getTime() / 1000);
  if (Number.isNaN(seconds)) throw new SessionError("InvalidArgument", "Cannot use an invalid date");
  return seconds;
}

/**
 * A clock that knows the date. Alarms are kept here, so a restart of the server delays them by as long as it takes and
 * loses none; so is the wish for updates.
 */
export class RtcConnection implements AsyncDisposable {
  readonly #session: Session<RtcClient, RtcHandlers, RtcArgs>;
  readonly #queue = new DeadlineQueue<Waiting>();
  /** What the server is armed for; Infinity: nothing. */
  #armed = Number.POSITIVE_INFINITY;
  #arming = false;
  #closed: Error | undefined;
  readonly #updateWatchers = new Set<(count: number) => void>();
  readonly #timeWatchers = new Watchers();

  constructor(session: Session<RtcClient, RtcHandlers, RtcArgs>) {
    this.#session = session;
    session.onSignal("alarm", () => void this.#expire());
    session.onSignal("update", (count) => {
      for (const tell of [...this.#updateWatchers]) tell(count);
    });
    session.onSignal("timeChanged", () => this.#timeWatchers.tell());
    session.onReopened(async () => {
      this.#armed = Number.POSITIVE_INFINITY;
      this.#arm();
      if (this.#updateWatchers.size > 0) await session.client.setUpdates(true).catch(() => {});
      this.#timeWatchers.tell();
    });
    onGivenUp(session, (reason) => this.#end(reason));
  }

  /**
   * What the clock shows, to the resolution that {@link facts} names.
   * @throws SessionError `Unset` (it lost its time), `Unavailable` (it is not there)
   */
  async time(options?: CallOptions): Promise<Date> {
    const { seconds, microseconds } = await untilAnswered(this.#session, () => this.#session.client.time(options));
    return new Date(seconds * 1000 + Math.floor(microseconds / 1000));
  }

  /**
   * Sets the clock for everybody, to the nearest whole second.
   * @throws SessionError `Denied` (the policy does not let this session), `Device` (the host refuses), `Unavailable`
   */
  async setTime(date: Date, options?: CallOptions): Promise<void> {
    secondsOf(date);
    const start = monotonic();
    await untilAnswered(this.#session, () => {
      // A server that died on the way has cost time.
      const now = date.getTime() + monotonic() - start;
      return this.#session.client.setTime(Math.round(now / 1000), options);
    });
  }

  /** What keeps the time, and what it can do. */
  facts(options?: CallOptions): Promise<RtcFacts> {
    return untilAnswered(this.#session, () => this.#session.client.facts(options));
  }

  /** @throws SessionError `Unsupported` (the clock does not measure it), `Unavailable` */
  battery(options?: CallOptions): Promise<RtcBattery> {
    return untilAnswered(this.#session, () => this.#session.client.battery(options));
  }

  /**
   * Calls `handler` once, when the clock shows this date or a later one, also when it is set to that. Alarms have whole
   * seconds: a fraction counts as the next one. Returns the function that cancels it.
   */
  at(date: Date, handler: () => void): () => void {
    const waiting = this.#wait(date, handler, () => {});
    return () => void this.#queue.remove(waiting);
  }

  /**
   * Resolves as {@link at} calls. Rejects with `Aborted` when `signal` fires, with `Disconnected` when the connection
   * closes.
   */
  sleepUntil(date: Date, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      const aborted = (): SessionError => new SessionError("Aborted", `Waiting until ${date.toISOString()} aborted`);
      if (signal?.aborted) return reject(aborted());
      const onAbort = (): void => {
        this.#queue.remove(waiting);
        reject(aborted());
      };
      const done = (): void => signal?.removeEventListener("abort", onAbort);
      const waiting = this.#wait(
        date,
        () => {
          done();
          resolve();
        },
        (reason) => {
          done();
          reject(reason);
        },
      );
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /**
   * Calls `watcher` when the clock begins a second, with the number of seconds that began since the last call. Resolves
   * with the function that ends it.
   * @throws SessionError `Unsupported`
   */
  async onUpdate(watcher: (count: number) => void, options?: CallOptions): Promise<() => void> {
    // One of its own for each call, also with the same watcher.
    const tell = (count: number): void => watcher(count);
    this.#updateWatchers.add(tell);
    const end = (): void => {
      if (!this.#updateWatchers.delete(tell) || this.#updateWatchers.size > 0) return;
      // Nobody waits for that, and a session that is gone raises nothing.
      this.#session.client.setUpdates(false).catch(() => {});
    };
    try {
      await untilAnswered(this.#session, () => this.#session.client.setUpdates(true, options));
    } catch (error) {
      end();
      throw error;
    }
    return end;
  }

  /** Calls `watcher` when the clock was set, or may have been. Returns the function that ends it. */
  onTimeChange(watcher: () => void): () => void {
    return this.#timeWatchers.add(watcher);
  }

  #wait(date: Date, due: () => void, ended: (reason: Error) => void): Waiting {
    if (this.#closed !== undefined) throw this.#closed;
    const waiting: Waiting = { deadline: 0, position: -1, due, ended };
    this.#queue.insert(waiting, secondsOf(date));
    this.#arm();
    return waiting;
  }

  /** Arms the server when it is not armed, or for later than needed. An alarm that was cancelled costs one wake-up. */
  #arm(): void {
    const first = this.#queue.first;
    if (first === undefined || first.deadline >= this.#armed || this.#arming || this.#closed !== undefined) return;
    // Once the current turn is over: several alarms that start together cost one call.
    this.#arming = true;
    queueMicrotask(() => {
      this.#arming = false;
      const earliest = this.#queue.first;
      if (earliest === undefined || earliest.deadline >= this.#armed || this.#closed !== undefined) return;
      this.#armed = earliest.deadline;
      this.#session.client.setAlarm(earliest.deadline).catch((error: unknown) => {
        // A session that is being reopened is armed when that is done.
        if (!(error instanceof SessionError) || error.code !== "Disconnected") this.#end(error as Error);
      });
    });
  }

  async #expire(): Promise<void> {
    let now: number;
    try {
      // The signal may be that of an alarm that was replaced meanwhile.
      ({ seconds: now } = await this.#session.client.time());
    } catch {
      // The clock, or its server, went right after: whichever comes back tells of the alarm again.
      now = Number.NEGATIVE_INFINITY;
    }
    this.#armed = Number.POSITIVE_INFINITY;
    for (let due = this.#queue.take(now); due !== undefined; due = this.#queue.take(now)) {
      // A fault of the component, which ends it. Not from here, where others wait for their turn.
      queueMicrotask(due.due);
    }
    this.#arm();
  }

  #end(reason: Error): void {
    this.#closed ??= reason;
    for (
      let waiting = this.#queue.take(Number.POSITIVE_INFINITY);
      waiting !== undefined;
      waiting = this.#queue.take(Number.POSITIVE_INFINITY)
    )
      waiting.ended(reason);
  }

  /** Ends the session. Alarms never fire then; what sleeps rejects with `Disconnected`. */
  async close(): Promise<void> {
    this.#end(new SessionError("Disconnected", "Waiting ended: the clock's session was closed"));
    await this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A clock that knows the date. */
export const Rtc: SessionType<RtcOptions, RtcConnection> = {
  interface: RtcInterface,
  async open(env: Env, options: RtcOptions): Promise<RtcConnection> {
    return new RtcConnection(await env.session(RtcInterface, {}, options));
  },
};
