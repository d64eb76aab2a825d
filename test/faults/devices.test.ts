// exclusive
// timeout: 120s
/** Devices that fill up, go away and return under load: clients get a clear error or wait, and all goes on afterwards. */
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { installed, isRoot, run } from "../device/host.js";
import { versionOf } from "../support/block-version.js";
import { follow, recordBytes } from "../support/numbered-records.js";
import { type Context, suite } from "../support/suite.js";
import { FarEnd, linesAndTypist } from "./far-end.js";
import { type BlockSummary, FaultSystem, type StartDocument } from "./fault-system.js";

const test = suite("device faults");

const blocks = 512;
const blockBytes = 512;
/** The most bytes that the kernel's pseudo-terminal holds. */
const lineHolds = 65_536;

function blockSystem(grant: object, first = 0): Record<string, StartDocument> {
  return {
    timer: { binary: "servers/timer", provides: ["Timer"] },
    block: {
      binary: "drivers/block",
      provides: ["Block"],
      ram: "8M",
      caps: 200,
      grants: { disk: grant },
      config: { defaultPolicy: { writeable: true } },
    },
    load: { binary: "test/block-load", ram: "16M", config: { first, blocks, workers: 8 } },
  };
}

/** A loop device on an image of its own; both are gone after the test. */
function loopDevice(context: Context): { path: string; image: string } {
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-loop-"));
  context.defer(() => rmSync(folder, { recursive: true }));
  const image = join(folder, "image");
  writeFileSync(image, new Uint8Array(1 << 20));
  let path: string;
  try {
    path = run("losetup", "--find", "--show", image).trim();
  } catch (error) {
    return context.skip(`needs a free loop device (${String(error).split("\n")[0]})`);
  }
  context.defer(() => {
    if (
      run("losetup", "--list", "--noheadings", "--output", "NAME")
        .split("\n")
        .map((name) => name.trim())
        .includes(path)
    )
      run("losetup", "--detach", path);
  });
  return { path, image };
}

/** Ends the load, and compares what it was told with what is there. */
async function verify(faults: FaultSystem, path: string, first = 0): Promise<BlockSummary> {
  await faults.configure("load", { stop: true });
  const summary = await faults.printed<BlockSummary>("load", "done");
  assert.equal(summary.wrong, [], "blocks as the load read them");
  const acknowledged = faults
    .allPrinted<{ versions: number[] }>("load", "versions")
    .flatMap(({ versions }) => versions);
  const image = readFileSync(path);
  const there = acknowledged.map((_, index) =>
    versionOf(image.subarray((first + index) * blockBytes, (first + index + 1) * blockBytes), first + index),
  );
  assert.equal(there, acknowledged, "what is there is what was acknowledged last");
  return summary;
}

function needRoot(context: Context, ...commands: string[]): void {
  if (!isRoot) context.skip("needs root");
  for (const command of commands) if (!installed(command)) context.skip(`needs ${command}`);
}

test("an image on a full file system: no space, until there is room", { timeout: 40_000 }, async (context) => {
  needRoot(context, "mount", "umount");
  const faults = context.use(new FaultSystem(blockSystem({ file: "full/disk.img", write: true })));
  const folder = join(faults.folder, "full");
  mkdirSync(folder);
  try {
    run("mount", "-t", "tmpfs", "-o", "size=64K", "tmpfs", folder);
  } catch (error) {
    context.skip(`needs the right to mount (${String(error).split("\n")[0]})`);
  }
  // Before the system's own end, which removes the folder, and after the components that have the file open.
  faults.onEnd(() => run("umount", folder));
  const image = openSync(join(folder, "disk.img"), "wx");
  ftruncateSync(image, 1 << 20);
  closeSync(image);
  await faults.start();
  const refused = await faults.printed<{ refused: string; message: string }>("load", "refused");
  assert.is(refused.refused, 'write: Device {"status":7}');
  assert.match(
    refused.message,
    /^A write of 1 blocks from block \d+ on Block "disk" failed: there is no space left where the blocks are kept$/,
  );
  await delay(100);
  await faults.killUntilServed("block");
  await delay(100);
  assert.is(faults.restarts("block"), 1, "the driver lives with it");
  run("mount", "-o", "remount,size=16M", folder);
  const before = faults.lines.length;
  await delay(200);
  const summary = await verify(faults, join(folder, "disk.img"));
  assert.equal(Object.keys(summary.errors), ['write: Device {"status":7}']);
  assert.is(faults.lines.slice(before).filter(({ text }) => text.includes("refused")).length, 0);
});

