/** Something that happens now and then, to be awaited without missing it. */

/**
 * To wait for a condition: read {@link count}, look whether the condition holds, and if not await {@link after} with the
 * count read before. What happened in between ends that wait at once.
 */
export class Occurrence {
  #count = 0;
  #waiting: (() => void)[] = [];

  /** How often it happened. */
  get count(): number {
    return this.#count;
  }

  /** It happened. */
  happened(): void {
    this.#count += 1;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Resolves once the count differs from `seen`, or one of the signals fires. */
  async after(seen: number, ...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
    if (this.#count !== seen || signals.some((signal) => signal?.aborted)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const signal of signals) signal?.removeEventListener("abort", abandoned);
        resolve();
      };
      const abandoned = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== done);
        done();
      };
      this.#waiting.push(done);
      for (const signal of signals) signal?.addEventListener("abort", abandoned);
    });
  }
}
