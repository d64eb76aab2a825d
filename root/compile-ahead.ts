/** Compiles the package's bundles for a version of Node.js that did not build them. */
import { spawn } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { setPriority } from "node:os";
import { join } from "node:path";
import { compiledFile, runtimeOptions } from "../base/compiled-code.js";
import { packageRoot } from "../bindings/prebuilt.js";
import { componentFile } from "./modules.js";

const leastPriority = 19;

/**
 * What Node.js is told to compile the bundles of a folder, without an environment: options there would make the result
 * useless for others.
 */
export function compilerArguments(folder: string): string[] {
  return [...runtimeOptions, join(packageRoot(), "dist/root/code-compiler.js"), folder];
}

/**
 * Begins it where it is missing and this user may write there, beside everything else: components start faster from the
 * next start of the system on. Whether it succeeds is nobody's concern.
 */
export function compileAhead(): void {
  const folder = componentFile("");
  if (existsSync(compiledFile(join(folder, "framework.cjs")))) return;
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    return;
  }
  const child = spawn(process.execPath, compilerArguments(folder), { env: {}, stdio: "ignore" });
  child.on("error", () => {});
  child.unref();
  if (child.pid !== undefined) setPriority(child.pid, leastPriority);
}
