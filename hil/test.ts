/**
 * Tests that name what they need. The bench gives it, or the test is skipped with the reason.
 *
 * ```ts
 * test("answers", { needs: ["uart"], within: "10s" }, async ({ uart }) => {
 *   await uart.sendLine("version");
 *   await uart.expect(/v\d+/);
 * });
 * ```
 */
import { basename, join } from "node:path";
import { suggestion } from "../base/nearest.js";
import { parseDuration } from "../base/quantity.js";
import type { Bench } from "./bench.js";
import { openBench } from "./benches.js";
import { expectPicture, type GoldenOptions } from "./golden.js";
import { type Limits, type Measurement, measurement, measurementText } from "./measurement.js";
import { type NeedName, needNames, type Parts } from "./parts.js";
import type { Picture } from "./picture.js";
import {
  byHand,
  type Evidence,
  recordFailure,
  recordPass,
  recordSkip,
  recordStart,
  suiteAdded,
  suiteEnded,
} from "./results.js";
import { RunFolder, slug } from "./run-folder.js";
import { settings } from "./settings.js";
import { NeedError, Target, type TargetOptions } from "./target.js";
import { type Context, Skip, TestRun, useLater } from "./test-run.js";

export interface HilOptions<Needs extends NeedName>
  extends Pick<TargetOptions, "components" | "route" | "folder" | "providers"> {
  /** What the test gets, each under its own name. */
  readonly needs?: readonly Needs[];
  /** How long it may take, such as "90s"; 20 s when absent. */
  readonly within?: string | number;
}

/** What every test gets beside what it needs. */
export interface HilContext extends Context {
  readonly bench: Bench;
  /** The component system that the test is part of. */
  readonly target: Target;
  /** Where the test's files go. */
  readonly files: RunFolder;
  /** Keeps a measured value for the reports. The test goes on, and fails at its end for each value outside of its limits. */
  measure(name: string, value: number | string | boolean, limits?: Limits): void;
  /** Compares with a PNG beside the test file. */
  expectPicture(actual: Picture, path: string, options?: GoldenOptions): void;
  /** A named part of the test, with its time in the trace. */
  step<Result>(name: string, body: () => Result | Promise<Result>): Promise<Result>;
}

export type HilBody<Needs extends NeedName> = (context: HilContext & Pick<Parts, Needs>) => void | Promise<void>;

interface Definition {
  readonly name: string;
  readonly options: HilOptions<NeedName>;
  readonly body: HilBody<NeedName>;
}

const usualPatience = "20s";
const queue: Definition[] = [];
let scheduled = false;

/** The file that defines the tests, by which results are grouped. */
const suiteName = basename(process.argv[1] ?? "tests").replace(/(\.test)?\.[cm]?[jt]s$/, "");

/** Defines a test. All tests of a file run in their order, once the file was read. */
export function test(name: string, body: HilBody<never>): void;
export function test<const Needs extends NeedName>(
  name: string,
  options: HilOptions<Needs>,
  body: HilBody<Needs>,
): void;
export function test(name: string, second: HilOptions<NeedName> | HilBody<never>, third?: unknown): void {
  const body = (third ?? second) as HilBody<NeedName>;
  const options = typeof second === "function" ? {} : second;
  for (const need of options.needs ?? [])
    if (!needNames.includes(need))
      throw new RangeError(`Test "${name}" needs "${need}", which nothing is called${suggestion(need, needNames)}`);
  queue.push({ name, options, body });
  if (scheduled) return;
  scheduled = true;
  suiteAdded();
  setImmediate(() => void runAll());
}

async function runAll(): Promise<void> {
  try {
    await using bench = await openBench(settings().bench);
    for (let definition = queue.shift(); definition !== undefined; definition = queue.shift())
      await runOne(bench, definition);
  } catch (error) {
    recordFailure(suiteName, "the bench", error, 0);
    printFailure("the bench", error);
  } finally {
    scheduled = false;
    suiteEnded();
  }
}

async function runOne(bench: Bench, { name, options, body }: Definition): Promise<void> {
  const { strict, run } = settings();
  const files = new RunFolder(run === undefined ? undefined : join(run, slug(suiteName), slug(name)));
  const measurements: Measurement[] = [];
  const properties: Record<string, string> = { bench: bench.name };
  const evidence = (): Evidence => ({
    properties: { ...properties, ...prefixed("bench", bench.properties) },
    ...(measurements.length > 0 && { measurements }),
    ...(files.path !== undefined && { files: files.files.map((file) => join(files.path as string, file)) }),
  });
  recordStart(suiteName, name);
  let start = performance.now();
  const passed = (): number => performance.now() - start;
  try {
    await bench.prepare?.(options.needs ?? []);
    start = performance.now();
    await new TestRun(parseDuration(options.within ?? usualPatience)).run((context) =>
      inTarget({ bench, context, options, files, measurements, properties }, body),
    );
    recordPass(suiteName, name, passed(), evidence());
  } catch (error) {
    files.trace("test", "end", { error: error instanceof Error ? error.message : String(error) });
    if (error instanceof Skip && !strict) return recordSkip(suiteName, name, error.reason, evidence());
    const failure =
      error instanceof Skip
        ? new Error(`Nothing may be skipped (--strict), and this would be: ${error.reason}`)
        : error;
    recordFailure(suiteName, name, failure, passed(), evidence());
    printFailure(name, failure);
  }
}

function prefixed(prefix: string, facts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [`${prefix}.${name}`, value]));
}

interface Running {
  readonly bench: Bench;
  readonly context: Context;
  readonly options: HilOptions<NeedName>;
  readonly files: RunFolder;
  readonly measurements: Measurement[];
  readonly properties: Record<string, string>;
}

async function inTarget(running: Running, body: HilBody<NeedName>): Promise<void> {
  const { bench, context, options, files, measurements, properties } = running;
  const { needs = [], components, route, folder, providers } = options;
  await bench.before?.();
  if (bench.after !== undefined) context.defer(() => bench.after?.());
  const starting = Target.start(bench, needs, {
    files,
    ...(components && { components }),
    ...(route && { route }),
    ...(folder !== undefined && { folder }),
    ...(providers && { providers }),
  });
  const target = await useLater(context, starting).catch((error: unknown) => {
    if (error instanceof NeedError) return context.skip(error.message);
    throw error;
  });
  Object.assign(properties, target.properties);
  const more: Omit<HilContext, keyof Context> = {
    bench,
    target,
    files,
    measure: (name, value, limits) => {
      const measured = measurement(name, value, limits);
      measurements.push(measured);
      files.trace("measure", name, { ...measured });
    },
    expectPicture: (actual, path, picture) => expectPicture(actual, path, files, picture),
    step: async (name, step) => {
      const start = performance.now();
      files.trace("step", name);
      const result = await step();
      files.trace("step", `${name}: done`, { took: performance.now() - start });
      return result;
    },
  };
  await body({ ...context, ...more, ...target.parts } as HilContext & Parts);
  const outside = measurements.filter((one) => !one.passed);
  if (outside.length > 0) throw new Error(`Measured outside of the limits: ${outside.map(measurementText).join("; ")}`);
}

/** For who runs the file by hand; the command prints what it reads from the results. */
function printFailure(name: string, error: unknown): void {
  if (!byHand) return;
  process.stderr.write(`FAIL ${name}\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}
