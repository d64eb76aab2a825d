/**
 * Outcomes of tests, as JSON lines for the runner, one object a line:
 *
 *     {"type":"start","suite":"ring","test":"wraps"}
 *     {"type":"result","suite":"ring","test":"wraps","outcome":"passed","milliseconds":1.2}
 *     {"type":"result",...,"outcome":"skipped","reason":"needs /dev/net/tun"}
 *     {"type":"result",...,"outcome":"failed","error":{"message":"...","stack":"...","details":"..."}}
 *     {"type":"end"}
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { currentTest } from "./test-run.js";

const output = openOutput();
/** Nobody reads the results: what a person should know is printed. */
export const byHand = output === undefined;
let suites = 0;
let failures = 0;
let listening = false;

/** How long the process may live on after its last suite, in milliseconds. */
const exitTime = 2000;

/**
 * The runner hands in a regular file without close-on-exec, which every child would inherit.
 * Opened again it is ours alone, and tests that count a child's descriptors see none of the runner's.
 */
function openOutput(): number | undefined {
  const inherited = Number(process.env["BULKHEAD_TEST_RESULTS"]);
  if (!Number.isInteger(inherited) || inherited < 3) return undefined;
  delete process.env["BULKHEAD_TEST_RESULTS"];
  const own = openSync(`/proc/self/fd/${inherited}`, "a");
  closeSync(inherited);
  return own;
}

function write(record: Record<string, unknown>): void {
  if (output !== undefined) writeSync(output, `${JSON.stringify(record)}\n`);
}

export function recordStart(suite: string, test: string): void {
  write({ type: "start", suite, test });
}

/** What a result carries beside its outcome: measurements, serial numbers and revisions of the devices, files. */
export interface Evidence {
  readonly properties?: Readonly<Record<string, string>>;
  readonly measurements?: readonly object[];
  /** Files of the run directory that the test made. */
  readonly files?: readonly string[];
}

export function recordPass(suite: string, test: string, milliseconds: number, evidence: Evidence = {}): void {
  write({ type: "result", suite, test, outcome: "passed", milliseconds, ...evidence });
}

export function recordSkip(suite: string, test: string, reason: string, evidence: Evidence = {}): void {
  write({ type: "result", suite, test, outcome: "skipped", reason, ...evidence });
  if (byHand) process.stdout.write(`skipped ${suite}: ${test}: ${reason}\n`);
}

export function recordFailure(
  suite: string,
  test: string,
  error: unknown,
  milliseconds: number,
  evidence: Evidence = {},
): void {
  failures += 1;
  const { message, stack, details }: Error & { details?: unknown } =
    error instanceof Error ? error : new Error(String(error));
  write({
    type: "result",
    suite,
    test,
    outcome: "failed",
    milliseconds,
    error: { message, stack, details },
    ...evidence,
  });
}

/** Before its tests run. The first one makes this process a test's: what it throws uncaught is a failure. */
export function suiteAdded(): void {
  suites += 1;
  if (suites === 1 && !listening) listen();
}

/** After the last suite nothing should keep the process alive; if something does, its kind is the failure. */
export function suiteEnded(): void {
  suites -= 1;
  if (suites > 0) return;
  write({ type: "end" });
  setTimeout(() => {
    const resources = process.getActiveResourcesInfo().join(", ");
    recordFailure("process", "exits after its tests", new Error(`Still active: ${resources || "a native handle"}`), 0);
    process.stderr.write(`Still active ${exitTime} ms after the tests: ${resources}\n`);
    process.exit(1);
  }, exitTime).unref();
}

function listen(): void {
  listening = true;
  process.on("uncaughtException", (error) => {
    const test = currentTest();
    if (test) {
      test.fail(error);
      return;
    }
    process.stderr.write(`${error.stack ?? error.message}\n`);
    recordFailure("process", "throws nothing outside its tests", error, 0);
  });

  process.on("beforeExit", () => {
    const test = currentTest();
    if (!test) return;
    test.fail(new Error("The test can never end: it waits, and nothing is left to wait for"));
    // One more turn of the loop, so that the tests after this one run, and this event comes again.
    setImmediate(() => {});
  });

  // uvu sets the exit code from its own count, which knows nothing of failures outside tests.
  process.on("exit", () => {
    if (failures > 0) process.exitCode = 1;
  });
}
