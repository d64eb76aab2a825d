/** `bulkhead test`: runs hardware-in-the-loop tests on a bench. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { packageRoot } from "../../bindings/prebuilt.js";
import { benchNames, openBench } from "../../hil/benches.js";
import {
  jsonLines,
  junit,
  prettyFile,
  skipReasons,
  summaryLine,
  tap,
  testLines,
  totals,
} from "../../hil/runner/reports.js";
import { directives, type FileResult, runTestFile } from "../../hil/runner/test-file.js";
import { settingVariables } from "../../hil/settings.js";
import { type Command, exitCodes, Failure, type Invocation, numberOption, textOption } from "../command.js";

const testName = /\.test\.([cm]?js|m?ts)$/;
const reporters = ["pretty", "tap"] as const;
/** Seconds that a file may take unless it says otherwise: boards boot slowly. */
const usualTimeout = 600;
/** What Node.js loads before the test, to read TypeScript. */
const preload = pathToFileURL(join(packageRoot(), "dist/hil/runner/typescript.js"));

/** Test files: those that are named, and those in folders that are. */
function testFiles(named: readonly string[]): string[] {
  const files = named.flatMap((name) => {
    if (!existsSync(name)) throw new Failure(`There is no test "${name}"`, exitCodes.usage);
    if (!statSync(name).isDirectory()) return [name];
    return readdirSync(name, { recursive: true, encoding: "utf8" })
      .filter((file) => testName.test(file) && !file.split("/").includes("node_modules"))
      .map((file) => join(name, file))
      .sort();
  });
  if (files.length === 0)
    throw new Failure(`There is no test in ${named.join(", ")}: their names end in ".test.ts"`, exitCodes.usage);
  return [...new Set(files.map((file) => resolve(file)))];
}

/** A folder for the run, named after its time. */
function runFolder(given: string | undefined): string {
  const folder = resolve(given ?? join("bulkhead-run", new Date().toISOString().slice(0, 19).replaceAll(":", "-")));
  mkdirSync(folder, { recursive: true });
  return folder;
}

interface Plan {
  readonly files: readonly string[];
  readonly bench: string;
  readonly run: string;
  readonly timeout: number;
  readonly strict: boolean;
  /** Sees each file as it ends. */
  readonly report: (file: FileResult) => void;
}

/** One file after another: a device serves one test at a time. */
async function runFiles({ files, bench, run, timeout, strict, report }: Plan): Promise<FileResult[]> {
  const scratch = mkdtempSync(join(tmpdir(), "bulkhead-test-"));
  const remove = (): void => rmSync(scratch, { recursive: true, force: true });
  process.once("exit", remove);
  const results: FileResult[] = [];
  try {
    for (const [number, file] of files.entries()) {
      const result = await runTestFile(file, {
        node: process.execPath,
        nodeOptions: ["--import", preload.href],
        run: `${process.pid}-${number}`,
        folder: join(scratch, String(number)),
        timeout: directives(file).timeout ?? timeout,
        cwd: process.cwd(),
        environment: {
          [settingVariables.bench]: bench,
          [settingVariables.run]: run,
          ...(strict && { [settingVariables.strict]: "1" }),
        },
      });
      results.push({ ...result, file: relative(process.cwd(), file) });
      report(results.at(-1) as FileResult);
    }
  } finally {
    process.removeListener("exit", remove);
    remove();
  }
  return results;
}

function reporter(invocation: Invocation): (typeof reporters)[number] {
  const given = textOption(invocation, "reporter") ?? "pretty";
  const found = reporters.find((one) => one === given);
  if (found === undefined)
    throw new Failure(`--reporter is ${reporters.join(" or ")}, not "${given}"`, exitCodes.usage);
  return found;
}

export const test: Command = {
  name: "test",
  summary: "Run hardware-in-the-loop tests on a bench",
  arguments: "FILE|FOLDER...",
  count: [1, Number.POSITIVE_INFINITY],
  options: {
    bench: {
      type: "string",
      short: "b",
      value: "NAME",
      doc: `${Object.keys(benchNames).join(", ")}, or the path of a lab file; "stand-in" by default.`,
    },
    strict: { type: "boolean", doc: "A test that would be skipped fails." },
    reporter: { type: "string", value: "NAME", doc: `${reporters.join(" or ")}.` },
    junit: { type: "string", value: "FILE", doc: "Also write JUnit XML there." },
    run: { type: "string", value: "FOLDER", doc: "Where consoles, captures, pictures and traces go." },
    timeout: { type: "string", value: "SECONDS", doc: `What a file may take; ${usualTimeout} by default.` },
  },
  examples: [
    ["bulkhead test tests/", "on stand-ins: everything that needs no hardware"],
    ["bulkhead test tests/ --bench lab.jsonc --strict", "on the board of a lab file; nothing may be skipped"],
    ["bulkhead test boot.test.ts --reporter tap > boot.tap", "TAP 14, for other programs"],
  ],
  async run(invocation) {
    const { options, output, positionals } = invocation;
    const shown = output.json ? "json" : reporter(invocation);
    const files = testFiles(positionals);
    const name = textOption(invocation, "bench") ?? process.env[settingVariables.bench] ?? "stand-in";
    // A bench that cannot be had is an error of this command, not of each test.
    const bench = await openBench(name).catch((error: Error) => {
      throw new Failure(error.message, exitCodes.config);
    });
    await bench[Symbol.asyncDispose]();
    const interrupt = (): void => process.exit(exitCodes.interrupted);
    process.once("SIGINT", interrupt);
    process.once("SIGTERM", interrupt);
    const run = runFolder(textOption(invocation, "run"));
    const results = await runFiles({
      files,
      bench: Object.hasOwn(benchNames, name) ? name : resolve(name),
      run,
      timeout: numberOption(invocation, "timeout", usualTimeout),
      strict: options["strict"] === true,
      report: (file) => {
        if (shown === "pretty") output.print([prettyFile(file), ...testLines(file)].join("\n"));
      },
    });
    writeFileSync(join(run, "results.jsonl"), jsonLines(results));
    writeFileSync(join(run, "junit.xml"), junit(results));
    const wanted = textOption(invocation, "junit");
    if (wanted !== undefined) writeFileSync(wanted, junit(results));
    const count = totals(results);
    if (shown === "json") output.print(jsonLines(results));
    else if (shown === "tap") output.print(tap(results));
    else {
      for (const line of skipReasons(results)) output.print(line);
      output.print(`Files of this run: ${relative(process.cwd(), run)}/`);
      output.print(summaryLine(count));
    }
    if (count.failed > 0) return exitCodes.failure;
    return count.passed === 0 ? exitCodes.skipped : exitCodes.ok;
  },
};
