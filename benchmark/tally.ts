/** What a component of the benchmark says about its calls every half second: `figures CALLS MEDIAN LONGEST`, calls a second and microseconds. */
const window = 500;

export class Tally {
  #took: number[] = [];
  #since = performance.now();

  /** One call took from `before` until `now`. */
  add(before: number, now: number): void {
    this.#took.push(now - before);
    if (now - this.#since < window) return;
    const took = this.#took.sort((a, b) => a - b);
    const [median = 0, longest = 0] = [took[took.length >> 1], took.at(-1)];
    const rate = (took.length / (now - this.#since)) * 1000;
    console.log(`figures ${rate.toFixed(0)} ${(median * 1000).toFixed(2)} ${(longest * 1000).toFixed(0)}`);
    this.#took = [];
    this.#since = performance.now();
  }
}
