/** What is written in C++, compiled for the other architecture. */
import { spawnSync } from "node:child_process";
import * as assert from "uvu/assert";
import { BenchUnavailable } from "../../bench/programs.js";

const missing = 5;

/**
 * Compiles the addon, the spawner and the tests in C++ for arm64, unless they are there. Returns the paths of the test
 * programs. @throws BenchUnavailable when there is no such compiler.
 */
export function compiledForArm64(): string[] {
  const { status, stdout, stderr } = spawnSync("scripts/emulate", ["--compile"], { encoding: "utf8" });
  if (status === missing) throw new BenchUnavailable(stderr.trim());
  assert.is(status, 0, stderr);
  return stdout.trim().split("\n");
}
