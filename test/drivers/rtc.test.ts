/** The RTC driver without hardware, and its clients' connections. The system's own clock is the witness. */
import fastCheck from "fast-check";
import * as assert from "uvu/assert";
import { checked } from "../../base/schema.js";
import { configSchema } from "../../drivers/rtc/config.js";
import { RtcDriver } from "../../drivers/rtc/driver.js";
import type { HostGrant } from "../../sessions/platform/index.js";
import { Rtc, type RtcConnection, RtcInterface } from "../../sessions/rtc/index.js";
import { code } from "../support/error-code.js";
import { LocalParent } from "../support/local-parent.js";
import { type Context, suite } from "../support/suite.js";
import { type TestGrant, TestPlatform } from "./platform.js";

const test = suite("rtc-driver");

type Grant = HostGrant["kind"];

interface System {
  readonly parent: LocalParent;
  readonly platform: TestPlatform;
  start(config?: object): Promise<RtcDriver>;
  connect(name?: string): Promise<RtcConnection>;
}

function system(context: Context, grants: Readonly<Record<string, TestGrant>> = {}): System {
  const platform = new TestPlatform(grants);
  const parent = context.use(new LocalParent([platform.service]));
  let drivers = 0;
  return {
    parent,
    platform,
    async start(config = { defaultPolicy: { writeable: true } }) {
      const env = parent.env(`rtc ${++drivers}`);
      const driver = context.use(await RtcDriver.open(env, checked(configSchema, config, "the configuration")));
      await env.announce(RtcInterface, (request) => driver.session(request));
      return driver;
    },
    connect: async (name = "client") => context.use(await parent.env(name).connect(Rtc)),
  };
}

/** A grant whose opening is up to the test. */
function clockGrant(open: () => number, kind: Grant = "character_device"): Readonly<Record<string, TestGrant>> {
  return { clock: { kind, open } };
}

function seconds(date: Date): number {
  return date.getTime() / 1000;
}

test("without a grant the system clock serves, and says so", async (context) => {
  const { start, connect } = system(context);
  const driver = await start({ defaultPolicy: {} });
  assert.match(driver.description, /^system clock: /);
  const clock = await connect();
  const facts = await clock.facts();
  assert.is(facts.source, "system clock");
  assert.equal([facts.hardware, facts.writeable, facts.battery], [false, false, false]);
  const before = Date.now();
  const shown = (await clock.time()).getTime();
  assert.ok(shown >= before && shown <= Date.now(), `${shown} is not after ${before}`);
  assert.is(await code(clock.battery()), "Unsupported");
});

test("a clock that the host cannot open is stood in for, or waited for", async (context) => {
  const missing = clockGrant(() => {
    throw new Error("ENOENT: no such file or directory, open '/dev/rtc9'");
  });
  const stoodIn = system(context, missing);
  assert.is((await stoodIn.start()).clock.facts.source, "system clock");

  const waiting = system(context, missing);
  const driver = await waiting.start({ standIn: false, defaultPolicy: { writeable: true } });
  assert.is(driver.clock.present, false);
  const clock = await waiting.connect();
  assert.is(await code(clock.time()), "Unavailable");
  assert.is(await code(clock.setTime(new Date())), "Unavailable");
  assert.is(await code(clock.battery()), "Unavailable");
});

test("a clock that another program has is waited for, not stood in for", { timeout: 30_000 }, async (context) => {
  let tries = 0;
  const busy = clockGrant(() => {
    tries += 1;
    throw new Error("EBUSY: resource busy or locked, open '/dev/rtc0'");
  });
  const { platform, start, connect } = system(context, busy);
  const driver = await start();
  assert.equal([driver.clock.present, driver.clock.facts.hardware], [false, true]);
  assert.is(await code((await connect()).time()), "Unavailable");
  const before = tries;
  platform.changed();
  while (tries === before) await new Promise((resolve) => setTimeout(resolve, 5));
});

test("a grant that is no clock is refused", async (context) => {
  const { start } = system(
    context,
    clockGrant(() => 0, "file"),
  );
  assert.is(await code(start()), "InvalidArgument");
});

test("policies say who reads the clock and who sets it", async (context) => {
  const { start, connect } = system(context);
  await start({ policies: [{ label: "keeper", writeable: true }, { label: "reader" }] });
  const [keeper, reader] = [await connect("keeper"), await connect("reader")];
  assert.is(await code(connect("stranger")), "Denied");
  assert.is(await code(reader.setTime(new Date(0))), "Denied");
  assert.equal([(await keeper.facts()).writeable, (await reader.facts()).writeable], [true, false]);
  let told = 0;
  reader.onTimeChange(() => (told += 1));
  await keeper.setTime(new Date("2031-05-06T07:08:09Z"));
  assert.match((await reader.time()).toISOString(), /^2031-05-06T07:08:/);
  assert.is(told, 1);
});

