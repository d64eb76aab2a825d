/** Programs as one file each: where files are read slowly, as in a virtual machine, hundreds of modules take most of a start. */
import { chmodSync } from "node:fs";
import { typeScriptSources } from "./build-typescript.mjs";
import { recordStamp, signature, upToDate } from "./files.mjs";
import { Failure, inRoot, progress, root } from "./process.mjs";

/** By the names that bindings/prebuilt.ts knows. */
const ownPrograms = { bulkhead: "cli/main.ts", conformance: "hil/conformance/inside.ts" };
/** Of tests: what runs inside of machines. */
const guestProgram = /^test\/(vm\/[^/]+-guest|hostile\/(escape\.test|system-under-attack))\.ts$/;

/** Programs by output path below dist/ without extension, with the source file that each starts from. */
function programEntries(sources) {
  const own = Object.entries(ownPrograms).map(([name, source]) => [`programs/${name}`, source]);
  const guests = sources.filter((source) => guestProgram.test(source));
  return Object.fromEntries([
    ...own,
    ...guests.map((source) => [source.replace(/^test\/(.*)\.ts$/, "test/programs/$1"), source]),
  ]);
}

/** What is loaded when it is needed, if ever: esbuild is itself a program, and serialport has native parts. */
const external = ["*.node", "esbuild", "serialport", "@serialport/bindings-cpp"];

/** Packages that were written for CommonJS ask for Node.js's own modules by it. */
const requireForPackages =
  'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);';

export async function buildPrograms() {
  const sources = typeScriptSources();
  const entries = programEntries(sources);
  const inputs = signature([...sources, "package-lock.json", "scripts/lib/build-programs.mjs"]);
  const outputs = Object.keys(entries).map((name) => `dist/${name}.js`);
  if (upToDate("programs", inputs, outputs)) return;
  progress("Bundling programs");
  const { build } = await import("esbuild");
  try {
    await build({
      absWorkingDir: root,
      entryPoints: entries,
      outdir: "dist",
      bundle: true,
      platform: "node",
      target: "node20",
      format: "esm",
      // jsonc-parser's main file is UMD, whose inner requires a bundle cannot follow.
      mainFields: ["module", "main"],
      sourcemap: "linked",
      external,
      // servers/init/system-file.ts takes the parser as a bundle or as Node.js itself hands it over.
      logOverride: { "import-is-undefined": "silent" },
      banner: { js: requireForPackages },
      logLevel: "warning",
    });
  } catch {
    throw new Failure("Cannot bundle the programs");
  }
  // Only a program that the package installs is made executable by whoever installs it.
  chmodSync(inRoot("dist/programs/bulkhead.js"), 0o755);
  recordStamp("programs", inputs);
}
