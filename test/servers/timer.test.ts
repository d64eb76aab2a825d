// smoke
// exclusive
import fc from "fast-check";
import * as assert from "uvu/assert";
import type { Env } from "../../base/env.js";
import type { SessionRequest } from "../../base/server.js";
import { native } from "../../bindings/native.js";
import { configSchema } from "../../servers/timer/config.js";
import { TimerServer } from "../../servers/timer/timer-server.js";
import { Timer, TimerInterface } from "../../sessions/timer/index.js";
import { LocalParent } from "../support/local-parent.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("timer");

/**
 * A timer server, whose sessions a test may cut off as its death would. The client hears of the first one so many
 * milliseconds after it was opened.
 */
async function system(context: Context, late = 0) {
  let delay = late;
  const parent = context.use(new LocalParent());
  const server = context.use(new TimerServer(configSchema.parse({}, [], [])));
  const sessions: SessionRequest<object>[] = [];
  await parent.env("timer").announce(TimerInterface, (request) => {
    sessions.push(request);
    const session = server.open(request);
    for (const end = performance.now() + delay; performance.now() < end; );
    delay = 0;
    return session;
  });
  return {
    env: parent.env("client") as Env,
    sessions,
    configure: (config: object) => server.configure(configSchema.parse(config, [], [])),
    cutOff: () => {
      for (const { session } of sessions.splice(0)) session.close();
    },
  };
}

test("sleeps as long as asked, and little longer", async (context) => {
  const { env } = await system(context);
  const timer = context.use(await env.connect(Timer));
  for (const milliseconds of [0, 0.3, 2, 20]) {
    const start = performance.now();
    await timer.sleep(milliseconds);
    const late = performance.now() - start - milliseconds;
    assert.ok(late >= 0, `${milliseconds} ms: ${-late} ms early`);
    assert.ok(late < 100, `${milliseconds} ms: ${late} ms late`);
  }
});

test("keeps sub-millisecond timeouts apart", async (context) => {
  const { env } = await system(context);
  const timer = context.use(await env.connect(Timer));
  const lengths: number[] = [];
  for (let i = 0; i < 200; ++i) {
    const start = performance.now();
    await timer.sleep("200us");
    lengths.push(performance.now() - start);
  }
  lengths.sort((a, b) => a - b);
  // Whole milliseconds, as an event loop counts them, would make this 1 ms at least.
  assert.ok((lengths[100] as number) < 0.9, `median ${lengths[100]} ms`);
});

test("never fires a timeout that is always re-armed in time", { timeout: 10_000 }, async (context) => {
  const { env } = await system(context);
  const timer = context.use(await env.connect(Timer));
  let fired = 0;
  const timeout = timer.after("200ms", () => ++fired);
  const rearmings = 60;
  for (let i = 0; i < rearmings; ++i) {
    await timer.sleep("25ms");
    timeout.restart("200ms");
  }
  assert.is(fired, 0);
  await timer.sleep("250ms");
  assert.is(fired, 1);
});

test("re-arming the session's own timeout replaces it", async (context) => {
  const { env } = await system(context);
  const session = context.use(await env.session(TimerInterface, {}, {}));
  let fired = 0;
  session.onSignal("timeout", (count) => (fired += count));
  for (let i = 0; i < 20; ++i) {
    await session.client.triggerOnce(100_000);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.is(fired, 0);
  await session.client.triggerPeriodic(1000);
  await session.client.triggerPeriodic(0);
  fired = 0;
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.is(fired, 0);
});

test("serves 32 sessions of periods from 1 us to 33 ms, starving none and bounding each", {
  timeout: 15_000,
}, async (context) => {
  const { env } = await system(context);
  const counts = new Array<number>(32).fill(0);
  const seconds = 1.5;
  const sessions = await Promise.all(counts.map(() => env.session(TimerInterface, {}, {})));
  const start = performance.now();
  for (const [index, session] of sessions.entries()) {
    session.onSignal("timeout", (count) => (counts[index] = (counts[index] as number) + count));
    await session.client.triggerPeriodic(1 + index * index * 34);
  }
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  for (const session of sessions) await session.close();
  // Signals come until each is closed.
  const elapsed = performance.now() - start;
  for (const [index, count] of counts.entries()) {
    const period = Math.max(0.25, (1 + index * index * 34) / 1000);
    assert.ok(
      count <= elapsed / period + 1,
      `session ${index} of period ${period} ms: ${count} signals in ${elapsed} ms`,
    );
    assert.ok(
      count >= Math.min(15, (elapsed / period) * 0.5),
      `session ${index} of period ${period} ms: ${count} signals in ${elapsed} ms`,
    );
  }
});

test("fires any set of timeouts in order, each once, unless cancelled", { timeout: 20_000 }, async (context) => {
  const { env } = await system(context);
  const timer = context.use(await env.connect(Timer));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ delay: fc.integer({ min: 0, max: 25 }), cancelled: fc.boolean() }), {
        minLength: 1,
        maxLength: 40,
      }),
      async (wanted) => {
        const fired: number[] = [];
        const timeouts = wanted.map(({ delay }, index) => timer.after(delay, () => fired.push(index)));
        wanted.forEach(({ cancelled }, index) => {
          if (cancelled) timeouts[index]?.cancel();
        });
        await timer.sleep(30);
        const expected = wanted.flatMap(({ cancelled }, index) => (cancelled ? [] : [index]));
        assert.equal(
          [...fired].sort((a, b) => a - b),
          expected,
        );
        const delays = fired.map((index) => wanted[index]?.delay as number);
        assert.equal(
          delays,
          [...delays].sort((a, b) => a - b),
        );
      },
    ),
    { numRuns: 30 },
  );
});

