/** Builds C++ programs of tests beside the native layers, one a source file, and remembers what they were built from. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { filesBelow, recordStamp, signature, upToDate } from "./files.mjs";
import { inRoot, mustRun } from "./process.mjs";

/** The sources of core and device layer: no JavaScript in them, so they link into any program. The folders below are programs of their own. */
function nativeSources() {
  const folders = ["native/core", "native/device"];
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

/** Environment in which a sanitizer's finding ends the program with a failure. */
export const sanitizerEnvironment = {
  ...process.env,
  ASAN_OPTIONS: "detect_leaks=1:abort_on_error=0:exitcode=99",
  UBSAN_OPTIONS: "print_stacktrace=1:halt_on_error=1",
  TSAN_OPTIONS: "halt_on_error=1:second_deadlock_stack=1",
};
