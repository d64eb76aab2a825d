/** The guest's first root, made on the spot: busybox, the modules that reach the host's files, and scripts. */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { packageRoot } from "../bindings/prebuilt.js";
import { type ArchiveEntry, archive, withFolders } from "./cpio.js";
import type { Kernel } from "./kernel.js";
import { findProgram, type Programs, quoted, runProgram } from "./programs.js";

/**
 * Zeros at the archive's end, in bytes. The emulator puts the archive at the top of memory, where its firmware keeps
 * its own data: with a NVMe disk and USB devices so much that it reaches into the archive.
 */
const firmwareRoom = 1 << 20;

/** Words for the scripts: names of shell variables with their values. */
export type Settings = Readonly<Record<string, string>>;

/** Scripts beside the sources, by their paths in the archive; the build leaves them where they are. */
function scripts(): ArchiveEntry[] {
  const folder = join(packageRoot(), "bench/guest");
  const text = (name: string): string => readFileSync(join(folder, name), "utf8");
  return [
    { path: "init", content: text("init.sh") },
    ...["root.sh", "places.sh", "resume.sh", "systemd.sh"].map((path) => ({ path, content: text(path), mode: 0o644 })),
  ];
}

/** What the guest begins with. */
export interface FirstParts extends Pick<Programs, "busybox" | "modprobe"> {
  /** Names of the kernel's modules. */
  readonly modules: readonly string[];
}

/** Writes the archive for one machine to `file`, with further files if it is to be saved or sees none of the host's. */
export async function writeInitramfs(
  file: string,
  kernel: Kernel,
  parts: FirstParts,
  agent: string,
  settings: Settings,
  others: readonly ArchiveEntry[] = [],
): Promise<void> {
  const own = archive([
    ...others,
    { path: "agent.mjs", content: readFileSync(agent) },
    {
      path: "settings",
      content: Object.entries(settings)
        .map(([name, value]) => `${name}=${quoted(value)}\n`)
        .join(""),
      mode: 0o644,
    },
  ]);
  writeFileSync(file, Buffer.concat([await commonArchive(kernel, parts), own, Buffer.alloc(firmwareRoom)]));
}

/** A name for what {@link commonArchive} holds. */
export function archiveName({ busybox, modules }: Omit<FirstParts, "modprobe">): string {
  const texts = scripts().map(({ content }) => content);
  const facts = [...texts, ...modules, busybox, String(statSync(busybox).mtimeMs)];
  return createHash("sha256").update(facts.join("\0")).digest("hex").slice(0, 16);
}

/** The folder of {@link agentFiles}. */
export const firstFolder = "first";

/** Node.js, with all that it needs to run in a root of its own. */
export async function agentFiles(node: string): Promise<ArchiveEntry[]> {
  const files = [["/node", node] as const, ...(await librariesOf(node)).map((path) => [path, path] as const)];
  return withFolders(files.map(([path, source]) => ({ path: firstFolder + path, content: readFileSync(source) })));
}

/** The paths of the libraries that a program of this machine loads. */
export async function librariesOf(program: string): Promise<string[]> {
  const listed = (await runProgram(findProgram("ldd") ?? "ldd", [program])).toString();
  return [...listed.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(/gm)].map(([, path]) => path as string);
}

/** What all machines of a kernel have in common; kept beside the kernel. */
async function commonArchive(kernel: Kernel, parts: FirstParts): Promise<Buffer> {
  const { busybox, modprobe } = parts;
  const kept = join(kernel.folder, `initramfs-${archiveName(parts)}.cpio`);
  if (existsSync(kept)) return readFileSync(kept);
  const modules = await modulePaths(kernel, modprobe, parts.modules);
  const entries: ArchiveEntry[] = [
    ...["bin", "dev", "proc", "sys", "modules", "host", "upper", "new"].map((path) => ({ path })),
    { path: "bin/busybox", content: readFileSync(busybox) },
    ...scripts(),
  ];
  for (const [index, path] of modules.entries()) {
    // busybox loads plain files only, in the order of their names here.
    const content = path.endsWith(".xz")
      ? await runProgram(findProgram("xz") ?? "xz", ["-dc", path])
      : readFileSync(path);
    const plain = basename(path).replace(/\.xz$/, "");
    entries.push({ path: `modules/${String(index).padStart(2, "0")}-${plain}`, content, mode: 0o644 });
  }
  const result = archive(entries);
  mkdirSync(dirname(kept), { recursive: true });
  const temporary = `${kept}.${process.pid}`;
  writeFileSync(temporary, result);
  renameSync(temporary, kept);
  return result;
}

/** The modules' files, each after those that it needs. */
export async function modulePaths(
  { folder, release }: Kernel,
  modprobe: string,
  names: readonly string[],
): Promise<string[]> {
  if (names.length === 0) return [];
  const shown = await runProgram(modprobe, ["-d", folder, "-S", release, "--show-depends", "-a", ...names]);
  const paths = [...shown.toString().matchAll(/^insmod (\S.*?)\s*$/gm)].map(([, path]) => path as string);
  return [...new Set(paths)];
}
