// timeout: 180s
/** What `npm start` does before the system runs: everything that is stale, and nothing else. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import * as assert from "uvu/assert";
import { slowness } from "../support/slowness.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("start");

/** Not part of what a start looks at, or made anew by it. */
const left = new Set([".git", "node_modules", "build", "run"]);
/** Programs that a build runs; here they only tell that they were asked. */
const compilers = ["g++", "make", "npm", "python3", "node-gyp"];

/** This tree as it is, built as it is, in a folder of its own. */
function copyOfTree(context: Context): string {
  const folder = mkdtempSync(join(tmpdir(), "start-"));
  context.defer(() => rmSync(folder, { recursive: true, force: true }));
  const entries = readdirSync(".").filter((name) => !left.has(name));
  // With the times of the files, by which a build knows what is stale, to the nanosecond.
  execFileSync("cp", ["-a", ...entries, folder]);
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  return folder;
}

interface Started {
  readonly code: number | null;
  /** What is printed while something is set up or built, and errors. */
  readonly steps: string;
  readonly compilersRun: readonly string[];
}

function start(folder: string): Started {
  const programs = join(folder, "run/programs");
  const asked = join(folder, "run/asked");
  rmSync(join(folder, "run"), { recursive: true, force: true });
  mkdirSync(asked, { recursive: true });
  mkdirSync(programs);
  for (const name of compilers) {
    writeFileSync(join(programs, name), `#!/bin/sh\n: > "${asked}/${name}"\nexit 99\n`);
    chmodSync(join(programs, name), 0o755);
  }
  const file = join(folder, "run/small.jsonc");
  writeFileSync(
    file,
    '{ "parentProvides": ["ROM", "LOG"], "defaultRoute": { "*": "parent" }, "start": { "timer": { "provides": ["Timer"] } } }',
  );
  const { status, stderr } = spawnSync(
    "scripts/start",
    [file, "--once", "--quiet", "--parked", "0", "--socket", join(folder, "run/control")],
    { cwd: folder, encoding: "utf8", env: { ...process.env, PATH: `${programs}:${process.env["PATH"]}` } },
  );
  return { code: status, steps: stderr, compilersRun: readdirSync(asked) };
}

/** Milliseconds until a start says that its system runs, which it then ends. */
async function timeToBanner(folder: string): Promise<number> {
  const began = performance.now();
  const child = spawn(
    "scripts/start",
    [join(folder, "run/small.jsonc"), "--no-scope", "--socket", join(folder, "run/control")],
    { cwd: folder, stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = new Promise<void>((resolveEnd) => child.once("close", () => resolveEnd()));
  try {
    for await (const line of createInterface({ input: child.stdout }))
      if (line.startsWith("Bulkhead runs ")) return performance.now() - began;
    throw new Error(`The start ended without a word: ${child.exitCode}`);
  } finally {
    child.kill("SIGTERM");
    child.stdout.resume();
    await ended;
  }
}

/** Milliseconds that the shortest of all programs takes, now. */
function nodeMilliseconds(): number {
  const began = performance.now();
  execFileSync(process.execPath, ["-e", "0"]);
  return performance.now() - began;
}

/** Milliseconds until a second start's system runs, and of `node -e 0` on a machine that has nothing else to do. */
const secondStart = 2000;
const quietNode = 60;
const attempts = 6;

test("the second start runs no compiler and no installer, says nothing of either, and begins within two seconds", {
  timeout: 170_000,
}, async (context) => {
  if (!existsSync("dist")) context.skip("needs a built tree");
  const folder = copyOfTree(context);
  // The first one finds whatever was edited since the last build.
  assert.is(start(folder).code, 0);
  assert.equal(start(folder), { code: 0, steps: "", compilersRun: [] });
  // The witness that the steps are seen at all.
  appendFileSync(join(folder, "lib/readable.ts"), "\n// Another size.\n");
  const { code, steps } = start(folder);
  assert.is(code, 0);
  assert.match(steps, /^Compiling TypeScript\n.*Bundling \d+ components\nBundling programs\n$/s);
  assert.equal(start(folder), { code: 0, steps: "", compilersRun: [] });
  // One in time is enough; a machine with other work has as much more time as that work costs the shortest program.
  const measured: string[] = [];
  for (let attempt = 0; attempt < attempts; ++attempt) {
    const before = nodeMilliseconds();
    const taken = await timeToBanner(folder);
    const load = Math.max(1, Math.min(before, nodeMilliseconds()) / quietNode);
    if (taken <= secondStart * slowness * load) return;
    measured.push(`${taken.toFixed(0)} ms, ${load.toFixed(1)} times as slow as a quiet machine`);
  }
  assert.unreachable(`No start began within ${secondStart} ms: ${measured.join("; ")}`);
});

test.run();
