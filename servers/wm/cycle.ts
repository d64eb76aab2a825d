/** Going through windows by a key, while another one is held: in the order of their use when it began. */

export class Cycle {
  #order: readonly number[] | undefined;
  #place = 0;

  /** The next window, or the one before; undefined where there is none. `order`: from the front to the back. */
  step(order: readonly number[], backwards: boolean): number | undefined {
    if (order.length === 0) return undefined;
    // While it goes on, the windows that it brings to the front do not change the order.
    this.#order ??= order;
    const { length } = this.#order;
    for (let steps = 0; steps < length; ++steps) {
      this.#place = (this.#place + (backwards ? length - 1 : 1)) % length;
      const id = this.#order[this.#place] as number;
      // Windows may have gone since.
      if (order.includes(id)) return id;
    }
    return undefined;
  }

  /** The key that was held is up. */
  end(): void {
    this.#order = undefined;
    this.#place = 0;
  }
}
