/** Archives that the kernel unpacks as its first root: cpio's "newc" format (Documentation/driver-api/early-userspace/buffer-format.rst). */

import { dirname } from "node:path";

export interface ArchiveEntry {
  /** Without a leading slash; its folders are entries of their own, and come first. */
  readonly path: string;
  /** A folder has none. */
  readonly content?: Buffer | string;
  /** Permission bits: 0o755 when absent. */
  readonly mode?: number;
}

const folderType = 0o040000;
const fileType = 0o100000;

function padded(length: number): number {
  return (length + 3) & ~3;
}

function entry(number: number, path: string, mode: number, content: Buffer): Buffer {
  const name = Buffer.from(`${path}\0`);
  const head = padded(110 + name.length);
  const result = Buffer.alloc(head + padded(content.length));
  // inode, mode, user, group, links, time, size, device (2), special device (2), length of the name, no checksum
  const fields = [number, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0];
  result.write(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`, "latin1");
  name.copy(result, 110);
  content.copy(result, head);
  return result;
}

/** Files, behind all the folders that lead to them and those among them. */
export function withFolders(entries: readonly ArchiveEntry[]): ArchiveEntry[] {
  const folders = new Set<string>();
  for (const { path, content } of entries)
    for (let folder = content === undefined ? path : dirname(path); folder !== "."; folder = dirname(folder))
      folders.add(folder);
  const files = entries.filter(({ content }) => content !== undefined);
  return [...[...folders].sort().map((path) => ({ path })), ...files];
}

/** Several archives one after the other count as one. */
export function archive(entries: readonly ArchiveEntry[]): Buffer {
  const parts = entries.map(({ path, content, mode = 0o755 }, index) =>
    entry(index + 1, path, (content === undefined ? folderType : fileType) | mode, Buffer.from(content ?? "")),
  );
  return Buffer.concat([...parts, entry(0, "TRAILER!!!", 0, Buffer.alloc(0))]);
}
