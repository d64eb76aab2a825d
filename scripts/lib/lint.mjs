/** `scripts/lint [--fix]`: formatting, lint rules, and the rules of the house. */

import { existsSync } from "node:fs";
import { sourceFolders } from "./build-typescript.mjs";
import { runChecks, Skipped } from "./checks.mjs";
import { filesBelow } from "./files.mjs";
import { houseProblems } from "./house-lint.mjs";
import { Failure, inRoot, mustRun, program, run } from "./process.mjs";
import { setup } from "./setup.mjs";

const tool = (name) => inRoot("node_modules/.bin", name);

function biome(fix) {
  mustRun(
    "accept the form of the sources (scripts/lint --fix repairs most of it)",
    tool("biome"),
    ["check", "--max-diagnostics=50", ...(fix ? ["--write"] : [])],
    { quiet: true },
  );
}

function oxlint() {
  const folders = sourceFolders.filter((folder) => existsSync(inRoot(folder)));
  mustRun("accept the handling of promises", tool("oxlint"), ["--type-aware", "--deny-warnings", ...folders], {
    quiet: true,
  });
}

function clangFormat(fix) {
  const sources = filesBelow(["native", "test"], (file) => /\.(h|cc)$/.test(file));
  if (sources.length === 0) throw new Skipped("there are no C++ sources");
  const formatter = program("clang-format") ?? program("clang-format-14");
  if (!formatter && !process.env.CI) throw new Skipped("clang-format is not installed");
  if (!formatter) throw new Failure("Missing: clang-format. Install with: sudo apt-get install clang-format", 5);
  const unformatted = sources.filter((source) => {
    if (fix) run(formatter, ["-i", source]);
    return run(formatter, ["--dry-run", "-Werror", source], { quiet: true }).code !== 0;
  });
  if (unformatted.length > 0) {
    throw new Failure(`not formatted (scripts/lint --fix does it): ${unformatted.join(" ")}`);
  }
}

function house() {
  const problems = houseProblems();
  if (problems.length > 0) throw new Failure(`\n${problems.join("\n")}`);
}

export async function main(args) {
  const fix = args.includes("--fix");
  if (args.some((argument) => argument !== "--fix")) throw new Failure("Usage: scripts/lint [--fix]", 2);
  setup();
  return runChecks([
    ["biome", () => biome(fix)],
    ["oxlint", oxlint],
    ["clang-format", () => clangFormat(fix)],
    ["house rules", house],
  ]);
}
