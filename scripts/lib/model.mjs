/**
 * `scripts/model [parts of names]`: checks the Spin models docs/models/*.pml exhaustively.
 *
 * A model's first lines are comments, one a check, that say how it is compiled and run, and what must come out:
 *
 *     // check: safety                            invalid end states and assertions
 *     // check: progress  cc: -DFIXED=1           non-progress cycles, with weak fairness
 *     // check: acceptance  run: -m100000         acceptance cycles
 *     // check: safety  cc: -DFENCE=0  expect: error    the checker must find the error that the fence prevents
 */
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { runChecks } from "./checks.mjs";
import { filesBelow } from "./files.mjs";
import { Failure, inRoot, mustRun, program } from "./process.mjs";

/** How each kind of check is compiled and started. */
const kinds = {
  safety: { compile: ["-DSAFETY"], run: [] },
  progress: { compile: ["-DNP"], run: ["-l", "-f"] },
  acceptance: { compile: [], run: ["-a", "-f"] },
};
const timeout = 300_000;

/** The checks that a model's leading comments ask for; a model without any is checked for safety. */
function checksOf(file) {
  const checks = [];
  for (const line of readFileSync(inRoot(file), "utf8").split("\n")) {
    const text = /^\s*(?:\/\/|\/\*|\*)\s*check:\s*(.*?)(?:\*\/)?\s*$/.exec(line)?.[1];
    if (text === undefined) continue;
    const [kind = "", ...rest] = text.split(/\s{2,}|\s+(?=\w+:)/);
    if (!(kind in kinds))
      throw new Failure(`Cannot check ${file}: "${kind}" is none of ${Object.keys(kinds).join(", ")}`);
    const option = (name) =>
      rest
        .find((part) => part.startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim();
    const words = (name) => option(name)?.split(/\s+/) ?? [];
    checks.push({ kind, compile: words("cc"), run: words("run"), expectError: option("expect") === "error" });
  }
  return checks.length > 0 ? checks : [{ kind: "safety", compile: [], run: [], expectError: false }];
}

/** -D options of the compiler go to Spin as well, since its preprocessor sees the model first. */
function check(file, { kind, compile, run, expectError }, number) {
  if (!program("spin") || !program("gcc"))
    throw new Failure("Missing: spin gcc. Install with: sudo apt-get install spin gcc", 5);
  const folder = inRoot("build/models", `${path.basename(file, ".pml")}-${number}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const definitions = compile.filter((word) => word.startsWith("-D"));
  mustRun(`translate ${file}`, "spin", [...definitions, "-a", inRoot(file)], { quiet: true, cwd: folder });
  const optimised = ["-O2", "-DCOLLAPSE", "-DNFAIR=4", ...kinds[kind].compile, ...compile, "-o", "pan", "pan.c"];
  mustRun(`compile the checker of ${file}`, "gcc", optimised, { quiet: true, cwd: folder });
  const output = mustRun(`check ${file}`, "./pan", [...kinds[kind].run, ...run], { quiet: true, cwd: folder, timeout });
  const errors = Number(/errors: (\d+)/.exec(output)?.[1] ?? Number.NaN);
  if (Number.isNaN(errors)) throw new Failure(`${output}\nNo verdict on ${file}`);
  // A search that was cut short has proven nothing.
  if (!expectError && /max search depth too small|out of memory|search not completed/i.test(output) && errors === 0) {
    throw new Failure(`${output}\nThe search of ${file} was not exhaustive`);
  }
  if (expectError ? errors === 0 : errors > 0) {
    throw new Failure(
      expectError
        ? `${file}: an error was expected, and none found`
        : `${output}\n${file}: ${errors} errors; see ${folder}/*.trail`,
    );
  }
}

export async function main(parts) {
  const models = filesBelow(["docs/models"], (file) => file.endsWith(".pml"));
  const selected = models.filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
  const checks = selected.flatMap((file) =>
    checksOf(file).map((entry, index) => {
      const title = [file, entry.kind, ...entry.compile, entry.expectError ? "(finds the error)" : ""]
        .filter(Boolean)
        .join(" ");
      return [title, () => check(file, entry, index + 1)];
    }),
  );
  return runChecks(checks);
}
