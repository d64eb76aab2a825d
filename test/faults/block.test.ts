// exclusive
// timeout: 300s
/** Deaths under block load: no acknowledged write is lost, and none that was not is half there. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { versionOf } from "../support/block-version.js";
import { suite } from "../support/suite.js";
import { type BlockSummary, FaultSystem, percentile, rounds } from "./fault-system.js";

const test = suite("block faults");

const blocks = 256;

function system(): FaultSystem {
  return new FaultSystem({
    timer: { binary: "servers/timer", provides: ["Timer"] },
    block: {
      binary: "drivers/block",
      provides: ["Block"],
      ram: "16M",
      caps: 200,
      grants: { disk: { file: "disk.img", size: "2M", write: true } },
      config: { defaultPolicy: { writeable: true } },
    },
    load: { binary: "test/block-load", ram: "16M", config: { first: 0, blocks, workers: 8 } },
  });
}

/** The version that each block of the image holds; undefined for one that is a mixture. */
function imageVersions(path: string, blockSize: number): (number | undefined)[] {
  const image = readFileSync(path);
  return Array.from({ length: blocks }, (_, block) =>
    versionOf(image.subarray(block * blockSize, (block + 1) * blockSize), block),
  );
}

test("no acknowledged write is lost when the driver or the timer dies", { timeout: 240_000 }, async (context) => {
  const faults = context.use(system());
  await faults.start();
  const image = join(faults.folder, "disk.img");
  const { blockSize } = await faults.printed<{ blockSize: number }>("load", "blockSize");
  let last = new Array<number | undefined>(blocks).fill(0);
  const torn: string[] = [];
  let looks = 0;
  // The driver is dead, and the next one not started yet: nobody writes.
  faults.onLine(({ label, text }) => {
    if (label !== "init" || text !== '"block" was ended by SIGKILL') return;
    looks += 1;
    const now = imageVersions(image, blockSize);
    for (const [block, version] of now.entries()) {
      if (version === undefined) torn.push(`block ${block} is a mixture`);
      else if (version < (last[block] ?? 0)) torn.push(`block ${block} fell from ${last[block]} back to ${version}`);
    }
    last = now;
  });
  const times: number[] = [];
  for (let round = 0; round < rounds; ++round) {
    await delay(Math.random() * 40);
    times.push(await faults.killUntilServed("block"));
    await delay(Math.random() * 10);
    // Also while it starts.
    if (round % 3 === 0) faults.kill("block");
    if (round % 2 === 0) await faults.killUntilServed("timer");
  }
  await delay(50);
  await faults.configure("load", { stop: true });
  const summary = await faults.printed<BlockSummary>("load", "done");
  assert.equal(torn, [], "blocks right after a death");
  assert.is(looks, faults.kills.get("block"), "every death was looked at");
  assert.equal(summary.wrong, [], "blocks as the load read them");
  assert.equal(summary.errors, {}, "errors that the load saw");
  assert.ok(summary.writes > rounds, "there was a load");
  const acknowledged = faults
    .allPrinted<{ first: number; versions: number[] }>("load", "versions")
    .flatMap(({ versions }) => versions);
  assert.equal(imageVersions(image, blockSize), acknowledged, "the image holds what was acknowledged last");
  process.stdout.write(
    `block: ${faults.kills.get("block")} deaths, ${summary.writes} writes, ${summary.reads} reads; served again after p50 ${percentile(times, 0.5).toFixed(0)} ms, p99 ${percentile(times, 0.99).toFixed(0)} ms; slowest request ${summary.slowest.toFixed(0)} ms\n`,
  );
});

test.run();
