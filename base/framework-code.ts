/** How a component process runs the framework: with what V8 made of it when it was built, so that no start compiles it again. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Script } from "node:vm";

/**
 * What Node.js is told in every component. V8 would otherwise copy its built-in functions beside the code that it makes:
 * 1.6 MB of each process's own, for shorter calls.
 */
export const runtimeOptions = ["--no-short-builtin-calls"] as const;

export interface Framework {
  /** By the names that components ask for, such as `bulkhead:lib/config`. */
  readonly modules: Readonly<Record<string, object>>;
  /** What is compiled by now, for {@link runFramework} in other processes with the same options. */
  compiled(): Buffer;
}

/** What V8 calls the bundle, wherever it lies: the name stays in what was compiled. */
export const frameworkName = "/app/framework.cjs";

/** Where what this version of Node.js made of a bundle lies: beside it. */
export function compiledFile(bundle: string): string {
  return `${bundle}.${process.version}-${process.arch}`;
}

function fileIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined; // as with any version but the one that built the package
  }
}

/** V8 refuses what other options made, and compiles then. */
export function runFramework(file: string): Framework {
  const cachedData = fileIfThere(compiledFile(file));
  // On the line of its first statement, so that lines are those of the source map.
  const script = new Script(`(function (exports, require, module) {${readFileSync(file, "utf8")}\n})`, {
    filename: frameworkName,
    ...(cachedData !== undefined && { cachedData }),
  });
  const module: { exports: { modules?: Record<string, object> } } = { exports: {} };
  const run = script.runInThisContext() as (exports: object, require: NodeJS.Require, holder: object) => void;
  run(module.exports, createRequire(file), module);
  return { modules: module.exports.modules as Record<string, object>, compiled: () => script.createCachedData() };
}
