/** Definitions and generated files on disk. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { errorMessage } from "../base/errors.js";
import type { TypeScriptTargets } from "./backend-typescript.js";
import type { Source } from "./compiler.js";

/** `Cannot write "x": permission denied`. */
function failure(what: string, path: string, error: unknown): Error {
  const reason = errorMessage(error).replace(/^[A-Z]+: ([^,]*),.*$/, "$1");
  return new Error(`Cannot ${what} "${path}": ${reason}`);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw failure("read", path, error);
  }
}

/** Imports are relative to the file that imports; `*` stands for any part of a file name. */
export const diskSource: Source = {
  read: readText,
  resolve(importer, written) {
    const path = join(dirname(importer), written);
    if (!basename(path).includes("*")) return [path];
    const pattern = new RegExp(
      `^${basename(path)
        .split("*")
        .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"))
        .join(".*")}$`,
    );
    const folder = dirname(path);
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((name) => pattern.test(name))
      .sort()
      .map((name) => join(folder, name));
  },
};

/** `sessions/timer/timer.idl` to `sessions/timer/timer.generated.ts`. */
export function generatedPath(definition: string): string {
  return `${definition.replace(/\.idl$/, "")}.generated.ts`;
}

/** The project's own root above a file, or undefined in other projects. */
function ownRoot(file: string): string | undefined {
  for (let folder = dirname(resolve(file)); ; folder = dirname(folder)) {
    const text = readText(join(folder, "package.json"));
    if (text !== undefined)
      return (JSON.parse(text) as { name?: unknown }).name === "bulkhead" &&
        existsSync(join(folder, "base", "interface.ts"))
        ? folder
        : undefined;
    if (folder === dirname(folder)) return undefined;
  }
}

function relativeModule(from: string, to: string): string {
  const path = relative(dirname(resolve(from)), to);
  return path.startsWith(".") ? path : `./${path}`;
}

/**
 * What the generated file of `definition` imports from where.
 * @param runtime A package that exports all of base, or a folder (`./base/`) that holds its modules; the default is
 *   this project's own folder inside the project, and the package "bulkhead" elsewhere.
 */
export function targetsOf(definition: string, runtime: string | undefined): TypeScriptTargets {
  const root = ownRoot(definition);
  const folder = runtime?.endsWith("/")
    ? resolve(runtime)
    : runtime === undefined && root !== undefined
      ? join(root, "base")
      : undefined;
  return {
    runtime: (module) =>
      folder === undefined ? (runtime ?? "bulkhead") : relativeModule(definition, join(folder, `${module}.js`)),
    generated: (other) => relativeModule(definition, resolve(generatedPath(other).replace(/\.ts$/, ".js"))),
  };
}

/** Writes a file unless it has this text; true when it had another or none. With `check` nothing is written. */
export function updated(path: string, text: string, check: boolean): boolean {
  if (readText(path) === text) return false;
  if (!check) {
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    } catch (error) {
      throw failure("write", path, error);
    }
  }
  return true;
}
