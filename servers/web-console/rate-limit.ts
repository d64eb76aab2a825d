/** How much somebody may send: a bucket that fills steadily, and from which everything takes its share. */
import { monotonic } from "../../base/monotonic.js";
export class RateLimit {
  readonly #perSecond: number;
  readonly #most: number;
  #left: number;
  #at = monotonic();

  /** `most` may come at once. */
  constructor(perSecond: number, most: number) {
    this.#perSecond = perSecond;
    this.#most = most;
    this.#left = most;
  }

  /** Whether there was enough left. */
  take(amount: number): boolean {
    const now = monotonic();
    this.#left = Math.min(this.#most, this.#left + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
    if (amount > this.#left) return false;
    this.#left -= amount;
    return true;
  }
}
