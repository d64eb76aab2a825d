/** Going through windows by a key, while another one is held: in the order of their use when it began. */

export class Cycle {
  #order: readonly number[] | undefined;
  #place = 0;

  /** The next window, or the one before; undefined where there is none. `order`: from the front to the back. */
  step(order: readonly number[], backwards: boolean): number | undefined {
    // While it goes on, the windows that it brings to the front do not change the order.
    this.#order ??= order;
    const known = this.#order.filter((id) => order.includes(id));
    if (known.length === 0) return undefined;
    this.#place = (this.#place + (backwards ? known.length - 1 : 1)) % known.length;
    return known[this.#place];
  }

  /** The key that was held is up. */
  end(): void {
    this.#order = undefined;
    this.#place = 0;
  }
}
