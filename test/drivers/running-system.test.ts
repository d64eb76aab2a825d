// timeout: 120s
/** The drivers as components in their sandboxes, under a real root; the block driver is killed while it is written to. */
import { closeSync, constants, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { readLine } from "../../bindings/tty.js";
import { cleanUp, installed, run } from "../device/host.js";
import { suite } from "../support/suite.js";
import { processOf, start } from "./sandboxed.js";

const test = suite("drivers in their sandboxes");
test.after(cleanUp);

const block = { binary: "drivers/block", provides: ["Block"], config: { defaultPolicy: { writeable: true } } };

test("kill -9 of the block driver under load loses no acknowledged write", { timeout: 40_000 }, async (context) => {
  const system = await start(context, {
    "test-disk": { ...block, grants: { disk: { file: "disk.img", size: "16M", write: true } } },
    writer: { binary: "test/disk-writer" },
  });
  for (const round of [50, 100, 150, 200]) {
    await system.said(`round ${round}`);
    process.kill(processOf("test-disk"), "SIGKILL");
  }
  await system.said("all there", 30_000);
  assert.is(system.lines.filter((line) => line.includes('"test-disk" was ended by SIGKILL')).length, 4);
  // The last word of another witness than the writer.
  const blockSize = Number(/"blockSize":(\d+)/.exec(await system.said("blockSize"))?.[1]);
  const image = readFileSync(join(system.folder, "disk.img"));
  for (let number = 0; number < 64; ++number) assert.is(image.readUInt32LE(number * blockSize), 400);
});

test("the block driver registers its clients' memory with io_uring, and goes on where the kernel refuses that", {
  timeout: 40_000,
}, async (context) => {
  if (!installed("prlimit")) context.skip("needs prlimit");
  const [, hard = ""] = /^Max locked memory\s+\S+\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  if (hard !== "unlimited" && Number(hard) < 4 << 20) context.skip("needs 4 MiB that may be locked: ulimit -l");
  const system = await start(context, {
    "ring-disk": {
      ...block,
      config: { ...block.config, engine: "io_uring" },
      grants: { disk: { file: "disk.img", size: "16M", write: true } },
    },
    writer: { binary: "test/disk-writer" },
  });
  const unregistered = "io_uring engine, without registered memory (ENOMEM";
  await system.said("io_uring engine, direct");
  await system.said("round 50");
  assert.is(system.lines.filter((line) => line.includes(unregistered)).length, 0, system.lines.join("\n"));
  run("prlimit", "--pid", String(processOf("ring-disk")), "--memlock=65536:65536");
  // The next one opens a session of its own.
  process.kill(processOf("writer"), "SIGKILL");
  await system.said(unregistered);
  await system.said("all there", 30_000);
  const blockSize = Number(/"blockSize":(\d+)/.exec(await system.said("blockSize"))?.[1]);
  const image = readFileSync(join(system.folder, "disk.img"));
  for (let number = 0; number < 64; ++number) assert.is(image.readUInt32LE(number * blockSize), 400);
});

test("a serial line's driver learns at once of who comes", async (context) => {
  const system = await start(context, {
    uart: {
      binary: "drivers/uart",
      provides: ["Uart", "Terminal"],
      grants: { line: { pty: true, link: "line" } },
      config: { defaultPolicy: {} },
    },
    greeter: { binary: "test/line-greeter" },
  });
  await system.said("ready");
  for (let visit = 0; visit < 3; ++visit) {
    const far = openSync(join(system.folder, "line"), constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    const begin = performance.now();
    const bytes = new Uint8Array(16);
    let count: number | undefined;
    while ((count = readLine(far, bytes)) === undefined && performance.now() < begin + 1000)
      await new Promise((resolve) => setTimeout(resolve, 2));
    closeSync(far);
    assert.is(Buffer.from(bytes.subarray(0, count)).toString(), "hello");
    // The driver sees the hang-up before the next visit.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

test("all drivers come up under their tight filters", async (context) => {
  const system = await start(context, {
    disk: { ...block, grants: { disk: { ram: "1M" } } },
    uart: {
      binary: "drivers/uart",
      provides: ["Uart", "Terminal"],
      grants: { line: { pty: true, link: "line" } },
      config: { defaultPolicy: {} },
    },
    nic: {
      binary: "drivers/nic",
      provides: ["Nic"],
      grants: { net: { pair: true } },
      config: { serve: "nic", defaultPolicy: {} },
    },
  });
  await system.said("RAM: 2048 blocks of 512 bytes, inline engine");
  await system.said("pair net (pair)");
  await system.said('Serial line "line"');
  assert.ok(existsSync(join(system.folder, "line")));
  if (installed("stty")) assert.match(run("stty", "--file", join(system.folder, "line")), /speed 115200/);
  assert.is(system.lines.filter((line) => /was ended|exited/.test(line)).length, 0);
});

test.run();
