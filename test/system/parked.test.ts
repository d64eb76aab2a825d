/** Processes that wait ready: what they keep of their rehearsal, and that a component starts in one. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { suite } from "../support/suite.js";
import { TestSystem } from "../support/system.js";

const test = suite("parked processes");

/** The process that the name says, among those of the spawner of this test. */
function parkedProcess(): number | undefined {
  const children = (pid: number): number[] =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  return children(process.pid)
    .flatMap(children)
    .find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("parked"));
}

/** It sleeps until its one descriptor is readable, without end: so it waits for its first message, and the rehearsal is over. */
function waits(pid: number): boolean {
  const [call, , count, timeout] = readFileSync(`/proc/${pid}/syscall`, "utf8").split(" ").map(Number);
  const [poll, endless] = process.arch === "x64" ? [7, 0xffffffff] : [73, 0];
  return call === poll && count === 1 && timeout === endless;
}

test("nothing is left of the rehearsal, and the next component starts in it", { timeout: 20_000 }, async (context) => {
  if (process.getuid?.() !== 0) context.skip("needs root, to look into the process");
  const system = context.use(TestSystem.start({ start: {} }));
  let pid = parkedProcess();
  for (; pid === undefined || !waits(pid); pid = parkedProcess()) await delay(10);
  const open = readdirSync(`/proc/${pid}/fd`).map((name) => readlinkSync(`/proc/${pid}/fd/${name}`));
  assert.equal(
    open.filter((target) => target.startsWith("/memfd:")),
    [],
  );
  assert.is(open.filter((target) => target.startsWith("socket:")).length, 1, "the one for its first message");
  const mapped = readFileSync(`/proc/${pid}/maps`, "utf8").match(/memfd:\S+/g);
  assert.equal(mapped, ["memfd:lifeline"], "what tells of its death, and no more");

  await system.apply({ start: { app: { binary: "dummy" } } });
  await system.untilChild("app", "runs", ({ state }) => state === "alive");
  assert.is(system.pid("app"), pid);
  assert.is(system.root.core.starts.parked, 1);
});

test.run();
