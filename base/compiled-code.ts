/** Code of component processes, with what V8 made of it when it was built, so that no start compiles it again. */
import { readFileSync } from "node:fs";
import { Script } from "node:vm";

/**
 * What Node.js is told in every component. V8 would otherwise copy its built-in functions beside the code that it makes:
 * 1.6 MB of each process's own, for shorter calls.
 */
export const runtimeOptions = ["--no-short-builtin-calls"] as const;

/** Where what this version of Node.js made of a bundle lies: beside it. */
export function compiledFile(bundle: string): string {
  return `${bundle}.${process.version}-${process.arch}`;
}

/** What Node.js hands to a CommonJS module. */
export type ModuleFunction = (
  exports: object,
  require: NodeJS.Require,
  module: object,
  filename: string,
  folder: string,
) => void;

const opening = Buffer.from("(function (exports, require, module, __filename, __dirname) {");
const closing = Buffer.from("\n})");

/**
 * A module whose code has not run. `compiled` must be of this very text: V8 compares no more than lengths. It refuses what
 * other versions and options made, and compiles then. The file name stays in what was compiled.
 */
export function moduleScript(code: Uint8Array, filename: string, compiled?: Buffer): Script {
  // The code begins on the first line, as in the source map.
  // private copy: put together before it is text, since V8 would hold the parts as well.
  return new Script(Buffer.concat([opening, code, closing]).toString("utf8"), {
    filename,
    ...(compiled !== undefined && { cachedData: compiled }),
  });
}

export function moduleFunction(script: Script): ModuleFunction {
  return script.runInThisContext() as ModuleFunction;
}

export interface Framework {
  /** By the names that components ask for, such as `bulkhead:lib/config`. */
  readonly modules: Readonly<Record<string, object>>;
  /** What is compiled by now, for {@link runFramework} in other processes with the same options. */
  compiled(): Buffer;
}

/** What V8 calls the framework's bundle, wherever it lies. */
export const frameworkName = "/app/framework.cjs";

function fileIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined; // as with any version but the one that built the package
  }
}

/** Runs the framework, as its build left it, with the caller's way to modules of Node.js. */
export function runFramework(file: string, require: NodeJS.Require): Framework {
  const script = moduleScript(readFileSync(file), frameworkName, fileIfThere(compiledFile(file)));
  const module: { exports: { modules?: Record<string, object> } } = { exports: {} };
  moduleFunction(script)(module.exports, require, module, file, "");
  return { modules: module.exports.modules as Record<string, object>, compiled: () => script.createCachedData() };
}
