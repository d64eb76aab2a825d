/** How busy components are, from what they have used so far. */
import type { Usage } from "../sessions/system/index.js";

export interface UsageRate {
  /** Share of one processor since the time before: 1 is all of it. */
  readonly processor: number;
  /** Bytes; 0 where nothing counts them. */
  readonly memory: number;
  /** Sessions that it uses and serves. */
  readonly sessions: number;
}

const nanosecondsOfMillisecond = 1e6;

export class UsageRates {
  #before: Usage | undefined;

  /** Rates since the time before, by component; the first time, of those that run, all processors rest. */
  take(usage: Usage): ReadonlyMap<string, UsageRate> {
    const before = this.#before;
    this.#before = usage;
    const elapsed = before === undefined ? 0 : usage.time - before.time;
    const used = new Map(before?.components.map(({ name, cpuTime }) => [name, cpuTime]));
    return new Map(
      usage.components.map(({ name, cpuTime, memory = 0, sessions }) => {
        const known = used.get(name);
        // One that has used less than before was started anew.
        const since = known === undefined || known > cpuTime ? 0 : known;
        const counted = before === undefined || elapsed <= 0 ? 0 : cpuTime - since;
        return [name, { processor: counted / nanosecondsOfMillisecond / Math.max(1, elapsed), memory, sessions }];
      }),
    );
  }
}
