/** `scripts/test [files or parts of their names] [options]`: sets up, builds, and runs each test file in its own process. */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { filesBelow } from "./files.mjs";
import { Failure, inRoot, root } from "./process.mjs";

const usage = `Usage: scripts/test [files or parts of their names] [options]
  --timeout S        seconds that a file may take, unless it names its own (60)
  --jobs N           files at a time (2)
  --reporter NAME    pretty or tap
  --junit FILE       also write JUnit XML
  --json FILE        also write one JSON object a line
  --marked WORD      only files with the line "// WORD" near their top: smoke, emulated
  --require-tests    fail when no file matches
  --retry            run files that failed once more, alone; those that pass then are named as unsteady
  --no-build         run what is in dist/ as it is
  --node PROGRAM     run the tests with this Node.js`;

function parse(args) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        timeout: { type: "string", default: "60" },
        jobs: { type: "string", default: "2" },
        reporter: { type: "string", default: "pretty" },
        junit: { type: "string" },
        json: { type: "string" },
        marked: { type: "string" },
        "require-tests": { type: "boolean", default: false },
        retry: { type: "boolean", default: false },
        "no-build": { type: "boolean", default: false },
        node: { type: "string", default: process.execPath },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const numbers = { timeout: Number(values.timeout), jobs: Number(values.jobs) };
    if (!(numbers.timeout > 0) || !(numbers.jobs >= 1)) throw new Error("--timeout and --jobs take positive numbers");
    if (!["pretty", "tap"].includes(values.reporter))
      throw new Error(`Unknown reporter "${values.reporter}": pretty or tap`);
    return { ...values, ...numbers, positionals };
  } catch (error) {
    throw new Failure(`${error.message}\n${usage}`, 2);
  }
}

/** The compiled file of a source file's path. */
function compiled(source) {
  return inRoot("dist", source.replace(/\.ts$/, ".js"));
}

/** Test files by source path. An argument that is itself a file is taken as it is, whatever its name. */
function selectTests({ positionals, marked }, directives) {
  const all = filesBelow(["test"], (file) => file.endsWith(".test.ts"));
  const asSource = (argument) =>
    path
      .relative(root, path.resolve(argument))
      .replace(/^dist\//, "")
      .replace(/\.js$/, ".ts");
  const named = positionals.filter((argument) => existsSync(argument) && statSync(argument).isFile()).map(asSource);
  const parts = positionals.filter((argument) => !named.includes(asSource(argument)));
  // Tests that drive a virtual machine take minutes: they run when they are asked for, as scripts/test-vm does.
  const matching =
    positionals.length === 0
      ? all.filter((file) => !file.startsWith("test/vm/"))
      : all.filter((file) => parts.some((part) => file.includes(part)));
  const tests = [...new Set([...named, ...matching])].map((source) => ({ source, ...directives(inRoot(source)) }));
  return marked ? tests.filter(({ words }) => words.has(marked)) : tests;
}

const sharedNameTest = "leaves no shared name behind";

/**
 * Names of ours where all processes share memory. Components need none: theirs are memfds. (Each file has a temporary
 * folder of its own, which is looked at when it ends; /tmp itself belongs to other runs and systems as well.)
 */
function sharedNames() {
  const names = readdirSync("/dev/shm").filter((name) => name.includes("bulkhead"));
  return new Set(names.map((name) => path.join("/dev/shm", name)));
}

/** A failed result in every file that ran when a name appeared that is still there at the end. */
function blameLeftNames(before, files) {
  for (const name of sharedNames()) {
    const born = before.has(name) ? undefined : statSync(name, { throwIfNoEntry: false });
    if (!born || born.uid !== process.getuid()) continue;
    for (const file of files) {
      if (born.birthtimeMs < file.startedAt - 5 || born.birthtimeMs > file.endedAt + 5) continue;
      const message = `${name} appeared while this file ran and is still there`;
      file.results.push({
        suite: "file",
        test: sharedNameTest,
        outcome: "failed",
        milliseconds: 0,
        error: { message },
      });
    }
  }
}

/** More failures than these are no accidents of a busy machine: they are not retried. */
const mostRetries = 3;

/**
 * Runs the tests; `report` sees each file as it ends. Exclusive files run alone, after the others. With `retry`, so
 * does a second run of each file that failed: its results count, and say that the file is unsteady.
 */
async function runAll(tests, { runTestFile, totals }, { jobs, node, timeout, retry, report }) {
  const folder = path.join(tmpdir(), `bulkhead-test-${process.pid}`);
  mkdirSync(folder, { mode: 0o700 });
  // An interrupt ends the process without running the code after a wait.
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const files = [];
  let number = 0;
  const worker = async (queue, unsteady = false) => {
    for (let test = queue.shift(); test; test = queue.shift()) {
      number += 1;
      const options = {
        node,
        run: `${process.pid}-${number}`,
        folder: path.join(folder, String(number)),
        // In an emulated machine everything takes longer, and whoever runs tests there says how much.
        timeout: (test.timeout ?? timeout) * Number(process.env.BULKHEAD_TEST_SLOWNESS ?? "1"),
        cwd: root,
      };
      const result = await runTestFile(compiled(test.source), options);
      const entry = { ...result, file: test.source, tier: test.tier, unsteady };
      files[unsteady ? files.findIndex(({ file }) => file === entry.file) : files.length] = entry;
      report(entry);
    }
  };
  const shared = tests.filter(({ words }) => !words.has("exclusive"));
  await Promise.all(Array.from({ length: Math.min(jobs, shared.length) }, () => worker(shared)));
  await worker(tests.filter(({ words }) => words.has("exclusive")));
  const failed = tests.filter(({ source }) => totals(files.filter(({ file }) => file === source)).failed > 0);
  if (retry && failed.length <= mostRetries) await worker(failed, true);
  return files;
}

/** The part that `bulkhead test` shares with this: it is TypeScript, and there once it was built. */
async function loadRunner() {
  const folder = inRoot("dist/hil/runner");
  if (!existsSync(folder)) throw new Failure("Cannot run tests: nothing was built. Leave out --no-build");
  return {
    ...(await import(path.join(folder, "test-file.js"))),
    ...(await import(path.join(folder, "reports.js"))),
  };
}

export async function main(args) {
  const options = parse(args);
  if (options.help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(130));
  if (!options["no-build"]) await build();
  const runner = await loadRunner();
  const { jsonLines, junit, prettyFile, skipReasons, summaryLine, tap, tierLines, totals, unsteadyFiles } = runner;
  const tests = selectTests(options, runner.directives);
  const print = (text) => process.stdout.write(`${text}\n`);
  if (tests.length === 0 && (options["require-tests"] || options.positionals.length > 0)) {
    throw new Failure(`No test file matches ${options.positionals.join(" ") || "in test/"}`);
  }
  const before = sharedNames();
  const files = await runAll(tests, runner, {
    ...options,
    report: (file) => options.reporter === "pretty" && print(prettyFile(file)),
  });
  blameLeftNames(before, files);
  if (options.reporter === "tap") print(tap(files));
  for (const file of files) {
    const late = file.results.filter(({ test }) => test === sharedNameTest);
    if (options.reporter === "pretty" && late.length > 0) print(prettyFile({ ...file, results: late, output: "" }));
  }
  if (options.junit) writeFileSync(options.junit, junit(files));
  if (options.json) writeFileSync(options.json, jsonLines(files));
  for (const line of [...skipReasons(files), ...unsteadyFiles(files), ...tierLines(files)]) print(line);
  const count = totals(files);
  print(summaryLine(count));
  return count.failed > 0 ? 1 : 0;
}
