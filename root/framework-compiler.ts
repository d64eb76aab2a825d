/**
 * A program of its own, `node OPTIONS framework-compiler.js BUNDLE`: runs the framework as a component process does, has it
 * rehearse, and leaves beside the bundle what V8 has compiled of it by then. Started with the options of components,
 * since V8 takes it back under the same ones only.
 */
import { rmSync, writeFileSync } from "node:fs";
import { compiledFile, runFramework } from "../base/framework-code.js";
// For the framework, where the loader has it otherwise.
import "../bindings/native.js";

const bundle = process.argv[2] as string;
// Of an older bundle, perhaps: V8 would only compare their lengths.
rmSync(compiledFile(bundle), { force: true });
const framework = runFramework(bundle);
await (framework.modules["bulkhead:lib/rehearsal"] as { rehearse(): Promise<void> }).rehearse();
writeFileSync(compiledFile(bundle), framework.compiled());
process.exit(0);
