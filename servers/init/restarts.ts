/** Back-off and the crash-loop limit of one component. */

/** The `restart` section of a start node. Durations in milliseconds. */
export interface RestartPolicy {
  readonly limit: number;
  readonly within: number;
  readonly backoff: { readonly initial: number; readonly max: number };
}

export class Restarts {
  #times: number[] = [];
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  /** When the scheduled start is due. */
  #due: number | undefined;
  /** Restarts since the component was created. */
  count = 0;

  /** Milliseconds to wait before a start that were next now, or undefined when the limit is exceeded. */
  wait(policy: RestartPolicy, now = Date.now()): number | undefined {
    const count = this.recent(policy, now);
    if (count >= policy.limit) return undefined;
    // The first restart is immediate: most crashes are single ones, and clients wait.
    return count === 0 ? 0 : Math.min(policy.backoff.max, policy.backoff.initial * 2 ** (count - 1));
  }

  /** Counts the next start, unless the limit is exceeded; its {@link wait}. */
  next(policy: RestartPolicy, now = Date.now()): number | undefined {
    const wait = this.wait(policy, now);
    if (wait === undefined) return undefined;
    this.#times = this.#times.filter((time) => now - time < policy.within);
    this.#times.push(now);
    this.count += 1;
    return wait;
  }

  schedule(milliseconds: number, start: () => void): void {
    this.cancel();
    this.#due = Date.now() + milliseconds;
    const due = (): void => {
      this.cancel();
      start();
    };
    // A timer of 0 takes a millisecond.
    if (milliseconds === 0) this.#immediate = setImmediate(due);
    else this.#timer = setTimeout(due, milliseconds);
  }

  cancel(): void {
    clearImmediate(this.#immediate);
    clearTimeout(this.#timer);
    this.#immediate = undefined;
    this.#timer = undefined;
    this.#due = undefined;
  }

  /** Milliseconds until the scheduled start; undefined when there is none. */
  get startsIn(): number | undefined {
    return this.#due === undefined ? undefined : Math.max(0, this.#due - Date.now());
  }

  /** Restarts that count for a crash loop now. */
  recent(policy: RestartPolicy, now = Date.now()): number {
    return this.#times.filter((time) => now - time < policy.within).length;
  }

  /** Forgets earlier crashes. */
  reset(): void {
    this.cancel();
    this.#times = [];
  }
}