test("what is set is what is shown, for any second of a calendar", { timeout: 60_000 }, async (context) => {
  const { start, connect } = system(context);
  await start();
  const clock = await connect();
  const dates = fastCheck.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true });
  await fastCheck.assert(
    fastCheck.asyncProperty(dates, async (date) => {
      const start = performance.now();
      await clock.setTime(date);
      const shown = seconds(await clock.time());
      const elapsed = (performance.now() - start) / 1000;
      const set = Math.round(seconds(date));
      // Setting rounds what it was told, and what passed on the way.
      assert.ok(shown >= set && shown <= set + elapsed + 1, `${date.toISOString()}: ${shown} instead of ${set}`);
    }),
    { numRuns: 200 },
  );
});

test("alarms are due in their order, each once, whatever session they belong to", async (context) => {
  const { start, connect } = system(context);
  await start();
  const clocks = [await connect("one"), await connect("two"), await connect("three")] as const;
  const base = Date.parse("2030-01-01T00:00:00Z");
  await clocks[0].setTime(new Date(base));
  const due: number[] = [];
  const all: Promise<void>[] = [];
  for (const [index, offset] of [5, 3, 4, 1, 2].entries())
    all.push(
      (clocks[index % 3] as RtcConnection)
        .sleepUntil(new Date(base + offset * 100_000))
        .then(() => void due.push(offset)),
    );
  for (const offset of [1, 2, 3, 4, 5]) {
    // Just before: nothing is due.
    await clocks[0].setTime(new Date(base + offset * 100_000 - 50_000));
    await clocks[1].time();
    assert.is(due.length, offset - 1);
    await clocks[0].setTime(new Date(base + offset * 100_000));
    while (due.length < offset) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await Promise.all(all);
  assert.equal(due, [1, 2, 3, 4, 5]);
});

test("an alarm is due when its second has come, not before", async (context) => {
  const { start, connect } = system(context);
  await start();
  const clock = await connect();
  const date = new Date(Math.ceil(Date.now() / 1000) * 1000 + 1000);
  await clock.sleepUntil(date);
  assert.ok(Date.now() >= date.getTime());
  // A fraction counts as the next second.
  await clock.setTime(new Date("2030-06-01T00:00:00Z"));
  await clock.sleepUntil(new Date("2030-06-01T00:00:00.001Z"));
  assert.ok((await clock.time()).getTime() >= Date.parse("2030-06-01T00:00:01Z"));
});

test("an alarm in the past is due at once, a cancelled one never", async (context) => {
  const { start, connect } = system(context);
  await start();
  const clock = await connect();
  let fired = false;
  const cancel = clock.at(new Date(0), () => (fired = true));
  cancel();
  await clock.sleepUntil(new Date("1999-12-31T23:59:59Z"));
  await clock.sleepUntil(new Date("1901-01-01"));
  assert.is(fired, false);
  const aborting = new AbortController();
  const sleep = clock.sleepUntil(new Date("2999-01-01"), { signal: aborting.signal });
  aborting.abort();
  assert.is(await code(sleep), "Aborted");
  assert.is(await code(clock.sleepUntil(new Date(Number.NaN))), "InvalidArgument");
});

test("updates come once a second, to those who asked for them", { timeout: 30_000 }, async (context) => {
  const { start, connect } = system(context);
  await start();
  const [one, other] = [await connect("one"), await connect("other")];
  let unasked = 0;
  const end = await other.onUpdate(() => (unasked += 1));
  end();
  let count = 0;
  const began = Math.floor(seconds(await one.time()));
  await new Promise<void>((resolve, reject) => {
    one
      .onUpdate((more) => {
        count += more;
        if (count >= 3) resolve();
      })
      .catch(reject);
  });
  const now = Math.floor(seconds(await one.time()));
  assert.ok(now - began >= count, `${count} seconds began from ${began} to ${now}`);
  assert.is(unasked, 0);
});

test("when the driver restarts, alarms and updates go on, and a stand-in shows the system's time", async (context) => {
  const { start, connect } = system(context);
  const first = await start();
  const clock = await connect();
  await clock.setTime(new Date("2031-01-01"));
  let due = false;
  const sleep = clock.sleepUntil(new Date("2031-01-02")).then(() => (due = true));
  let updates = 0;
  await clock.onUpdate(() => (updates += 1));
  // Announced before the first one ends, or that would be asked once more.
  await start();
  await first.close();
  // Answered by the second one, whose clock nobody has set.
  assert.ok(Math.abs((await clock.time()).getTime() - Date.now()) < 10_000);
  const before = updates;
  while (updates === before) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.is(due, false);
  await clock.setTime(new Date("2031-01-03"));
  await sleep;
});

test("what a session waits for ends with its connection", async (context) => {
  const { start, connect } = system(context);
  await start();
  const clock = await connect();
  const sleep = code(clock.sleepUntil(new Date("2999-01-01")));
  await clock.close();
  assert.is(await sleep, "Disconnected");
});

test.run();
