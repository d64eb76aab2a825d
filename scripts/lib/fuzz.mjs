/** `scripts/fuzz [--seconds N] [parts of names]`: libFuzzer targets of test/fuzz/, each for N seconds (30). */
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { runChecks } from "./checks.mjs";
import { filesBelow } from "./files.mjs";
import { nativeProgram, sanitizerEnvironment } from "./native-program.mjs";
import { Failure, inRoot, mustRun, program } from "./process.mjs";

const flags = ["-O1", "-fno-omit-frame-pointer", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all"];

/** The corpus that grows stays out of git; test/fuzz/corpus/NAME holds the inputs that once failed, which are tried first. */
function fuzz(source, seconds) {
  const compiler = program("clang++-14") ?? program("clang++");
  if (!compiler)
    throw new Failure("Missing: clang-14. Install with: sudo apt-get install clang-14 libclang-rt-14-dev", 5);
  const target = nativeProgram(source, { compiler, flags, flavour: "fuzz" });
  const name = path.basename(source, ".cc");
  const found = `.bulkhead/fuzz/${name}`;
  const kept = `test/fuzz/corpus/${name}`;
  mkdirSync(inRoot(found), { recursive: true });
  const corpora = [found, ...(existsSync(inRoot(kept)) ? [kept] : [])];
  const options = [
    `-max_total_time=${seconds}`,
    "-timeout=10",
    "-rss_limit_mb=2048",
    `-artifact_prefix=${found}-failure-`,
    "-print_final_stats=1",
  ];
  mustRun(`fuzz ${name}`, inRoot(target), [...options, ...corpora], {
    quiet: true,
    env: sanitizerEnvironment,
    timeout: (seconds + 60) * 1000,
  });
}

export async function main(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { seconds: { type: "string", default: "30" } },
  });
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new Failure("Usage: scripts/fuzz [--seconds N] [parts of names]", 2);
  const targets = filesBelow(["test/fuzz"], (file) => file.endsWith(".cc"));
  const selected = targets.filter(
    (file) => positionals.length === 0 || positionals.some((part) => file.includes(part)),
  );
  return runChecks(selected.map((source) => [source, () => fuzz(source, seconds)]));
}
