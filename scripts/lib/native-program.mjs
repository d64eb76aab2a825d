/** Builds C++ programs of tests beside the native layers, one a source file, and remembers what they were built from. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { filesBelow, recordStamp, signature, upToDate } from "./files.mjs";
import { inRoot, mustRun, run } from "./process.mjs";

/** The sources of core, device and pixel layer: no JavaScript in them, so they link into any program. The folders below are programs of their own. */
function nativeSources() {
  const folders = ["native/core", "native/device", "native/pixel"];
  return filesBelow(folders, (file) => file.endsWith(".cc") && folders.includes(path.dirname(file)));
}

/**
 * Compiles and links `source` with the native layers by `compiler` and `flags` into build/`flavour`/, when stale.
 * Returns the program's path relative to the root.
 */
export function nativeProgram(source, { compiler, flags, flavour }) {
  const program = `build/${flavour}/${path.basename(source, ".cc")}`;
  const headers = filesBelow(["native", "test"], (file) => file.endsWith(".h"));
  const sources = [source, ...nativeSources()];
  const inputs = signature([...sources, ...headers], compiler, ...flags);
  const stamp = `${flavour}-${path.basename(source)}`;
  if (upToDate(stamp, inputs, [program])) return program;
  mkdirSync(inRoot(path.dirname(program)), { recursive: true });
  const args = ["-std=c++20", "-g", "-Wall", "-Wextra", "-Inative", ...flags, ...sources, "-o", program, "-pthread"];
  mustRun(`compile ${source}`, compiler, args, { quiet: true });
  recordStamp(stamp, inputs);
  return program;
}

/** The C++ tests: programs whose last line of output is "N passed, N failed, N skipped". */
export function nativeTests() {
  return filesBelow(["test/native"], (file) => file.endsWith(".test.cc"));
}

export function addCounts(total, counts) {
  for (const outcome of Object.keys(total)) total[outcome] += counts[outcome];
}

/** What the program itself counted, in its last such line. */
function countsOf(output) {
  const match = [...output.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)].at(-1);
  return match && { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3] ?? 0) };
}

/**
 * Runs a program of {@link nativeTests}, behind `launcher` where it is not for this processor, and prints its verdict.
 * Returns its counts; an end without counts, or a finding of a sanitizer, is one failure more.
 */
export function runNativeTest(file, { title, launcher = [], env = process.env, timeout = 300_000 }) {
  const [command, ...args] = [...launcher, inRoot(file)];
  const { code, output } = run(command, args, { quiet: true, env, timeout });
  const counts = countsOf(output) ?? { passed: 0, failed: 0, skipped: 0 };
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  if (counts.passed + counts.failed + counts.skipped === 0) counts.failed = 1;
  const name = `${path.basename(file)} (${title})`;
  process.stdout.write(
    counts.failed ? `FAIL ${name}: ended with code ${code}\n${output}\n` : `ok   ${name}: ${counts.passed} passed\n`,
  );
  return counts;
}

/** Environment in which a sanitizer's finding ends the program with a failure. */
export const sanitizerEnvironment = {
  ...process.env,
  ASAN_OPTIONS: "detect_leaks=1:abort_on_error=0:exitcode=99",
  UBSAN_OPTIONS: "print_stacktrace=1:halt_on_error=1",
  TSAN_OPTIONS: "halt_on_error=1:second_deadlock_stack=1",
};
