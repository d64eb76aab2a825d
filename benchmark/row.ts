/** A row of the benchmark: one figure of ours, beside what others reach in the same minute. */

/** How long to measure; `--quick` shortens both. */
export interface Effort {
  readonly rounds: number;
  /** Of one contender in one round. */
  readonly milliseconds: number;
}

export interface Figures {
  readonly ours: number;
  readonly peer?: number;
  readonly limit?: number;
}

export interface Measured extends Figures {
  /** The same without placement. */
  readonly unpinned?: Figures;
  /** More figures of the same run, in the row's unit, by name. */
  readonly beside?: Readonly<Record<string, number>>;
}

/** What the figure must reach, as multiples. */
export interface Goal {
  /** At most (lower is better) or at least (higher is better) this many times the limit's figure. */
  readonly ofLimit?: number;
  readonly ofPeer?: number;
  /** A bound on the figure itself. */
  readonly figure?: number;
}

export interface Row {
  readonly name: string;
  /** What is measured, in a sentence without its end. */
  readonly title: string;
  readonly unit: string;
  readonly better: "lower" | "higher";
  readonly peerName?: string;
  readonly limitName?: string;
  readonly goal: Goal;
  /** Why the row cannot run on this machine; undefined if it can. */
  readonly obstacle?: () => string | undefined;
  measure(effort: Effort): Promise<Measured>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

type Contest<Name extends string> = Readonly<Record<Name, () => Promise<number>>>;

/** Lets the contenders measure one after another, `rounds` times, after a round that does not count; returns medians. */
export async function interleave<Name extends string>(
  rounds: number,
  contest: Contest<Name>,
): Promise<Record<Name, number>> {
  const names = Object.keys(contest) as Name[];
  const values = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; ++round) {
    for (const name of names) {
      const value = await contest[name]();
      if (round > 0) values.get(name)?.push(value);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(values.get(name) as number[])])) as Record<Name, number>;
}
