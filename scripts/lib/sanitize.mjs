/** `scripts/sanitize [parts of names]`: the C++ tests at full speed, under AddressSanitizer with UndefinedBehaviorSanitizer, and under ThreadSanitizer. */
import path from "node:path";
import { summaryLine } from "./checks.mjs";
import { filesBelow } from "./files.mjs";
import { nativeProgram, sanitizerEnvironment } from "./native-program.mjs";
import { Failure, inRoot, program, run } from "./process.mjs";

const flavours = {
  optimised: ["-O2"],
  address: ["-O1", "-fno-omit-frame-pointer", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
  thread: ["-O1", "-fno-omit-frame-pointer", "-fsanitize=thread"],
};
const timeout = 300_000;

/** What the program itself counted, in its last such line. */
function countsOf(output) {
  const match = [...output.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)].at(-1);
  return match && { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3] ?? 0) };
}

/** Runs one program and returns its counts; an end without counts, or a finding, is one failure more. */
function runProgram(file, flavour) {
  const { code, output } = run(inRoot(file), [], { quiet: true, env: sanitizerEnvironment, timeout });
  const counts = countsOf(output) ?? { passed: 0, failed: 0, skipped: 0 };
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  if (counts.passed + counts.failed + counts.skipped === 0) counts.failed = 1;
  const title = `${path.basename(file)} (${flavour})`;
  process.stdout.write(
    counts.failed ? `FAIL ${title}: ended with code ${code}\n${output}\n` : `ok   ${title}: ${counts.passed} passed\n`,
  );
  return counts;
}

export function main(parts) {
  const sources = filesBelow(["test/native"], (file) => file.endsWith(".test.cc"));
  const selected = sources.filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
  const total = { passed: 0, failed: 0, skipped: 0 };
  // Two compilers in one run would be two sets of findings; clang's runtimes report races and leaks most completely.
  const compiler = program("clang++-14") ?? program("clang++") ?? program("g++");
  if (selected.length > 0 && !compiler)
    throw new Failure("Missing: clang-14. Install with: sudo apt-get install clang-14 libclang-rt-14-dev", 5);
  for (const [flavour, flags] of Object.entries(flavours)) {
    for (const source of selected) {
      const counts = runProgram(nativeProgram(source, { compiler, flags, flavour }), flavour);
      for (const outcome of Object.keys(total)) total[outcome] += counts[outcome];
    }
  }
  process.stdout.write(`${summaryLine(total)}\n`);
  return total.failed > 0 ? 1 : 0;
}
