/** What all measured processes share: they measure when the benchmark asks them to, over Node's own IPC, and rest between. */

export interface Ask {
  readonly milliseconds: number;
}
export interface Answer {
  readonly value?: number;
  readonly failure?: string;
}

/** Serves measurements until the benchmark goes away, and then puts back what was made, with `end`. `measure` takes about that many milliseconds. */
export function measured(
  measure: (milliseconds: number) => number | Promise<number>,
  end: () => void | PromiseLike<void> = () => {},
): void {
  const answer = (message: Answer): void => void process.send?.(message);
  process.on("message", ({ milliseconds }: Ask) => {
    Promise.resolve(milliseconds)
      .then(measure)
      .then(
        (value) => answer({ value }),
        (error: Error) => answer({ failure: error.stack ?? String(error) }),
      );
  });
  process.on("disconnect", () => void Promise.resolve(end()).finally(() => process.exit(0)));
  answer({});
}

/** For the side that only serves: it is there, and measures nothing. */
export function present(): void {
  measured(() => 0);
}

const tripsPerSample = 16;

/**
 * Microseconds of one awaited round trip: the median over samples of 16 trips, so that a time slice which the
 * scheduler gave to somebody else counts as one sample and not as their mean.
 */
export async function roundTrip(milliseconds: number, trip: (number: number) => Promise<unknown>): Promise<number> {
  const samples: number[] = [];
  let number = 0;
  const end = performance.now() + milliseconds;
  for (let before = performance.now(); before < end; ) {
    for (let i = 0; i < tripsPerSample; ++i) await trip(++number);
    const after = performance.now();
    samples.push(((after - before) * 1000) / tripsPerSample);
    before = after;
  }
  samples.sort((a, b) => a - b);
  return samples[samples.length >> 1] as number;
}