test("a loop device loses its blocks under load, is detached, and is attached again", {
  timeout: 60_000,
}, async (context) => {
  needRoot(context, "losetup");
  const { path: device, image } = loopDevice(context);
  const faults = context.use(new FaultSystem(blockSystem({ device, write: true })));
  await faults.start();
  await faults.printed("load", "blockSize");
  await delay(200);

  // As when a cable is pulled. The driver is held still meanwhile, so that nothing is written between copy and loss.
  process.kill(faults.pid("block"), "SIGSTOP");
  await delay(100);
  const copy = readFileSync(image);
  truncateSync(image, 0);
  run("losetup", "--set-capacity", device);
  process.kill(faults.pid("block"), "SIGCONT");
  const refused = await faults.printed<{ refused: string; message: string }>("load", "refused");
  assert.match(refused.refused, /^(write|read|sync): Unavailable \{"status":6\}$/);
  assert.match(refused.message, /the device is gone; try again when it is back$/);
  await delay(200);
  writeFileSync(image, copy);
  run("losetup", "--set-capacity", device);
  await faults.until("the device is back", () =>
    faults.lines.some(({ label, text }) => label === "block" && text === `${device} is back`),
  );
  assert.is(faults.restarts("block"), 0, "the driver lives with it");

  // While somebody has it open, a detached loop device stays; then it is gone.
  await delay(200);
  run("losetup", "--detach", device);
  await delay(200);
  // The next driver may be there before the kernel has taken the one before down, which still has the device open.
  await faults.until("a driver waits", () => {
    if (faults.lines.some(({ label, text }) => label === "block" && text.startsWith('Cannot open "disk" yet: ')))
      return true;
    if (faults.announced("block")) faults.kill("block");
    return false;
  });
  run("losetup", device, image);
  await faults.until("the driver serves again", () => faults.announced("block"));
  assert.is(faults.restarts("block"), faults.kills.get("block"), "it waited, and did not crash");
  await delay(200);
  const summary = await verify(faults, image);
  assert.ok(
    Object.keys(summary.errors).every((error) => error.endsWith(': Unavailable {"status":6}')),
    "only that the device was gone",
  );
});

test("the far end of a serial line hangs up and comes back, again and again", { timeout: 40_000 }, async (context) => {
  const faults = context.use(new FaultSystem(linesAndTypist));
  await faults.start();
  const pieces: Buffer[] = [];
  const absences = 10;
  let far = context.use(new FarEnd(join(faults.folder, "talk"), false));
  for (let absence = 0; absence < absences; ++absence) {
    await delay(50 + Math.random() * 100);
    far.hangUp();
    pieces.push(far.received);
    await delay(Math.random() * 200);
    far = context.use(new FarEnd(join(faults.folder, "talk"), false));
  }
  await faults.until("the line works again", () => far.received.length > 0);
  await faults.configure("typist", { stop: true });
  const { acknowledged, errors } = await faults.printed<{ acknowledged: number; errors: string[] }>("typist", "done");
  await faults.until("the line is silent", () => performance.now() - far.lastReceived > 300);
  assert.equal(errors, []);
  const { breaks, reached } = follow(Buffer.concat([...pieces, far.received]));
  assert.is(reached, acknowledged * recordBytes, "all that was acknowledged was sent");
  // What was on its way to a far end that hung up is lost, as on a wire.
  assert.equal(
    breaks.filter(({ bytes }) => bytes < 0 || bytes > lineHolds),
    [],
  );
  assert.ok(breaks.length <= absences);
  assert.is(faults.restarts("uart"), 0);
});

test.run();
