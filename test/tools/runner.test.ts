// smoke
// timeout: 120s
/** The test runner itself, by what it reports about fixture files that each do one thing wrong. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../support/suite.js";

interface Result {
  file: string;
  suite: string;
  test: string;
  outcome: "passed" | "failed" | "skipped";
  reason?: string;
  error?: { message: string };
}

interface Run {
  code: number | null;
  output: string;
  results: Result[];
}

function runFixtures(names: readonly string[], ...options: string[]): Run {
  const report = path.join(tmpdir(), "results.jsonl");
  const files = names.map((name) => `test/tools/fixtures/${name}.ts`);
  const child = spawnSync(
    "scripts/test",
    ["--no-build", "--node", process.execPath, "--json", report, ...options, ...files],
    {
      encoding: "utf8",
      env: { ...process.env, FORCE_COLOR: "1" },
    },
  );
  const lines = existsSync(report) ? readFileSync(report, "utf8").trim().split("\n") : [];
  const records = lines.map((line) => JSON.parse(line) as Result & { type: string });
  return {
    code: child.status,
    output: child.stdout + child.stderr,
    results: records.filter(({ type }) => type === "result"),
  };
}

function outcomes(run: Run): string[] {
  return run.results.map(({ test, outcome }) => `${outcome}: ${test}`);
}

function failure(run: Run): string {
  const failed = run.results.filter(({ outcome }) => outcome === "failed");
  assert.is(failed.length, 1, `one failure expected: ${run.output}`);
  assert.is(run.code, 1);
  return failed[0]?.error?.message ?? "";
}

const test = suite("runner");
test.after(() => {
  for (const name of ["results.jsonl", "results.xml"]) rmSync(path.join(tmpdir(), name), { force: true });
});

test("counts what passes, fails and is skipped, and ends with the totals", () => {
  const run = runFixtures(["mixed"]);
  assert.is(run.code, 1);
  assert.equal(outcomes(run), [
    "passed: passes",
    "skipped: skips",
    "skipped: is marked",
    "failed: fails",
    "passed: does not inherit colours",
  ]);
  assert.is(run.output.trim().split("\n").at(-1), "2 passed, 1 failed, 2 skipped");
  assert.match(run.output, "skips: needs a unicorn");
  assert.match(run.output, /^tier imagined machine: 2 passed, 1 failed, 2 skipped in \d+ s$/m);
});

test("succeeds when everything passes", () => {
  const run = runFixtures(["plain-uvu"]);
  assert.is(run.code, 0);
  assert.match(run.output, /^2 passed, 0 failed, 1 skipped$/m);
});

test("reads the counts of a file that uses uvu alone, and shows why it failed", () => {
  const run = runFixtures(["plain-failure"]);
  assert.equal(outcomes(run), ["passed: passed 1", "failed: failed 1"]);
  assert.match(run.output, "one is not two");
});

test("ends a test that never settles, and runs those after it", () => {
  const run = runFixtures(["never-resolving"]);
  assert.equal(outcomes(run), ["failed: waits for nothing", "passed: runs after it", "failed: waits too long"]);
  assert.match(run.results[0]?.error?.message ?? "", "can never end");
  assert.match(run.results[2]?.error?.message ?? "", "Time-out");
});

test("kills a file that blocks, with its children, and names the test", () => {
  assert.match(failure(runFixtures(["busy"])), 'Killed in "busy: blocks the event loop"');
  assert.equal(running("sleep\u0000300\u0000"), []);
});

test("fails a file whose run() was forgotten", () => {
  assert.match(failure(runFixtures(["forgotten-run"])), ".run()");
});

test("fails a file that an interval keeps alive", () => {
  assert.match(failure(runFixtures(["leaked-interval"])), "Timeout");
});

test("fails a file whose error comes after its tests", () => {
  assert.is(failure(runFixtures(["late-throw"])), "too late");
});

test("fails a test that ends the process", () => {
  const run = runFixtures(["crash"]);
  assert.equal(outcomes(run), ["failed: ends the process"]);
  assert.is(run.code, 1);
});

test("finds and kills processes left behind, whatever their session and environment", () => {
  const message = failure(runFixtures(["leaked-process"]));
  for (const command of ["sleep 301", "sleep 302", "sleep 303"]) assert.match(message, command);
  assert.equal(
    [...running("sleep\u0000301\u0000"), ...running("sleep\u0000302\u0000"), ...running("sleep\u0000303\u0000")],
    [],
  );
});

test("finds descriptors and files left behind", () => {
  const run = runFixtures(["leaked-descriptor"]);
  assert.equal(outcomes(run), [
    "passed: opens a file",
    "failed: closes its descriptors",
    "failed: leaves no file behind",
  ]);
});

test("cleans up in reverse order after a failure", () => {
  assert.equal(outcomes(runFixtures(["clean-up"])), [
    "failed: fails after deferring",
    "passed: was cleaned up in reverse",
  ]);
});

test("runs what failed once more when told to, and names what passed only then", (context) => {
  const mark = path.join(tmpdir(), "unsteady");
  process.env["BULKHEAD_UNSTEADY_MARK"] = mark;
  context.defer(() => {
    delete process.env["BULKHEAD_UNSTEADY_MARK"];
    rmSync(mark, { force: true });
  });
  const run = runFixtures(["unsteady", "crash"], "--retry");
  assert.equal(outcomes(run).sort(), ["failed: ends the process", "passed: passes the second time"]);
  assert.match(run.output, /^FAIL test\/tools\/fixtures\/unsteady/m);
  assert.match(run.output, /^unsteady test\/tools\/fixtures\/unsteady\.ts: failed at first/m);
  assert.not.match(run.output, /^unsteady .*crash/m);
  assert.is(run.output.trim().split("\n").at(-1), "1 passed, 1 failed, 0 skipped");
  rmSync(mark);
  assert.match(failure(runFixtures(["unsteady"])), "Expected value to be truthy");
});

test("numbers every result in TAP", () => {
  const { output } = runFixtures(["mixed"], "--reporter", "tap");
  assert.match(output, /^TAP version 14$/m);
  assert.match(output, /^ok 2 - .*: skips # SKIP needs a unicorn$/m);
  assert.match(output, /^not ok 4 - .*: fails$/m);
  assert.match(output, /^1\.\.5$/m);
});

test("writes JUnit XML", () => {
  const file = path.join(tmpdir(), "results.xml");
  runFixtures(["mixed"], "--junit", file);
  const xml = readFileSync(file, "utf8");
  assert.match(xml, 'tests="5" failures="1" skipped="2"');
  assert.match(xml, '<skipped message="needs a unicorn"/>');
});

test("refuses an unknown option and a name that matches nothing", () => {
  assert.is(spawnSync("scripts/test", ["--no-build", "--tpyo"]).status, 2);
  assert.is(spawnSync("scripts/test", ["--no-build", "no-such-test"]).status, 1);
});

/** Pids of processes with exactly these arguments, which the kernel separates and ends by zero bytes. */
function running(commandLine: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8") === commandLine;
      } catch {
        return false; // It ended meanwhile.
      }
    });
}

test.run();
