// exclusive
// tier: machine of this architecture
// timeout: 900s
/** A machine that counts instructions: its time is exact, and waiting takes none. The system's own programs are the witnesses. */
import * as assert from "uvu/assert";
import { DeadlinePassed } from "../../bench/deadline.js";
import { installed } from "../device/host.js";
import { type Context, suite } from "../support/suite.js";
import { machineOf, patience } from "./guest.js";

const test = suite("machine that counts");
const clock = "2030-02-28T23:59:00Z";
const machine = machineOf(test, {
  bench: { machine: { timing: "counted", spare: 0, clock }, devices: { watchdog: { kind: "watchdog" } } },
});
const limits = { timeout: 280_000 };
const wait = { within: patience };

/**
 * Seconds of the guest that a script takes, and what it prints. The programs are loaded before: time flies while the
 * guest waits for a file of the host's, so that limits are not tried to the second either.
 */
async function taken(context: Context, script: string): Promise<{ seconds: number; output: string }> {
  const timed = `sleep 0; rtcwake --help >/dev/null; hwclock --help >/dev/null; read start rest </proc/uptime\n${script}\nread end rest </proc/uptime; echo "$start $end"`;
  const output = await machine(context).output(["sh", "-e", "-c", timed], wait);
  const [start = 0, end = 0] = (output.trim().split("\n").at(-1) as string).split(" ").map(Number);
  return { seconds: end - start, output };
}

/** The most seconds that may fly by in ten, and how often a busy host gets another chance. */
const mostFlight = 4;
const chances = 5;

/** Skips a test where the host is too busy to answer the guest at once. */
async function skipUnlessPunctual(context: Context): Promise<void> {
  let flight = Number.POSITIVE_INFINITY;
  for (let chance = 0; chance < chances && flight > mostFlight; ++chance)
    flight = (await taken(context, "sleep 10; hwclock --utc --show >/dev/null")).seconds - 10;
  if (flight > mostFlight) context.skip(`the host is too busy: ${flight} s of the machine's time flew by in 10 s`);
}

/** Whether the watchdog has bitten so far. */
async function bitten(context: Context): Promise<boolean> {
  try {
    await machine(context).watchdogBite({ within: 50 });
    return true;
  } catch (error) {
    if (error instanceof DeadlinePassed) return false;
    throw error;
  }
}

/** Runs a script of so many seconds, after which the watchdog has not bitten, unless more time flew by than it bears. */
async function unbitten(context: Context, least: number, script: string): Promise<void> {
  for (let chance = 0; chance < chances; ++chance) {
    const { seconds } = await taken(context, script);
    assert.ok(seconds >= least, `${seconds} s: ${script}`);
    if (!(await bitten(context))) return;
    assert.ok(seconds > least + mostFlight, `bitten within ${seconds} s: ${script}`);
  }
  context.skip("the host is too busy: the watchdog's time flew by again and again");
}

test("waiting takes no time", limits, async (context) => {
  if (!installed("rtcwake")) context.skip("needs rtcwake: apt-get install util-linux");
  const before = performance.now();
  const { seconds } = await taken(context, "sleep 100");
  assert.ok(seconds >= 100 && seconds < 110, String(seconds));
  assert.ok(performance.now() - before < 60_000);
});

test("a watchdog that is fed, or stopped in time, is quiet; one that is forgotten bites", limits, async (context) => {
  if (!installed("wdctl")) context.skip("needs wdctl: apt-get install util-linux");
  await skipUnlessPunctual(context);
  const node = await machine(context).node("watchdog", "watchdog", wait);
  const about = await machine(context).output(["wdctl", node], wait);
  assert.match(about, /i6300ESB/);
  assert.match(about, /Timeout:\s+30 seconds/);

  // The letter V says that closing is meant to stop it.
  const stop = "printf V >&3; exec 3>&-";
  const fed = "for meal in 1 2 3 4 5 6; do echo >&3; sleep 20; done";
  await unbitten(context, 120, `exec 3>${node}; ${fed}; ${stop}`);
  await unbitten(context, 75, `exec 3>${node}; sleep 15; ${stop}; sleep 60`);
  await taken(context, `exec 3>${node}; sleep 45; ${stop}`);
  assert.is(await bitten(context), true, "it was forgotten for 45 s");
});

test("the alarm of the real-time clock comes on time, over the end of a month", limits, async (context) => {
  if (!installed("hwclock")) context.skip("needs hwclock: apt-get install util-linux-extra");
  await skipUnlessPunctual(context);
  const set = ["hwclock", "--utc", "--set", "--date", "2030-02-28 23:59:05"];
  const show = "hwclock --utc --show";
  let [seconds, output] = [Number.POSITIVE_INFINITY, ""];
  // The chip counts whole seconds, so the first one may be nearly over; rtcwake rounds up.
  for (let chance = 0; chance < chances && seconds >= 64; ++chance) {
    await machine(context).output(set, wait);
    ({ seconds, output } = await taken(context, `${show}; rtcwake --utc -d rtc0 -m on -s 60; ${show}`));
    assert.ok(seconds >= 59, `${seconds} s: ${output}`);
  }
  // On a busy host some always fly by; another minute would be an alarm that was missed.
  assert.ok(seconds < 90, `${seconds} s: ${output}`);
  // The time of day is read late where the first program was.
  const [before, after] = [...output.matchAll(/^(\d{4}-\d\d-\d\d \d\d:\d\d):/gm)].map(([, time]) => time);
  assert.ok(before === "2030-02-28 23:59" || before === "2030-03-01 00:00", output);
  assert.match(after ?? "", /^2030-03-01 00:0[01]$/);
});

test.run();
