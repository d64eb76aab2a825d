/** One holder at a time among the processes that work in this folder. */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { inRoot, progress } from "./process.mjs";

const interval = 50;

/** Takes the lock file, or returns the pid of the live process that holds it. */
function take(file) {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    // A link appears together with its content: nobody reads an empty lock.
    linkSync(own, file);
    return undefined;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    return holderOf(file);
  } finally {
    rmSync(own);
  }
}

/** The live holder's pid; removes the lock of a dead one, and then returns 0. */
function holderOf(file) {
  try {
    const holder = Number(readFileSync(file, "utf8"));
    process.kill(holder, 0);
    return holder;
  } catch (error) {
    if (error.code === "EPERM") return -1;
    if (error.code === "ESRCH") rmSync(file, { force: true });
    return 0;
  }
}

/** Runs `work` while holding the lock `name`, and waits for it as long as another process works. */
export async function withLock(name, work) {
  mkdirSync(inRoot(".bulkhead"), { recursive: true });
  const file = inRoot(".bulkhead", `${name}.lock`);
  let waited = false;
  for (let holder = take(file); holder !== undefined; holder = take(file)) {
    if (holder !== 0 && !waited) progress(`Waiting for the ${name} of process ${holder}`);
    waited ||= holder !== 0;
    await delay(interval);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}
