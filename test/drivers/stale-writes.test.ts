// timeout: 120s
// needs: root
/** A write that the kernel still holds when its driver dies must not land on what the next driver writes. */
import { mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { cleanUp, imageFile, loopDevice, scratchDirectory, undo } from "../device/host.js";
import { suite } from "../support/suite.js";
import { processOf, start } from "./sandboxed.js";

const test = suite("stale writes");
test.after(cleanUp);

const blockGroups = "/sys/fs/cgroup/blkio";
/** How long a write of one page is held: the kernel lets this many bytes a second through. */
const bytesPerSecond = 1024;
const heldMilliseconds = 4000;

/** A control group whose members write that slowly to a device; the kernel keeps their requests also when they die. */
function slowGroup(device: string): { enter(pid: number): void } | { missing: string } {
  const group = `${blockGroups}/bulkhead-test-${process.pid}-${basename(device)}`;
  try {
    mkdirSync(group);
    undo(() => rmdirSync(group));
    const { rdev } = statSync(device);
    writeFileSync(`${group}/blkio.throttle.write_bps_device`, `${rdev >> 8}:${rdev & 0xff} ${bytesPerSecond}`);
    return { enter: (pid) => writeFileSync(`${group}/cgroup.procs`, String(pid)) };
  } catch (error) {
    return { missing: `control groups that hold up block requests (${String(error)})` };
  }
}

for (const engine of ["io_uring", "threads"] as const) {
  test(`none lands late, ${engine}`, { timeout: 50_000 }, async (context) => {
    const image = imageFile(scratchDirectory("/var/tmp"), 1 << 20);
    const loop = loopDevice(image);
    if ("missing" in loop) return context.skip(`needs ${loop.missing}`);
    const slow = slowGroup(loop.path);
    if ("missing" in slow) return context.skip(`needs ${slow.missing}`);
    const system = await start(context, {
      "slow-disk": {
        binary: "drivers/block",
        provides: ["Block"],
        grants: { disk: { device: loop.path, write: true } },
        config: { engine, defaultPolicy: { writeable: true } },
      },
      writer: { binary: "test/version-writer" },
    });
    await system.said("under way");
    slow.enter(processOf("slow-disk"));
    // The next write is held now.
    await delay(500);
    process.kill(processOf("slow-disk"), "SIGKILL");
    const [text = ""] = /\{.*\}/.exec(await system.said('"last"', 30_000)) ?? [];
    const { last, slowest } = JSON.parse(text) as { last: number; slowest: number };
    await delay(heldMilliseconds);
    assert.ok(slowest > heldMilliseconds / 2, `the write was held: it took ${slowest} ms`);
    assert.is(readFileSync(image).readUInt32LE(0), last, "the last acknowledged write is what the disk holds");
  });
}

test.run();
