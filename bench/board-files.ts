/** What a board has as its root: it sees no files of the host, so all comes along in its first memory. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { arch } from "node:process";
import type { Architecture } from "./architecture.js";
import { type ArchiveEntry, withFolders } from "./cpio.js";
import { librariesOf, modulePaths } from "./initramfs.js";
import type { Kernel } from "./kernel.js";
import type { Programs } from "./programs.js";

/** Their folder in the archive. */
export const boardFolder = "board";

/** Where a board has Node.js. */
export const boardNode = "/usr/local/bin/node";

/** The port of its agent: an adapter on its USB port, whose own lines are the console and the one that is tested. */
export const boardPort = "/dev/ttyUSB0";

export interface BoardContents {
  /** Names of kernel modules that it may load. */
  readonly modules: readonly string[];
  /** The folder that commands run in, here and on the board. */
  readonly work: string;
  /** Files and folders below `work` that come along. */
  readonly carried: readonly string[];
}

export async function boardFiles(
  architecture: Architecture,
  kernel: Kernel,
  { busybox, modprobe }: Pick<Programs, "busybox" | "modprobe">,
  { modules, work, carried }: BoardContents,
): Promise<ArchiveEntry[]> {
  const files = new Map<string, string>([
    ["/bin/busybox", busybox],
    ...(architecture.node === arch ? await ownPrograms() : foreignPrograms(kernel)),
    ...(await moduleFiles(kernel, modprobe, modules)),
  ]);
  for (const path of carried) for (const file of filesBelow(join(work, path))) files.set(file, file);
  const entries = [...files].map(([path, source]) => ({
    path: boardFolder + path,
    content: readFileSync(source),
    mode: statSync(source).mode & 0o777,
  }));
  return withFolders([{ path: boardFolder + work }, ...entries]);
}

/** Node.js of this machine, with what it loads, by their paths on the board. */
async function ownPrograms(): Promise<[string, string][]> {
  const libraries = await librariesOf(process.execPath);
  return [[boardNode, process.execPath], ...libraries.map((path): [string, string] => [path, path])];
}

/** The programs of another architecture, which lie beside its kernel. */
function foreignPrograms({ folder }: Kernel): [string, string][] {
  const shared = ["lib", "lib/aarch64-linux-gnu", "usr/lib/aarch64-linux-gnu"].flatMap((place) =>
    existsSync(join(folder, place))
      ? readdirSync(join(folder, place))
          .filter((name) => name.includes(".so"))
          .map((name) => `/${place}/${name}`)
      : [],
  );
  return [boardNode, "/etc/passwd", ...shared].map((path) => [path, join(folder, path)]);
}

async function moduleFiles(kernel: Kernel, modprobe: string, names: readonly string[]): Promise<[string, string][]> {
  const place = `/lib/modules/${kernel.release}`;
  const lists = ["modules.dep", "modules.alias", "modules.builtin", "modules.softdep"].map(
    (name) => `${place}/${name}`,
  );
  const paths = (await modulePaths(kernel, modprobe, names)).map((path) => `/${relative(kernel.folder, path)}`);
  return [...lists, ...paths].map((path) => [path, join(kernel.folder, path)]);
}

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => filesBelow(join(path, name)));
}
