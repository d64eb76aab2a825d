/** A root for guests of another architecture, whose programs this machine's files cannot be: busybox and Node.js. */
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { arch, versions } from "node:process";
import type { Architecture } from "./architecture.js";
import type { Kernel } from "./kernel.js";
import { downloadTime, type Packages } from "./packages.js";
import { BenchUnavailable, findProgram, type Programs, runProgram } from "./programs.js";

/** What Node.js and C++ programs need, and a busybox that needs nothing. */
const packageNames = ["libc6", "libgcc-s1", "libstdc++6", "busybox-static"];

/** Completes the folder of a kernel, so that a guest can have it as its root. */
export async function addForeignRoot({ node }: Architecture, packages: Packages, place: string): Promise<void> {
  await packages.unpack(packageNames, place);
  if (!existsSync(join(place, "bin"))) symlinkSync("usr/bin", join(place, "bin"));
  // It was a private folder until now.
  chmodSync(place, 0o755);
  const npm = findProgram("npm");
  if (npm === undefined)
    throw new BenchUnavailable(`The virtual bench takes Node.js for ${node} from npm, and "npm" is not here`);
  const name = `node-linux-${node}@${versions.node.split(".")[0]}`;
  const folder = join(place, ".node");
  mkdirSync(folder);
  const options = { cwd: folder, within: downloadTime };
  try {
    await runProgram(npm, ["pack", name, "--loglevel=error"], options);
  } catch (error) {
    throw new BenchUnavailable(`Cannot download ${name}: ${(error as Error).message.split("\n").at(-1)}`);
  }
  const [archive = ""] = readdirSync(folder);
  await runProgram("tar", ["-xzf", archive, "package/bin/node"], options);
  mkdirSync(join(place, "usr/local/bin"), { recursive: true });
  renameSync(join(folder, "package/bin/node"), join(place, "usr/local/bin/node"));
  rmSync(folder, { recursive: true });
  mkdirSync(join(place, "etc"), { recursive: true });
  writeFileSync(join(place, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
}

/** What the guest's files are made from, as paths of this machine, and how the guest names them. */
export interface GuestFiles {
  /** The folder that the guest has as its root. */
  readonly root: string;
  /** Linked statically. */
  readonly busybox: string;
  /** In the guest. */
  readonly node: string;
  /** The kernel's folder, in the guest. */
  readonly kernel: string;
}

export function guestFiles(architecture: Architecture, kernel: Kernel, { busybox }: Programs): GuestFiles {
  if (architecture.node === arch) return { root: "/", busybox, node: process.execPath, kernel: kernel.folder };
  const { folder } = kernel;
  return { root: folder, busybox: join(folder, "bin/busybox"), node: "/usr/local/bin/node", kernel: "" };
}
