/**
 * `scripts/emulate [--compile]`: what runs on arm64 without such a machine, by user-mode emulation: the C++ tests, and the test
 * files marked "// emulated" with the cross-compiled addon. It proves layouts and system calls, nothing about memory
 * order: QEMU 7.2 lets an `ldar` pass an earlier `stlr`, which no arm64 processor does, and wake-ups are lost. So all
 * runs on one CPU, where the order is that of the program. With --compile it only compiles what is in C++, for a virtual
 * machine to run, and names the programs of the C++ tests.
 */
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build } from "./build.mjs";
import { summaryLine } from "./checks.mjs";
import { addCounts, nativeProgram, nativeTests, runNativeTest } from "./native-program.mjs";
import { nodeRelease } from "./node-release.mjs";
import { cross, toolchains } from "./prebuild.mjs";
import { Failure, inRoot, program, progress, run } from "./process.mjs";

const architecture = "arm64";
const emulator = "qemu-aarch64-static";
const compiler = `${toolchains[architecture]}-g++`;

const cpu = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";

/** What starts a program for arm64 here: the emulator, with the cross compiler's C library as the program's root. */
const launcher = ["taskset", "--cpu-list", cpu, emulator, "-L", `/usr/${toolchains[architecture]}`];

/** A program that the test runner can start as Node.js. */
function emulatedNode() {
  const node = nodeRelease("20", architecture);
  const script = path.join(path.dirname(node), "emulated-node");
  writeFileSync(script, `#!/bin/sh\nexec ${launcher.join(" ")} ${node} "$@"\n`);
  chmodSync(script, 0o755);
  return script;
}

function missing(wanted) {
  const packages = { [compiler]: "g++-aarch64-linux-gnu", ...wanted };
  return Object.entries(packages).flatMap(([name, from]) => (program(name) ? [] : [from]));
}

/** A C++ test as a program of that architecture. */
function compiled(source) {
  return nativeProgram(source, { compiler, flags: ["-O1"], flavour: architecture });
}

function compileOnly() {
  const absent = missing({});
  if (absent.length > 0)
    throw new Failure(`Missing: ${absent.join(", ")}. Install with: sudo apt-get install ${absent.join(" ")}`, 5);
  cross(architecture, true);
  // As test/support/native-fixture.ts names it, so that a test finds it where there is no compiler.
  for (const source of ["test/native/ring-peer.cc"])
    nativeProgram(source, { compiler, flags: ["-O2"], flavour: `fixtures-${architecture}` });
  for (const source of nativeTests()) process.stdout.write(`${compiled(source)}\n`);
  return 0;
}

export async function main(args) {
  if (args.includes("--compile")) return compileOnly();
  const total = { passed: 0, failed: 0, skipped: 0 };
  const absent = missing({ [emulator]: "qemu-user-static" });
  if (absent.length > 0) {
    const outcome = process.env.CI ? "failed" : "skipped";
    total[outcome] = 1;
    process.stdout.write(`${outcome}: install with: sudo apt-get install ${absent.join(" ")}\n${summaryLine(total)}\n`);
    return total.failed;
  }
  await build();
  progress(`Compiling for ${architecture}`);
  cross(architecture, true);
  for (const source of nativeTests()) {
    addCounts(total, runNativeTest(compiled(source), { title: architecture, launcher }));
  }
  const words = [
    "--no-build",
    "--jobs",
    "1",
    "--marked",
    "emulated",
    "--require-tests",
    "--timeout",
    "120",
    "--node",
    emulatedNode(),
  ];
  const { code, output } = run(inRoot("scripts/test"), words, { quiet: true, timeout: 600_000 });
  process.stdout.write(output);
  const counts = /^(\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(output)?.slice(1).map(Number) ?? [0, 1, 0];
  addCounts(total, { passed: counts[0], failed: Math.max(counts[1], code === 0 ? 0 : 1), skipped: counts[2] });
  process.stdout.write(`${summaryLine(total)}\n`);
  return total.failed > 0 ? 1 : 0;
}
