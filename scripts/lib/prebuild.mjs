/** `scripts/prebuild [--require-all]`: the addon and the spawner for x64 and arm64, in prebuilds/, as the npm package carries them. */
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { build } from "./build.mjs";
import { headerFolder, nativeInputs, prebuildFolder } from "./build-native.mjs";
import { runChecks, Skipped } from "./checks.mjs";
import { recordStamp, replaceFile, upToDate } from "./files.mjs";
import { Failure, inRoot, mustRun, program } from "./process.mjs";

/** Debian's cross compilers by architecture in Node.js's spelling. */
export const toolchains = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };

async function native() {
  await build();
  if (!existsSync(inRoot("binding.gyp"))) throw new Skipped("there is no binding.gyp");
  if (!existsSync(inRoot(prebuildFolder(), "bulkhead.node"))) throw new Failure("the build left no addon");
}

/** Compiles for another architecture in a folder of its own: the addon of this machine stays as it is. */
export function cross(architecture, required) {
  const prefix = toolchains[architecture];
  if (!existsSync(inRoot("binding.gyp"))) throw new Skipped("there is no binding.gyp");
  if (!program(`${prefix}-g++`)) {
    const advice = `Missing: g++-${prefix.replace("x86_64", "x86-64")}. Install with: sudo apt-get install g++-${prefix.replace("x86_64", "x86-64")}`;
    throw required ? new Failure(advice, 5) : new Skipped(advice);
  }
  const targets = ["bulkhead.node", "bulkhead-spawn"].map((name) => `${prebuildFolder(architecture)}/${name}`);
  const inputs = nativeInputs(architecture);
  if (upToDate(`cross-${architecture}`, inputs, targets)) return;
  const folder = inRoot("build/cross", architecture);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of ["binding.gyp", "native", "node_modules", "package.json", "scripts"])
    symlinkSync(inRoot(name), path.join(folder, name));
  const env = {
    ...process.env,
    CC: `${prefix}-gcc`,
    CXX: `${prefix}-g++`,
    AR: `${prefix}-ar`,
    LINK: `${prefix}-g++`,
    STRIP: `${prefix}-strip`,
  };
  const headers = headerFolder();
  const args = ["rebuild", `--arch=${architecture}`, "--loglevel=error", ...(headers ? [`--nodedir=${headers}`] : [])];
  mustRun(`compile the addon for ${architecture}`, inRoot("node_modules/.bin/node-gyp"), args, {
    quiet: true,
    cwd: folder,
    env,
  });
  const built = { "bulkhead.node": path.join(folder, "build/Release/bulkhead.node") };
  if (existsSync(inRoot("scripts/build-spawner"))) {
    built["bulkhead-spawn"] = path.join(folder, "build/bulkhead-spawn");
    mustRun(`compile the spawner for ${architecture}`, path.join(folder, "scripts/build-spawner"), [], {
      quiet: true,
      env,
    });
  }
  for (const [name, file] of Object.entries(built)) {
    replaceFile(file, inRoot(prebuildFolder(architecture), name));
    chmodSync(inRoot(prebuildFolder(architecture), name), 0o755);
  }
  recordStamp(`cross-${architecture}`, inputs);
}

export async function main(args) {
  const required = args.includes("--require-all");
  const others = Object.keys(toolchains).filter((architecture) => architecture !== process.arch);
  return runChecks([
    [`linux-${process.arch}`, native],
    ...others.map((architecture) => [`linux-${architecture}`, () => cross(architecture, required)]),
  ]);
}
