/** Runs one test file in a process and session of its own, and judges what it did and what it left behind. */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import type { Evidence } from "../results.js";
import { Descendants } from "./descendants.js";

/** What became of one test. */
export interface TestResult extends Evidence {
  readonly suite: string;
  readonly test: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly milliseconds?: number;
  /** Why it was skipped. */
  readonly reason?: string;
  readonly error?: TestError;
}

export interface TestError {
  readonly message: string;
  readonly stack?: string;
  readonly details?: string;
}

/** What became of one test file. */
export interface FileResult {
  /** Its path, for people. */
  readonly file: string;
  readonly milliseconds: number;
  readonly results: TestResult[];
  readonly output: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** On which kind of machine it ran, if it said. */
  readonly tier?: string | undefined;
  /** It failed at first, and these are the results of its second run. */
  readonly unsteady?: boolean;
}

export interface FileRun {
  /** The Node.js that runs it, and its options. */
  readonly node: string;
  readonly nodeOptions?: readonly string[];
  /** Tells this run's processes from others'. */
  readonly run: string;
  /** Becomes the test's TMPDIR; made and removed here. */
  readonly folder: string;
  /** Seconds. */
  readonly timeout: number;
  /** Working directory of the test. */
  readonly cwd: string;
  /** Variables of the test beside those that are passed on. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Sees what the file prints, as it comes. */
  readonly printed?: (text: string) => void;
}

/** How long children may take to end after the test's process did, in milliseconds. */
const settleTime = 2000;
const observationInterval = 250;
const maximumOutput = 256 << 10;

/** Variables that tests see. An explicit list: FORCE_COLOR and NODE_OPTIONS of the caller change what children print and do. */
const passedOn =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TZ|DBUS_SESSION_BUS_ADDRESS|SSH_AUTH_SOCK|CI|CXX|NODE_V8_COVERAGE|BULKHEAD_.*)$/;

function environment(folder: string, marker: string, own: Readonly<Record<string, string>>): Record<string, string> {
  const passed = Object.entries(process.env).filter(([name]) => passedOn.test(name));
  const [name = "", value = ""] = marker.split("=");
  return {
    ...(Object.fromEntries(passed) as Record<string, string>),
    ...own,
    NO_COLOR: "1",
    TMPDIR: folder,
    XDG_RUNTIME_DIR: `${folder}/run`,
    [name]: value,
    BULKHEAD_TEST_RESULTS: "3",
  };
}

/**
 * What the first lines of a test file say: `// timeout: 120s`, `// tier: arm64 machine`, and words that stand alone, such as `// exclusive`. `words`
 * holds the latter.
 */
export function directives(source: string): {
  readonly words: ReadonlySet<string>;
  /** Seconds. */
  readonly timeout: number | undefined;
  /** On which kind of machine it runs. */
  readonly tier: string | undefined;
} {
  const head = readFileSync(source, "utf8").split("\n", 30);
  const matches = (pattern: RegExp): string[] => head.flatMap((line) => pattern.exec(line.trim())?.[1] ?? []);
  return {
    words: new Set(matches(/^\/\/ ([a-z]+)$/)),
    timeout: matches(/^\/\/ timeout: (\d+)s$/).map(Number)[0],
    tier: matches(/^\/\/ tier: (.+)$/)[0],
  };
}

/** A line of results.ts. */
type ResultLine =
  | { readonly type: "start"; readonly suite: string; readonly test: string }
  | ({ readonly type: "result" } & TestResult)
  | { readonly type: "end" };

function parseRecords(text: string): ResultLine[] {
  const records: ResultLine[] = [];
  for (const line of text.split("\n")) {
    try {
      if (line) records.push(JSON.parse(line) as ResultLine);
    } catch {
      // The process was killed within this line.
    }
  }
  return records;
}

function failed(test: string, message: string): TestResult {
  return { suite: "file", test, outcome: "failed", milliseconds: 0, error: { message } };
}

/** Results of a file that uses uvu without our suites: only the totals are known. */
function resultsFromSummary(output: string): TestResult[] | undefined {
  const text = stripVTControlCharacters(output);
  // The last summary is the file's own: earlier ones are of processes whose output it printed.
  const number = (word: string): number => {
    const summaries = [...text.matchAll(new RegExp(`^  ${word}:\\s+(\\d+)$`, "gm"))];
    return Number(summaries.at(-1)?.[1] ?? Number.NaN);
  };
  const [total, passed, skipped] = [number("Total"), number("Passed"), number("Skipped")];
  if (Number.isNaN(total + passed + skipped)) return undefined;
  const many = (count: number, outcome: TestResult["outcome"], more: Partial<TestResult> = {}): TestResult[] =>
    Array.from({ length: count }, (_, index) => ({
      suite: "uvu",
      test: `${outcome} ${index + 1}`,
      outcome,
      milliseconds: 0,
      ...more,
    }));
  return [
    ...many(passed, "passed"),
    ...many(total - passed, "failed", { error: { message: "See the output of the file" } }),
    ...many(skipped, "skipped", { reason: "marked so in the file" }),
  ];
}

interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly left: readonly { readonly pid: number; readonly command: string }[];
  readonly output: string;
}

/** Waits for the process; kills it after `timeout` seconds. Resolves to how it ended, and what it printed. */
async function execute(
  file: string,
  { node, nodeOptions = [], folder, timeout, cwd, environment: own = {}, printed }: FileRun,
  marker: string,
  resultFile: string,
): Promise<ProcessEnd> {
  const results = openSync(resultFile, "a");
  const child = spawn(node, [...nodeOptions, "--enable-source-maps", file], {
    cwd,
    env: environment(folder, marker, own),
    detached: true,
    stdio: ["ignore", "pipe", "pipe", results],
  });
  closeSync(results);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      printed?.(text);
      output = (output + text).slice(-maximumOutput);
    });
  }
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const exited = new Promise<{ readonly code: number | null; readonly signal: string | null }>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", () => resolve({ code: 127, signal: null }));
  });
  const descendants = new Descendants(child.pid ?? 0, marker);
  const observer = setInterval(() => descendants.observe(), observationInterval);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    descendants.kill();
  }, timeout * 1000);
  const onInterrupt = (): void => descendants.kill();
  process.on("exit", onInterrupt);
  const end = await exited;
  clearTimeout(timer);
  clearInterval(observer);
  const left = timedOut ? [] : await settledDescendants(descendants);
  descendants.kill();
  process.off("exit", onInterrupt);
  // With every holder of the pipes gone they close at once; a holder that escaped must not stop the run.
  await Promise.race([closed, delay(1000, undefined, { ref: false })]);
  child.stdout?.destroy();
  child.stderr?.destroy();
  return { ...end, timedOut, left, output };
}

async function settledDescendants(descendants: Descendants): Promise<ProcessEnd["left"]> {
  const end = performance.now() + settleTime;
  let left = descendants.alive({ withMarker: true });
  while (left.length > 0 && performance.now() < end) {
    await delay(25);
    left = descendants.alive();
  }
  return left;
}

function endOf({ code, signal }: ProcessEnd): string {
  return signal === null ? `ended with code ${String(code)}` : `was killed by ${signal}`;
}

/** What the file's records and end mean together. */
function judge(records: readonly ResultLine[], end: ProcessEnd, timeout: number): TestResult[] {
  const results = records.flatMap((record): TestResult[] => {
    if (record.type !== "result") return [];
    const { type: _type, ...result } = record;
    return [result];
  });
  const finished = (start: { readonly suite: string; readonly test: string }): boolean =>
    results.some(({ suite, test }) => suite === start.suite && test === start.test);
  const open = records.find(
    (record): record is Extract<ResultLine, { type: "start" }> => record.type === "start" && !finished(record),
  );
  const hasEnd = records.some(({ type }) => type === "end");
  if (results.length === 0 && !open && !end.timedOut) results.push(...(resultsFromSummary(end.output) ?? []));

  if (end.timedOut) {
    const where = open ? `in "${open.suite}: ${open.test}"` : hasEnd ? "after its tests" : "outside its tests";
    results.push(failed("ends in time", `Killed ${where}, after ${timeout} s`));
  } else if (open) {
    results.push({ ...failed(open.test, `The process ${endOf(end)} within this test`), suite: open.suite });
  } else if (results.length === 0) {
    const reason =
      end.code === 0 ? "no test ran; is .run() missing at its end?" : `the process ${endOf(end)} before any test`;
    results.push(failed("runs tests", `No result: ${reason}`));
  } else if ((end.code !== 0 || end.signal) && results.every(({ outcome }) => outcome !== "failed")) {
    results.push(failed("ends well", `All tests passed, but the process ${endOf(end)}`));
  }
  if (end.left.length > 0) {
    const names = end.left.map(({ pid, command }) => `${pid} (${command})`).join(", ");
    results.push(failed("leaves no process behind", `Still running after the test: ${names}`));
  }
  return results;
}

/** Runs a test file of JavaScript, or of whatever the options make Node.js run. */
export async function runTestFile(file: string, options: FileRun): Promise<FileResult> {
  const { folder, run, timeout } = options;
  mkdirSync(`${folder}/run`, { recursive: true, mode: 0o700 });
  const resultFile = `${folder}.results`;
  const startedAt = Date.now();
  const end = await execute(file, options, `BULKHEAD_TEST_RUN=${run}`, resultFile);
  const endedAt = Date.now();
  const results = judge(parseRecords(readFileSync(resultFile, "utf8")), end, timeout);
  const left = [
    ...readdirSync(folder).filter((name) => name !== "run"),
    ...readdirSync(`${folder}/run`).map((name) => `run/${name}`),
  ];
  if (left.length > 0 && !end.timedOut)
    results.push(failed("leaves no file behind", `Left in TMPDIR or XDG_RUNTIME_DIR: ${left.join(", ")}`));
  rmSync(folder, { recursive: true, force: true });
  rmSync(resultFile, { force: true });
  return { file, milliseconds: endedAt - startedAt, results, output: end.output, startedAt, endedAt };
}
