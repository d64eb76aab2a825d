/** What the block driver has to do with any disk. The files below the disks, and fsck on them, are the witnesses. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { Machine } from "../../bench/machine.js";
import { findProgram } from "../../bench/programs.js";
import type { Context } from "../support/suite.js";
import { type GuestSystem, guestSystem } from "./guest.js";

export const diskSize = 8 << 20;

/** A driver that may write one disk. */
export function diskDriver(path: string): object {
  return {
    binary: "drivers/block",
    provides: ["Block"],
    grants: { disk: { device: path, write: true } },
    config: { defaultPolicy: { writeable: true } },
  };
}

/** Two drivers, and a component that copies the first one's disk to the other, then reads some sectors of that. */
function copySystem(from: string, to: string, read: readonly number[]): object {
  return {
    source: diskDriver(from),
    target: diskDriver(to),
    copier: {
      binary: "test/disk-copier",
      config: { read },
      route: { "Block from": "source", "Block to": "target", "*": "default" },
    },
  };
}

/** A file system that holds the folder "bench", as a file for a disk to begin with. */
export function fileSystemImage(context: Pick<Context, "defer">): string {
  const folder = mkdtempSync(join(tmpdir(), "disk-"));
  context.defer(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "image");
  writeFileSync(file, "");
  truncateSync(file, diskSize);
  execFileSync(findProgram("mkfs.ext4") ?? "mkfs.ext4", ["-q", "-F", "-d", "bench", file]);
  return file;
}

function hash(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

export interface Copy {
  /** Names and paths of the disks. */
  readonly from: readonly [string, string];
  readonly to: readonly [string, string];
  /** Sectors that are read afterwards. */
  readonly read?: readonly number[];
  /** Sees the system while it runs. */
  readonly seen?: (system: GuestSystem) => Promise<void>;
}

/** A file system that two drivers copy from disk to disk is the same one there, and whole. */
export async function checkCopy(
  context: Context,
  guest: Machine,
  { from: [source, sourcePath], to: [target, targetPath], read = [], seen }: Copy,
): Promise<void> {
  const system = guestSystem(context, guest, copySystem(sourcePath, targetPath, read));
  await system.said(`copied ${diskSize} bytes`);
  await seen?.(system);
  await system.said("done");
  const { file } = guest.disk(target);
  assert.is(hash(file), hash(guest.disk(source).file));
  execFileSync(findProgram("fsck.ext4") ?? "fsck.ext4", ["-f", "-n", file], { stdio: "pipe" });
}
