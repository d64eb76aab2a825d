/** One test while it runs: its deadline, its clean-up, and the errors that it left to the process. */
import { slowness } from "./slowness.js";

export type CleanUp = () => unknown;

/** What a test gets. Everything deferred or used is cleaned up in reverse order, however the test ends. */
export interface Context {
  /** Aborted when the test's time is over. */
  readonly signal: AbortSignal;
  defer(cleanUp: CleanUp): void;
  use<T extends AsyncDisposable | Disposable>(resource: T): T;
  /** Ends the test as skipped. The reason says what is missing: `needs /dev/net/tun`. */
  skip(reason: string): never;
}

/** Awaits a resource, and cleans it up also when the test's time is over before it is there. */
export function useLater<T extends AsyncDisposable>(context: Pick<Context, "defer">, making: Promise<T>): Promise<T> {
  context.defer(async () => {
    const made = await making.catch(() => undefined);
    await made?.[Symbol.asyncDispose]();
  });
  return making;
}

/** Thrown by {@link Context.skip}. */
export class Skip extends Error {
  readonly reason: string;
  constructor(reason: string) {
    super(`skipped: ${reason}`);
    this.reason = reason;
  }
}

/** How long clean-up may take, in milliseconds. */
const cleanUpTimeout = 10_000 * slowness;

let current: TestRun | undefined;

/** The test that runs now: errors that nobody caught belong to it. */
export function currentTest(): TestRun | undefined {
  return current;
}

export class TestRun {
  readonly #timeout: number;
  readonly #abort = new AbortController();
  readonly #cleanUps: CleanUp[] = [];
  #reject: (error: unknown) => void = () => {};
  #uncaught: { error: unknown } | undefined;

  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  /** Ends the test at once with this error, although its body may still wait. */
  fail(error: unknown): void {
    this.#uncaught ??= { error };
    this.#reject(error);
  }

  async run(body: (context: Context) => void | Promise<void>): Promise<void> {
    current = this;
    const context: Context = {
      signal: this.#abort.signal,
      defer: (cleanUp) => void this.#cleanUps.push(cleanUp),
      use: (resource) => {
        this.#cleanUps.push(() =>
          Symbol.asyncDispose in resource ? resource[Symbol.asyncDispose]() : resource[Symbol.dispose](),
        );
        return resource;
      },
      skip: (reason) => {
        throw new Skip(reason);
      },
    };
    let failure: { error: unknown } | undefined;
    try {
      await this.#within(this.#timeout, "the test", async () => body(context));
    } catch (error) {
      failure = { error };
    }
    this.#abort.abort();
    try {
      await this.#cleanUp();
    } catch (error) {
      failure ??= { error };
    }
    current = undefined;
    failure ??= this.#uncaught;
    if (failure) throw failure.error;
  }

  async #cleanUp(): Promise<void> {
    const errors: unknown[] = [];
    for (let cleanUp = this.#cleanUps.pop(); cleanUp; cleanUp = this.#cleanUps.pop()) {
      const step = cleanUp;
      try {
        await this.#within(cleanUpTimeout, "clean-up", async () => void (await step()));
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, "Several clean-ups failed");
  }

  /**
   * Settles with `work`, or rejects after `timeout` ms or by {@link fail}. The timer does not keep the
   * process alive: when nothing else does, the promise can never settle, and `beforeExit` says so at once.
   */
  async #within(timeout: number, what: string, work: () => Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const interrupted = new Promise<never>((_resolve, reject) => {
      this.#reject = reject;
      timer = setTimeout(() => reject(new Error(`Time-out: ${what} took longer than ${timeout} ms`)), timeout);
      timer.unref();
    });
    try {
      await Promise.race([work(), interrupted]);
    } finally {
      clearTimeout(timer);
    }
  }
}
