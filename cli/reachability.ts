/** Whether a user who is nobody special may read a file: the rights of others, on the whole way to it. */
import { statSync } from "node:fs";
import { dirname, join } from "node:path";

const others = { execute: 0o001, read: 0o004 };

/**
 * The part of the way that is closed to others, such as `/home/pi`; undefined when they may read the file. `root` is
 * the folder in which `path` begins, "" for this machine's own.
 */
export function closedPart(path: string, root = ""): string | undefined {
  const folders: string[] = [];
  for (let folder = dirname(path); folder !== "/"; folder = dirname(folder)) folders.unshift(folder);
  return [...folders, path].find((part) => {
    const { mode } = statSync(join(root, part));
    return (mode & (part === path ? others.read : others.execute)) === 0;
  });
}
