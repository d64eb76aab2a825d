/** The native step of a build: the addon and the spawner, and copies of both in prebuilds/. */
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { filesBelow, recordStamp, replaceFile, signature, upToDate } from "./files.mjs";
import { Failure, inRoot, mustRun, program, progress } from "./process.mjs";

const addon = "build/Release/bulkhead.node";
const spawner = "build/bulkhead-spawn";

/** The folder of prebuilt files for an architecture in Node.js's spelling (`x64`, `arm64`). */
export function prebuildFolder(architecture = process.arch) {
  return `prebuilds/linux-${architecture}`;
}

/** Where the headers of the running Node.js are, so that no download is needed; undefined leaves it to node-gyp. */
export function headerFolder(nodePath = process.execPath) {
  const beside = path.resolve(path.dirname(nodePath), "..");
  for (const folder of [beside, "/usr"]) {
    const header = path.join(folder, "include/node/node_version.h");
    if (!existsSync(header)) continue;
    const text = readFileSync(header, "utf8");
    const version = ["MAJOR", "MINOR", "PATCH"].map(
      (part) => new RegExp(`#define NODE_${part}_VERSION (\\d+)`).exec(text)?.[1],
    );
    if (`v${version.join(".")}` === process.version) return folder;
  }
  return undefined;
}

function nativeSources() {
  return filesBelow(["native"], (file) => /\.(h|cc|c|S)$/.test(file));
}

function compile() {
  const headers = headerFolder();
  // Other sources, settings or headers need new makefiles, which by themselves know what to compile again.
  const args = [
    ...(upToDate("makefiles", makefileInputs(), ["build/Makefile"]) ? [] : ["configure"]),
    "build",
    `--jobs=${process.env.JOBS ?? availableParallelism()}`,
    "--loglevel=error",
    ...(headers ? [`--nodedir=${headers}`] : []),
  ];
  progress("Compiling the native addon");
  mustRun("compile the native addon", inRoot("node_modules/.bin/node-gyp"), args, { quiet: true });
  recordStamp("makefiles", makefileInputs());
  if (existsSync(inRoot("scripts/build-spawner"))) {
    progress("Compiling the spawner");
    mustRun("compile the spawner", inRoot("scripts/build-spawner"), [], { quiet: true });
  }
}

function makefileInputs() {
  return signature(["binding.gyp", "package-lock.json"], process.version, ...nativeSources());
}

/** Copies what was built to where an installed package has it, so that both load the same way. */
function publish() {
  for (const file of [addon, spawner]) {
    if (!existsSync(inRoot(file))) continue;
    const target = inRoot(prebuildFolder(), path.basename(file));
    replaceFile(inRoot(file), target);
    chmodSync(target, 0o755);
  }
}

/** All that the native parts for an architecture are made from. */
export function nativeInputs(architecture) {
  return signature([...nativeSources(), "binding.gyp", "package-lock.json", "scripts/build-spawner"], architecture);
}

export function buildNative() {
  if (!existsSync(inRoot("binding.gyp"))) return;
  const prebuilt = `${prebuildFolder()}/bulkhead.node`;
  const inputs = nativeInputs(process.arch);
  const spawnerBuilt = existsSync(inRoot("scripts/build-spawner")) ? [`${prebuildFolder()}/bulkhead-spawn`] : [];
  if (upToDate("native", inputs, [prebuilt, ...spawnerBuilt])) return;
  if (!program("g++") || !program("make")) {
    if (!existsSync(inRoot(prebuilt)))
      throw new Failure("Missing: g++ make. Install with: sudo apt-get install g++ make", 5);
    progress(`Not compiled, since there is no compiler: the native sources; ${prebuilt} is used as it is`);
    return;
  }
  compile();
  publish();
  recordStamp("native", inputs);
}
