/** The descriptors that this process has open, for finding those that a test forgot. */
import { readdirSync, readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** How long a closing socket or exiting child may take to give its descriptors back, in milliseconds. */
const settleTime = 1000;

/** libuv opens these once, at their first use, and keeps them for the life of the process. */
const keptByTheLoop = new Set(["anon_inode:inotify", "anon_inode:[eventpoll]", "anon_inode:[io_uring]", "/dev/null"]);

/** Descriptor numbers with what they are open on, as /proc names it (`socket:[4711]`, `/dev/fb0`). */
export function openDescriptors(): Map<number, string> {
  const found = new Map<number, string>();
  for (const name of readdirSync("/proc/self/fd")) {
    try {
      found.set(Number(name), readlinkSync(`/proc/self/fd/${name}`));
    } catch {
      // The descriptor of the directory listing itself.
    }
  }
  return found;
}

function newDescriptors(before: ReadonlyMap<number, string>): string[] {
  const left: string[] = [];
  for (const [descriptor, target] of openDescriptors()) {
    if (before.get(descriptor) !== target && !keptByTheLoop.has(target)) left.push(`${descriptor} (${target})`);
  }
  return left;
}

/** What is open now and was not before, once it had time to close. */
export async function settledNewDescriptors(before: ReadonlyMap<number, string>): Promise<string[]> {
  const end = performance.now() + settleTime;
  let left = newDescriptors(before);
  while (left.length > 0 && performance.now() < end) {
    await delay(10);
    left = newDescriptors(before);
  }
  return left;
}
