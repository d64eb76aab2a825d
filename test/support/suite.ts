/**
 * Test suites: uvu's, with what uvu leaves out: a time-out a test, clean-up that also runs after a failure,
 * skipping with a reason, and failures for descriptors left open and for errors that no test caught.
 *
 * ```ts
 * const test = suite("ring");
 * test("hands over every message", async (context) => {
 *   const ring = context.use(new Ring());
 *   ...
 * });
 * test.run();
 * ```
 *
 * Outcomes go as JSON lines to the file open at descriptor BULKHEAD_TEST_RESULTS (see results.ts);
 * run by hand, a test file prints what uvu prints.
 */
import { suite as uvuSuite } from "uvu";
import { recordFailure, recordPass, recordSkip, recordStart, suiteAdded, suiteEnded } from "../../hil/results.js";
import { type CleanUp, Skip, TestRun } from "../../hil/test-run.js";
import { openDescriptors, settledNewDescriptors } from "./descriptors.js";

export type { Context } from "../../hil/test-run.js";

import type { Context } from "../../hil/test-run.js";
import { slowness } from "./slowness.js";

export type TestBody = (context: Context) => void | Promise<void>;

export interface TestOptions {
  /** In milliseconds; 20 s when absent. */
  readonly timeout?: number;
}

export interface SuiteOptions {
  /** Why descriptors stay open after this suite; without it each is a failure. */
  readonly keepsDescriptors?: string;
}

/** A hook of the whole suite; what it defers is cleaned up after the suite. */
export type Hook = (context: Pick<Context, "defer" | "use">) => void | Promise<void>;

export interface Suite {
  (name: string, body: TestBody): void;
  (name: string, options: TestOptions, body: TestBody): void;
  /** Runs only the tests marked so; the others count as skipped. */
  only(name: string, body: TestBody): void;
  only(name: string, options: TestOptions, body: TestBody): void;
  /** Not run; counted as skipped for this reason. */
  skip(name: string, reason: string, body?: TestBody): void;
  /** Before the first test. When it fails, so does every test of the suite. */
  before(hook: Hook): void;
  after(hook: () => void | Promise<void>): void;
  /** Ends the definition: without it, no test of the suite runs, and the runner fails the file. */
  run(): void;
}

const defaultTimeout = 20_000;
/** Tests whose names match; all unless told otherwise. */
const chosen = new RegExp(process.env["BULKHEAD_TEST_NAME"] ?? "");

interface Definition {
  readonly name: string;
  readonly timeout: number;
  readonly body: TestBody;
}

export function suite(name: string, options: SuiteOptions = {}): Suite {
  const tests = uvuSuite(name);
  const cleanUps: CleanUp[] = [];
  const afterHooks: (() => void | Promise<void>)[] = [];
  const beforeHooks: Hook[] = [];
  let before = new Map<number, string>();
  let brokenBy: unknown;

  function handler({ name: test, timeout, body }: Definition): () => Promise<void> {
    return async () => {
      recordStart(name, test);
      const start = performance.now();
      try {
        if (brokenBy !== undefined) throw brokenBy;
        await new TestRun(timeout * slowness).run(body);
        recordPass(name, test, performance.now() - start);
      } catch (error) {
        if (error instanceof Skip) {
          recordSkip(name, test, error.reason);
          return;
        }
        recordFailure(name, test, error, performance.now() - start);
        throw error;
      }
    };
  }

  function definition(test: string, second: TestOptions | TestBody, third?: TestBody): Definition {
    const body = third ?? (second as TestBody);
    const timeout = typeof second === "function" ? defaultTimeout : (second.timeout ?? defaultTimeout);
    return { name: test, timeout, body };
  }

  // A hook of uvu that throws ends the process without a summary, so ours record their failures themselves.
  tests.before(async () => {
    before = openDescriptors();
    const context = {
      defer: (cleanUp: CleanUp) => void cleanUps.push(cleanUp),
      use: <T extends AsyncDisposable | Disposable>(resource: T) => {
        cleanUps.push(() =>
          Symbol.asyncDispose in resource ? resource[Symbol.asyncDispose]() : resource[Symbol.dispose](),
        );
        return resource;
      },
    };
    try {
      for (const hook of beforeHooks) await hook(context);
    } catch (error) {
      brokenBy = error;
    }
  });
  tests.after(async () => {
    for (const step of [...afterHooks, ...cleanUps.reverse()]) {
      try {
        await step();
      } catch (error) {
        recordFailure(name, "clean-up of the suite", error, 0);
      }
    }
    if (options.keepsDescriptors === undefined) {
      const left = await settledNewDescriptors(before);
      if (left.length > 0) recordFailure(name, "closes its descriptors", new Error(`Left open: ${left.join(", ")}`), 0);
    }
    suiteEnded();
  });

  const face = (test: string, second: TestOptions | TestBody, third?: TestBody) => {
    if (chosen.test(test)) tests(test, handler(definition(test, second, third)));
    else tests(test, async () => recordSkip(name, test, "BULKHEAD_TEST_NAME names others"));
  };
  return Object.assign(face, {
    only(test: string, second: TestOptions | TestBody, third?: TestBody) {
      tests.only(test, handler(definition(test, second, third)));
    },
    skip(test: string, reason: string) {
      tests(test, async () => recordSkip(name, test, reason));
    },
    before: (hook: Hook) => void beforeHooks.push(hook),
    after: (hook: () => void | Promise<void>) => void afterHooks.push(hook),
    run() {
      suiteAdded();
      tests.run();
    },
  });
}
