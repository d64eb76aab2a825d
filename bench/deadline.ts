/** Waiting that ends: by its time, by its caller, or since what it waits for is over. */
import { parseDuration } from "../base/quantity.js";

export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds, or a text such as "2s". */
  readonly within?: string | number;
}

/** A wait's time was over. */
export class DeadlinePassed extends Error {
  override readonly name = "DeadlinePassed";
}

/** Settles as `work` does, or rejects: `what` completes "Waited 2s in vain for". `over` rejects when nothing more can come. */
export function bounded<T>(
  what: string,
  work: Promise<T>,
  { signal, within = "30s" }: WaitOptions = {},
  over?: Promise<never>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void =>
      reject(signal?.reason instanceof Error ? signal.reason : new Error(`Gave up waiting for ${what}`));
    const timer = setTimeout(
      () =>
        reject(
          new DeadlinePassed(
            `Waited ${typeof within === "number" ? `${Math.round(within)} ms` : within} in vain for ${what}`,
          ),
        ),
      parseDuration(within),
    );
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted === true) abort();
    void over?.catch(reject);
    work.then(resolve, reject).finally(settle);
    over?.catch(settle);
  });
}
