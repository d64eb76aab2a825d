/** Sleeps of random length at random moments, from nothing to longer than the looking window of the event loop. */
import { setTimeout as delay } from "node:timers/promises";

const clock = new Int32Array(new SharedArrayBuffer(4));

export class Sleeper {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 1;
  }

  /** A whole number from 0 to `below` - 1 (xorshift): the same sequence for the same seed. */
  random(below: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % below;
  }

  /** Blocks the whole thread now and then. */
  block(): void {
    if (this.random(200) === 0) Atomics.wait(clock, 0, 0, this.random(300) / 1000);
  }

  /** Lets the loop run, or sleep, now and then. */
  rest(): Promise<void> | undefined {
    const choice = this.random(100);
    if (choice === 0) return delay(this.random(3));
    if (choice < 3) return new Promise((resolve) => setImmediate(resolve));
    return undefined;
  }
}
