/** Paths, child processes and failures, as all scripts use them. */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root, absolute. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** What ends a script: one sentence for a person, and the exit code. */
export class Failure extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A path inside the repository. */
export function inRoot(...parts) {
  return path.join(root, ...parts);
}

/** The full path of a program on PATH, or undefined. */
export function program(name) {
  for (const folder of (process.env.PATH ?? "").split(":")) {
    const candidate = path.join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** A line about what takes time now; on stderr, since stdout is for results. */
export function progress(message) {
  process.stderr.write(`${message}\n`);
}

/**
 * Runs a command to its end in the repository's root. `quiet` keeps its output for the case that it fails.
 * `timeout` is in milliseconds. Returns `{ code, output }`; a command that cannot start has code 127.
 */
export function run(command, args, { quiet = false, cwd = root, env = process.env, timeout } = {}) {
  const child = spawnSync(command, args, {
    cwd,
    env,
    timeout,
    killSignal: "SIGKILL",
    encoding: "utf8",
    maxBuffer: 64 << 20,
    stdio: ["ignore", quiet ? "pipe" : "inherit", quiet ? "pipe" : "inherit"],
  });
  const output = `${child.stdout ?? ""}${child.stderr ?? ""}`;
  if (child.error?.code === "ETIMEDOUT") return { code: 124, output: `${output}\nKilled after ${timeout} ms` };
  if (child.error) return { code: 127, output: child.error.message };
  return { code: child.status ?? 128, output };
}

/** Like {@link run}, but a failure ends the script; `what` completes "Cannot ...". */
export function mustRun(what, command, args, options) {
  const { code, output } = run(command, args, options);
  if (code === 0) return output;
  throw new Failure(
    `${output}${output && !output.endsWith("\n") ? "\n" : ""}Cannot ${what}: ${path.basename(command)} ended with code ${code}`,
  );
}
