/** The guest's first root, made on the spot: busybox, the modules that reach the host's files, and a script. */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ArchiveEntry, archive } from "./cpio.js";
import type { Kernel } from "./kernel.js";
import { findProgram, type Programs, runProgram } from "./programs.js";

/** What the guest needs before it sees the host's files. */
const firstModules = ["virtio_pci", "9pnet_virtio", "9p", "overlay", "virtio_console"];

/**
 * Zeros at the archive's end, in bytes. The emulator puts the archive at the top of memory, where its firmware keeps
 * its own data: with a NVMe disk and USB devices so much that it reaches into the archive.
 */
const firmwareRoom = 1 << 20;

/** Words for the script: names of shell variables with their values. */
export type Settings = Readonly<Record<string, string>>;

/** The script beside the sources; the build leaves it where it is. */
function script(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return readFileSync(join(folder, "bench/guest/init.sh"), "utf8");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Writes the archive for one machine to `file`. */
export async function writeInitramfs(file: string, kernel: Kernel, programs: Programs, settings: Settings) {
  const own = archive([
    {
      path: "settings",
      content: Object.entries(settings)
        .map(([name, value]) => `${name}=${quoted(value)}\n`)
        .join(""),
      mode: 0o644,
    },
  ]);
  writeFileSync(file, Buffer.concat([await commonArchive(kernel, programs), own, Buffer.alloc(firmwareRoom)]));
}

/** What all machines of a kernel have in common; kept beside the kernel. */
async function commonArchive(kernel: Kernel, { busybox, modprobe }: Programs): Promise<Buffer> {
  const init = script();
  const facts = [init, ...firstModules, busybox, String(statSync(busybox).mtimeMs)];
  const name = createHash("sha256").update(facts.join("\0")).digest("hex").slice(0, 16);
  const kept = join(kernel.folder, `initramfs-${name}.cpio`);
  if (existsSync(kept)) return readFileSync(kept);
  const modules = await modulePaths(kernel, modprobe);
  const entries: ArchiveEntry[] = [
    ...["bin", "dev", "proc", "sys", "modules", "host", "upper", "new"].map((path) => ({ path })),
    { path: "bin/busybox", content: readFileSync(busybox) },
    { path: "init", content: init },
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
async function modulePaths({ folder, release }: Kernel, modprobe: string): Promise<string[]> {
  const shown = await runProgram(modprobe, ["-d", folder, "-S", release, "--show-depends", "-a", ...firstModules]);
  const paths = [...shown.toString().matchAll(/^insmod (\S.*?)\s*$/gm)].map(([, path]) => path as string);
  return [...new Set(paths)];
}
