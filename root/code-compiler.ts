/**
 * A program of its own, `node OPTIONS code-compiler.js FOLDER`: leaves beside the bundles of components in FOLDER what V8
 * makes of them; and beside the framework what it has compiled once that has run and rehearsed, as a component process
 * does. Started with the options of components, since V8 takes it back under the same ones only.
 */
import { readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { compiledFile, runFramework } from "../base/compiled-code.js";
// For the framework, where the loader has it otherwise.
import "../bindings/native.js";
import { compileModule, replaceFile } from "./compiled-module.js";

const folder = process.argv[2] as string;
const framework = join(folder, "framework.cjs");
const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
for (const file of files) if (file.endsWith(".cjs") && !loadedFirst(file)) compileModule(folder, file);
// Of an older bundle, perhaps: it has no hash, since each process would have to compare it.
rmSync(compiledFile(framework), { force: true });
const { modules, compiled } = runFramework(framework, createRequire(framework));
await (modules["bulkhead:lib/rehearsal"] as { rehearse(): Promise<void> }).rehearse();
replaceFile(compiledFile(framework), compiled());
process.exit(0);

/** What every process loads before it is a component. */
function loadedFirst(file: string): boolean {
  return file === framework || file === join(folder, "loader.cjs");
}
