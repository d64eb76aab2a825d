// emulated
import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { native } from "../../bindings/native.js";
import { armTimer, createTimer, disarmTimer, drainTimer, type TimerClock } from "../../bindings/timer.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("timer binding");

function timer(context: Context, clock?: TimerClock): number {
  const descriptor = createTimer(clock);
  context.defer(() => native.closeDescriptor(descriptor));
  return descriptor;
}

/** What the kernel says of a timer: seconds until it expires, 0 when it is disarmed, and how often it has expired. */
function facts(descriptor: number): { left: number; expired: number } {
  const text = readFileSync(`/proc/self/fdinfo/${descriptor}`, "latin1");
  const [, seconds, nanoseconds] = /it_value: \(([0-9]+), ([0-9]+)\)/.exec(text) ?? [];
  return { left: Number(seconds) + Number(nanoseconds) / 1e9, expired: Number(/ticks: ([0-9]+)/.exec(text)?.[1]) };
}

test("waits for an absolute time", (context) => {
  const descriptor = timer(context);
  assert.equal(facts(descriptor), { left: 0, expired: 0 });
  armTimer(descriptor, Number(process.hrtime.bigint()) + 5e9);
  const { left } = facts(descriptor);
  assert.ok(left > 4.5 && left <= 5, `${left} s`);
  disarmTimer(descriptor);
  assert.equal(facts(descriptor), { left: 0, expired: 0 });
});

test("a time in the past expires at once; arming takes that back", (context) => {
  const descriptor = timer(context);
  armTimer(descriptor, 0);
  assert.is(facts(descriptor).expired, 1);
  armTimer(descriptor, Number(process.hrtime.bigint()) + 1e9);
  assert.is(facts(descriptor).expired, 0);
});

test("waits for times after the first 104 days, of which a number cannot tell each nanosecond", (context) => {
  const descriptor = timer(context);
  const now = Number(process.hrtime.bigint());
  for (const nanoseconds of [2 ** 53 + 2, 2 ** 60, 1e30]) {
    armTimer(descriptor, nanoseconds);
    const { left } = facts(descriptor);
    const wanted = (Math.min(nanoseconds, 9.2e18) - now) / 1e9;
    assert.ok(Math.abs(left - wanted) < 5, `${left} s, not ${wanted} s`);
  }
});

test("drained, it has not expired, and says that nobody has set its clock", (context) => {
  for (const clock of ["monotonic", "date"] as const) {
    const descriptor = timer(context, clock);
    assert.is(drainTimer(descriptor), false);
    assert.is(armTimer(descriptor, 0), false);
    assert.is(facts(descriptor).expired, 1);
    assert.is(drainTimer(descriptor), false);
    assert.is(facts(descriptor).expired, 0);
  }
});

test("one on the date waits for a time of day", (context) => {
  const descriptor = timer(context, "date");
  armTimer(descriptor, (Date.now() + 5000) * 1e6);
  const { left } = facts(descriptor);
  assert.ok(left > 4.5 && left <= 5.1, `${left} s`);
});

test.run();
