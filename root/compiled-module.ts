/**
 * What V8 makes of a component's bundle ahead, as a file beside it: the hash of the bundle, then V8's data. The hash ties
 * them together, since V8 itself would take the data of any text that is as long.
 */
import { createHash } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { setFlagsFromString } from "node:v8";
import { compiledFile, moduleScript } from "../base/compiled-code.js";

const hashBytes = 32;

function hash(content: Uint8Array): Buffer {
  return createHash("sha256").update(content).digest();
}

/** The file name under which V8, and with it a stack trace, knows a component's code. */
export function codeName(module: string): string {
  return `/app/${module}.cjs`;
}

/** The name of a module that came with the package, from its bundle. */
export function moduleName(folder: string, bundle: string): string {
  return relative(folder, bundle).replace(/\.cjs$/, "");
}

/** Has V8 compile all functions of a bundle, and leaves the result beside it. For a process with the options of components. */
export function compileModule(folder: string, bundle: string): void {
  const content = readFileSync(bundle);
  // Only what is compiled now is kept, and none of it runs here.
  setFlagsFromString("--no-lazy");
  const script = moduleScript(content, codeName(moduleName(folder, bundle)));
  // V8 refuses data that was made under another flag.
  setFlagsFromString("--lazy");
  replaceFile(compiledFile(bundle), Buffer.concat([hash(content), script.createCachedData()]));
}

/** Whoever reads the file meanwhile finds all of one or all of the other. */
export function replaceFile(file: string, content: Uint8Array): void {
  const next = `${file}.${process.pid}`;
  writeFileSync(next, content);
  renameSync(next, file);
}

/** What {@link compileModule} made of this content of a bundle; undefined: nothing, as with other versions of Node.js. */
export function compiledModule(bundle: string, content: Uint8Array): Uint8Array | undefined {
  let file: Buffer;
  try {
    file = readFileSync(compiledFile(bundle));
  } catch {
    return undefined;
  }
  return hash(content).equals(file.subarray(0, hashBytes)) ? file.subarray(hashBytes) : undefined;
}