test("periods keep their grid and are numbered", async (context) => {
  const { env } = await system(context);
  const timer = context.use(await env.connect(Timer));
  const start = performance.now();
  const numbers: number[] = [];
  for await (const number of timer.periodic("10ms")) {
    numbers.push(number);
    if (numbers.length === 3) {
      const busy = performance.now() + 35;
      while (performance.now() < busy);
    }
    if (number >= 15) break;
  }
  const elapsed = performance.now() - start;
  const last = numbers.at(-1) as number;
  assert.ok(elapsed >= last * 10, `${last} periods of 10 ms ended after ${elapsed} ms`);
  assert.ok(numbers.every((number, index) => index === 0 || number > (numbers[index - 1] as number)));
  assert.ok(numbers.length <= last - 2, "periods that passed meanwhile are skipped");
});

test("a sleep ends when it is aborted, and when the timer closes", async (context) => {
  const { env } = await system(context);
  const timer = await env.connect(Timer);
  const abort = new AbortController();
  const aborted = timer.sleep("1h", { signal: abort.signal }).catch((error: Error & { code: string }) => error.code);
  const closed = timer.sleep("1h").catch((error: Error & { code: string }) => error.code);
  abort.abort();
  assert.is(await aborted, "Aborted");
  await timer.close();
  assert.is(await closed, "Disconnected");
});

test("pending timeouts outlive the server's restart; elapsed time goes on", async (context) => {
  const { env, cutOff, sessions } = await system(context);
  const timer = context.use(await env.connect(Timer));
  const start = performance.now();
  const sleeping = timer.sleep(120);
  await timer.sleep(30);
  const before = await timer.elapsed();
  cutOff();
  const after = await timer.elapsed();
  assert.is(sessions.length, 1, "the session was opened anew");
  assert.ok(after >= before && after < before + 1000, `${before} ms, then ${after} ms`);
  await sleeping;
  assert.ok(performance.now() - start >= 120);
});

test("elapsed time does not go back when a client heard late of its session", async (context) => {
  const { env, cutOff } = await system(context, 100);
  const timer = context.use(await env.connect(Timer));
  let last = 0;
  for (let death = 0; death < 3; ++death) {
    const now = await timer.elapsed();
    assert.ok(now >= last, `${last} ms, then ${now} ms`);
    last = now;
    cutOff();
  }
});

test("another shortest period holds for the sessions that come", async (context) => {
  const { env, configure } = await system(context);
  const ticks = async (milliseconds: number): Promise<number> => {
    const timer = context.use(await env.session(TimerInterface, {}, {}));
    let count = 0;
    timer.onSignal("timeout", (raised) => {
      count += raised;
    });
    await timer.client.triggerPeriodic(1000);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return count;
  };
  assert.ok((await ticks(100)) > 10);
  configure({ shortestPeriod: "100ms" });
  const slow = await ticks(350);
  assert.ok(slow >= 1 && slow <= 4, `${slow} ticks`);
});

test("an idle server does not wake up", async (context) => {
  const { env } = await system(context);
  const timer = context.use(await env.connect(Timer));
  await timer.sleep(1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const before = native.waitingCounters();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const after = native.waitingCounters();
  assert.is(after.deliveries - before.deliveries, 0);
});

test.run();
