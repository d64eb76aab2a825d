/** The TypeScript step of a build: sources to dist/, and nothing in dist/ whose source is gone. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { filesBelow, recordStamp, replaceFile, signature, upToDate } from "./files.mjs";
import { Failure, inRoot, progress, run } from "./process.mjs";

/** Folders that tsconfig.json includes. */
export const sourceFolders = JSON.parse(readFileSync(inRoot("tsconfig.json"), "utf8")).include;

export function typeScriptSources() {
  return filesBelow(sourceFolders, (file) => file.endsWith(".ts") && !file.endsWith(".d.ts"));
}

/** Files that components read at run time beside their code. */
function assets() {
  return filesBelow(["drivers", "servers", "apps"], (file) => file.endsWith("/match.json"));
}

/** Programs for browsers, which have other globals than Node.js: a bundle carries them, and dist/ does not. */
const browserPrograms = ["servers/web-console/page"];

/** Folders of dist/ that later steps fill. */
const bundled = new Set(["components", "programs", "test/programs"]);

/** A deleted source must not live on as a test or module that still runs. */
function removeOrphans(folder) {
  for (const name of readdirSync(inRoot("dist", folder))) {
    const relative = path.join(folder, name);
    if (bundled.has(relative)) continue;
    if (statSync(inRoot("dist", relative)).isDirectory()) removeOrphans(relative);
    else if (/\.(js|js\.map|d\.ts)$/.test(name)) {
      if (!existsSync(inRoot(relative.replace(/\.(js|js\.map|d\.ts)$/, ".ts")))) rmSync(inRoot("dist", relative));
    }
  }
}

/** What the compiler says against it. */
function checkBrowserProgram(folder) {
  const { code, output } = run(inRoot("node_modules/.bin/tsc"), ["-p", folder, "--pretty", "false"], { quiet: true });
  return code === 0 ? "" : output;
}

export function buildTypeScript() {
  const copied = assets();
  const sources = typeScriptSources();
  const inputs = signature([
    ...sources,
    ...copied,
    "tsconfig.json",
    ...browserPrograms.map((folder) => `${folder}/tsconfig.json`),
    "package-lock.json",
    "scripts/lib/build-typescript.mjs",
  ]);
  if (upToDate("typescript", inputs, ["dist"])) return;
  if (sources.length === 0) return;
  progress("Compiling TypeScript");
  const { code, output } = run(inRoot("node_modules/.bin/tsc"), ["-p", ".", "--pretty", "false"], { quiet: true });
  if (existsSync(inRoot("dist"))) removeOrphans(".");
  const browserOutput = code === 0 ? browserPrograms.map(checkBrowserProgram).join("") : "";
  if (browserOutput !== "") throw new Failure(`${browserOutput}Cannot compile what browsers run`);
  if (code !== 0) throw new Failure(`${output}Cannot compile the TypeScript sources`);
  for (const asset of copied) replaceFile(inRoot(asset), inRoot("dist", asset));
  recordStamp("typescript", inputs);
}
