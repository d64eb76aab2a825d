/** Runs that want the same device: the second one waits, or says who has it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { packageRoot } from "../../bindings/prebuilt.js";
import type { Bench } from "../../hil/bench.js";
import { openBench } from "../../hil/benches.js";
import { LabBusy, LabLock } from "../../hil/lab-lock.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("locks of a lab");

/** Another process that has a lock, until it is killed. */
async function otherHolder(context: Context, what: string): Promise<{ pid: number; kill(): void }> {
  const module = join(packageRoot(), "dist/hil/lab-lock.js");
  const program = `
    const { LabLock } = await import(${JSON.stringify(module)});
    await LabLock.take(process.argv[1], { within: 0 });
    console.log("held");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, what], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const kill = (): void => void child.kill("SIGKILL");
  context.defer(async () => {
    kill();
    await exited;
  });
  assert.is(String((await once(child.stdout, "data"))[0]), "held\n");
  return { pid: child.pid as number, kill };
}

async function refusal(taking: Promise<unknown>): Promise<Error> {
  return taking.then(
    () => new Error("none"),
    (error: Error) => error,
  );
}

test("who has it is said, and its lock goes with it, also when it is killed", async (context) => {
  const what = `/dev/of-test-${process.pid}`;
  const holder = await otherHolder(context, what);
  const before = performance.now();
  const refused = await refusal(LabLock.take(what, { within: "200ms" }));
  assert.ok(performance.now() - before >= 190);
  assert.instance(refused, LabBusy);
  assert.match(
    refused.message,
    new RegExp(`^Cannot have ${what} within 200 ms: process ${holder.pid} \\("${what}"\\) has had it since 20\\d\\d-`),
  );
  await using _other = await LabLock.take(`${what}-other`, { within: 0 });

  const told: string[] = [];
  let had = false;
  const taking = LabLock.take(what, {
    within: "15s",
    waiting: (sentence) => {
      told.push(sentence);
      assert.is(had, false);
      holder.kill();
    },
  });
  const lock = await taking;
  had = true;
  assert.is(told.length, 1);
  assert.match(told[0] as string, `Waiting for ${what}: process ${holder.pid}`);
  await lock[Symbol.asyncDispose]();
  await (await LabLock.take(what, { within: 0 }))[Symbol.asyncDispose]();
});

test("a stopped holder cannot say who it is, and keeps what it has", async (context) => {
  const what = `/dev/of-stopped-${process.pid}`;
  const holder = await otherHolder(context, what);
  process.kill(holder.pid, "SIGSTOP");
  const refused = await refusal(LabLock.take(what, { within: "100ms" }));
  assert.match(refused.message, /another process, which does not answer/);
});

test("one holder at a time, however many want it", async () => {
  let holders = 0;
  let most = 0;
  const turns = Array.from({ length: 12 }, async () => {
    await using _lock = await LabLock.take(`/dev/of-many-${process.pid}`, { within: "15s" });
    most = Math.max(most, ++holders);
    await new Promise((resolve) => setTimeout(resolve, 5));
    holders -= 1;
  });
  await Promise.all(turns);
  assert.is(most, 1);
});

test("lab files that name the same device take turns, and each run flashes once", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "labs-"));
  context.defer(() => rmSync(folder, { recursive: true }));
  const flashed = join(folder, "flashed");
  const device = join(folder, "adapter");
  writeFileSync(device, "");
  writeFileSync(flashed, "");
  const open = async (name: string, within: string): Promise<Bench> => {
    const file = join(folder, `${name}.jsonc`);
    const flash = ["sh", "-c", `echo ${name} >> ${flashed}`];
    writeFileSync(file, JSON.stringify({ within, flash, power: { tty: device } }));
    return openBench(file);
  };
  const first = context.use(await open("first", "1s"));
  await first.prepare?.(["timer"]);
  assert.is(readFileSync(flashed, "utf8"), "", "what the run did not need yet it has not");
  await first.prepare?.(["power"]);
  await first.prepare?.(["power"]);
  assert.is(readFileSync(flashed, "utf8"), "first\n");

  await using impatient = await open("impatient", "100ms");
  const refused = await refusal(Promise.resolve(impatient.prepare?.(["power"])));
  assert.match(refused.message, `Cannot have ${device} within 100 ms: process ${process.pid} (`);

  await using second = await open("second", "15s");
  const waiting = second.prepare?.(["power"]);
  await first[Symbol.asyncDispose]();
  await waiting;
  assert.is(readFileSync(flashed, "utf8"), "first\nsecond\n");
});

test.run();
