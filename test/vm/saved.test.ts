// exclusive
// tier: machine of this architecture
// timeout: 600s
/** Machines that begin with a saved state: each as if just booted, whatever the one before did. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { Machine, MachineOptions } from "../../bench/machine.js";
import { type Context, suite } from "../support/suite.js";
import { patience, startMachine } from "./guest.js";

const test = suite("saved machine");
const limits = { timeout: 280_000 };
const wait = { within: patience };

async function shownStart(context: Context, options: MachineOptions = {}): Promise<Machine> {
  const before = performance.now();
  const machine = await startMachine(context, { saved: true, ...options });
  await machine.output(["true"], wait);
  const parts = machine.timing.map(([name, time]) => `${name} ${time.toFixed(0)}`).join(", ");
  console.log(`to the end of a first command: ${(performance.now() - before).toFixed(0)} ms (${parts})`);
  return machine;
}

test("what one machine did to its kernel is not there in the next", limits, async (context) => {
  const change = "/proc/sys/kernel/panic_on_warn";
  const seen = [`cat ${change}`, "grep -c '^dummy ' /proc/modules", "grep -c changed /etc/issue"];
  const act = ["modprobe dummy", `echo 1 >${change}`, "echo changed >/etc/issue"];
  {
    await using first = await shownStart(context);
    const { output } = await first.run(["sh", "-c", [...act, ...seen].join("; ")], wait);
    assert.is(output, "1\n1\n1\n");
  }
  const second = await shownStart(context);
  const { output } = await second.run(["sh", "-c", seen.join("; ")], wait);
  assert.is(output, "0\n0\n0\n");
});

test("it has its devices, the work tree and the time of now", limits, async (context) => {
  const work = mkdtempSync(join(tmpdir(), "work-"));
  context.defer(() => rmSync(work, { recursive: true }));
  const devices = { line: { kind: "uart" }, disk: { kind: "disk", size: "2M" }, wire: { kind: "network" } } as const;
  for (const round of ["first", "second"]) {
    writeFileSync(join(work, "from-outside"), round);
    await using machine = await shownStart(context, { bench: { devices }, work });
    const script = 'exec <"$1"; echo open; head -n 1';
    const guest = machine.spawn(["sh", "-c", script, "sh", await machine.node("line", "tty")]);
    await guest.line((line) => line === "open", wait);
    await machine.serial("line").write(`${round}\n`);
    assert.is((await guest.ended(wait)).output, `open\n${round}\n`);
    const disk = await machine.node("disk", "block");
    // Written in the first round, and empty again in the second.
    const command = `head -c 5 ${disk} | tr '\\0' 0; printf words >${disk}; cat from-outside; echo ${round} >from-inside`;
    assert.is(await machine.output(["sh", "-c", command], wait), `00000${round}`);
    assert.is(readFileSync(join(work, "from-inside"), "utf8"), `${round}\n`);
    const behind = Date.now() - Number(await machine.output(["date", "+%s"], wait)) * 1000;
    assert.ok(Math.abs(behind) < 60_000, `the guest is ${behind} ms behind`);
  }
});

test("a device that cannot be saved is named, and so is memory that is too small", limits, async (context) => {
  const said = (bench: object): Promise<string> =>
    startMachine(context, { saved: true, bench }).then(
      () => "nothing",
      (error: Error) => error.message,
    );
  assert.match(await said({ devices: { disk: { kind: "disk", bus: "nvme" } } }), /cannot be saved; boot it.*nvme/);
  assert.match(await said({ machine: { memory: "256M" } }), /"memory" of at least 384M/);
});

test.run();
