/** Runs one test file in a process and session of its own, and judges what it did and what it left behind. */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { Descendants } from "./descendants.mjs";
import { root } from "./process.mjs";

/** How long children may take to end after the test's process did, in milliseconds. */
const settleTime = 2000;
const observationInterval = 250;
const maximumOutput = 256 << 10;

/** Variables that tests see. An explicit list: FORCE_COLOR and NODE_OPTIONS of the caller change what children print and do. */
const passedOn =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TZ|DBUS_SESSION_BUS_ADDRESS|CI|NODE_V8_COVERAGE|BULKHEAD_.*)$/;

function environment(folder, marker) {
  const passed = Object.entries(process.env).filter(([name]) => passedOn.test(name));
  const [name, value] = marker.split("=");
  return {
    ...Object.fromEntries(passed),
    NO_COLOR: "1",
    TMPDIR: folder,
    XDG_RUNTIME_DIR: `${folder}/run`,
    [name]: value,
    BULKHEAD_TEST_RESULTS: "3",
  };
}

/**
 * What the first lines of a test file say: `// timeout: 120s`, and words that stand alone, such as `// exclusive`. `words`
 * holds the latter.
 */
export function directives(source) {
  const head = readFileSync(source, "utf8").split("\n", 30);
  const matches = (pattern) => head.flatMap((line) => pattern.exec(line.trim())?.[1] ?? []);
  return {
    words: new Set(matches(/^\/\/ ([a-z]+)$/)),
    timeout: matches(/^\/\/ timeout: (\d+)s$/).map(Number)[0],
  };
}

function parseRecords(text) {
  const records = [];
  for (const line of text.split("\n")) {
    try {
      if (line) records.push(JSON.parse(line));
    } catch {
      // The process was killed within this line.
    }
  }
  return records;
}

function failed(test, message, more = {}) {
  return { suite: "file", test, outcome: "failed", milliseconds: 0, error: { message, ...more } };
}

/** Results of a file that uses uvu without our suites: only the totals are known. */
function resultsFromSummary(output) {
  const text = stripVTControlCharacters(output);
  // The last summary is the file's own: earlier ones are of processes whose output it printed.
  const number = (word) => {
    const summaries = [...text.matchAll(new RegExp(`^  ${word}:\\s+(\\d+)$`, "gm"))];
    return Number(summaries.at(-1)?.[1] ?? Number.NaN);
  };
  const [total, passed, skipped] = [number("Total"), number("Passed"), number("Skipped")];
  if (Number.isNaN(total + passed + skipped)) return undefined;
  const many = (count, outcome, more) =>
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

/** Waits for the process; kills it after `timeout` ms. Resolves to how it ended, and what it printed. */
async function execute(file, { node, folder, marker, resultFile, timeout }) {
  const results = openSync(resultFile, "a");
  const child = spawn(node, ["--enable-source-maps", file], {
    cwd: root,
    env: environment(folder, marker),
    detached: true,
    stdio: ["ignore", "pipe", "pipe", results],
  });
  closeSync(results);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output = (output + text).slice(-maximumOutput);
    });
  }
  const closed = new Promise((resolve) => child.once("close", resolve));
  const exited = new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", (error) => resolve({ code: 127, signal: null, error }));
  });
  const descendants = new Descendants(child.pid, marker);
  const observer = setInterval(() => descendants.observe(), observationInterval);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    descendants.kill();
  }, timeout);
  const onInterrupt = () => descendants.kill();
  process.on("exit", onInterrupt);
  const end = await exited;
  clearTimeout(timer);
  clearInterval(observer);
  const left = timedOut ? [] : await settledDescendants(descendants);
  descendants.kill();
  process.off("exit", onInterrupt);
  // With every holder of the pipes gone they close at once; a holder that escaped must not stop the run.
  await Promise.race([closed, delay(1000, undefined, { ref: false })]);
  child.stdout.destroy();
  child.stderr.destroy();
  return { ...end, timedOut, left, output };
}

async function settledDescendants(descendants) {
  const end = performance.now() + settleTime;
  let left = descendants.alive({ withMarker: true });
  while (left.length > 0 && performance.now() < end) {
    await delay(25);
    left = descendants.alive();
  }
  return left;
}

function endOf({ code, signal }) {
  return signal ? `was killed by ${signal}` : `ended with code ${code}`;
}

/** What the file's records and end mean together. */
function judge({ records, end, timeout }) {
  const results = records.filter(({ type }) => type === "result").map(({ type, ...result }) => result);
  const finished = (start) => results.some(({ suite, test }) => suite === start.suite && test === start.test);
  const open = records.find((record) => record.type === "start" && !finished(record));
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

/**
 * Runs the compiled test `file` with the Node.js at `node`. `folder` becomes its TMPDIR, made and removed here;
 * `timeout` is in seconds. Returns `{ file, milliseconds, results, output, startedAt, endedAt }`.
 */
export async function runTestFile(file, { node, folder, run, timeout }) {
  mkdirSync(`${folder}/run`, { recursive: true, mode: 0o700 });
  const resultFile = `${folder}.results`;
  const startedAt = Date.now();
  const end = await execute(file, {
    node,
    folder,
    marker: `BULKHEAD_TEST_RUN=${run}`,
    resultFile,
    timeout: timeout * 1000,
  });
  const endedAt = Date.now();
  const results = judge({ records: parseRecords(readFileSync(resultFile, "utf8")), end, timeout });
  const left = [
    ...readdirSync(folder).filter((name) => name !== "run"),
    ...readdirSync(`${folder}/run`).map((name) => `run/${name}`),
  ];
  if (left.length > 0 && !end.timedOut)
    results.push(failed("leaves no file behind", `Left in TMPDIR or XDG_RUNTIME_DIR: ${left.join(", ")}`));
  rmSync(folder, { recursive: true, force: true });
  rmSync(resultFile, { force: true });
  return {
    file: path.relative(root, file),
    milliseconds: endedAt - startedAt,
    results,
    output: end.output,
    startedAt,
    endedAt,
  };
}
