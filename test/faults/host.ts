/** What processes hold of the host, as the kernel shows it. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Names in a folder; none when it is not there any more, as of a process that ended. */
export function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Where a link of /proc leads; "" when its process has ended. */
export function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

/** Processes below `pid`, by the kernel's own lists. */
export function descendants(pid: number): number[] {
  const children = entriesOf(`/proc/${pid}/task`).flatMap((task) => {
    try {
      return readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number);
    } catch {
      return [];
    }
  });
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** What the descriptors of a process are open on. */
export function openFiles(pid: number | "self"): string[] {
  // The descriptor of the listing itself is closed by now.
  return entriesOf(`/proc/${pid}/fd`)
    .map((descriptor) => linkOf(`/proc/${pid}/fd/${descriptor}`))
    .filter((target) => target !== "");
}

/** Lines of a file. */
export function linesIn(path: string): number {
  return readFileSync(path, "utf8").split("\n").length;
}

/** Folders of control groups that a spawner made. */
export function controlGroups(spawner: number): string[] {
  const own = `bulkhead-${spawner}`;
  const below = (folder: string): string[] =>
    entriesOf(folder).flatMap((name) => {
      const path = join(folder, name);
      return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true
        ? [...(path.includes(own) ? [path] : []), ...below(path)]
        : [];
    });
  return below("/sys/fs/cgroup");
}
