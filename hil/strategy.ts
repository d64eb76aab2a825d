/** Strategies: the states that a device under test can be brought to, and the ways between them. */

/** Ways from one state to others: what to do, by the name of the state that it leads to. */
export type Edges<State extends string> = {
  readonly [From in State]?: { readonly [To in State]?: () => void | Promise<void> };
};

/**
 * A machine of states, such as off, bootloader and shell. It goes to a state by the fewest steps from where it is. When a
 * step fails nobody knows where the device is: the strategy then refuses to go on until it is told by `force`, so that
 * later tests fail at once instead of each running into its time-out.
 */
export class Strategy<State extends string> {
  readonly #edges: Edges<State>;
  #state: State;
  #broken: Error | undefined;

  constructor(initial: State, edges: Edges<State>) {
    this.#state = initial;
    this.#edges = edges;
  }

  get state(): State {
    return this.#state;
  }

  /** Why no step is taken any more. */
  get broken(): Error | undefined {
    return this.#broken;
  }

  /** States to pass on the way to `target`, the first to enter first. Undefined: no way leads there. */
  path(target: State): readonly State[] | undefined {
    const before = new Map<State, State | undefined>([[this.#state, undefined]]);
    const queue: State[] = [this.#state];
    for (let state = queue.shift(); state !== undefined && !before.has(target); state = queue.shift()) {
      for (const next of Object.keys(this.#edges[state] ?? {}) as State[]) {
        if (before.has(next)) continue;
        before.set(next, state);
        queue.push(next);
      }
    }
    if (!before.has(target)) return undefined;
    const way: State[] = [];
    for (let state: State | undefined = target; state !== undefined && state !== this.#state; state = before.get(state))
      way.unshift(state);
    return way;
  }

  /** Brings the device to a state. */
  async to(target: State): Promise<void> {
    if (this.#broken !== undefined)
      throw new Error(
        `Cannot go to "${target}": an earlier step failed, and where the device is, nobody knows: ${this.#broken.message}`,
      );
    const way = this.path(target);
    if (way === undefined) throw new Error(`No way leads from "${this.#state}" to "${target}"`);
    for (const next of way) {
      const step = this.#edges[this.#state]?.[next] as () => void | Promise<void>;
      try {
        await step();
      } catch (error) {
        this.#broken = new Error(
          `"${this.#state}" to "${next}": ${error instanceof Error ? error.message : String(error)}`,
          {
            cause: error,
          },
        );
        throw this.#broken;
      }
      this.#state = next;
    }
  }

  /** Says where the device is, whatever was thought: after a failure, or when developing with a device that is on already. */
  force(state: State): void {
    this.#state = state;
    this.#broken = undefined;
  }
}
