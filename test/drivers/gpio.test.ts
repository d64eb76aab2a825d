/** The GPIO driver and its clients' connections on the stand-in: lines in memory, some of them wired together. */
import * as assert from "uvu/assert";
import { checked } from "../../base/schema.js";
import { configSchema } from "../../drivers/gpio/config.js";
import { GpioDriver } from "../../drivers/gpio/driver.js";
import { until } from "../../hil/conformance/case.js";
import { PinControl, PinControlInterface } from "../../sessions/pin-control/index.js";
import { type PinEdge, PinState, PinStateInterface } from "../../sessions/pin-state/index.js";
import { code } from "../support/error-code.js";
import { LocalParent } from "../support/local-parent.js";
import { type Context, suite } from "../support/suite.js";
import { TestPlatform } from "./platform.js";

const test = suite("gpio driver");

/** Line 0 is wired to line 1, line 2 to line 3; line 4 to nothing. The label of a session is the name of its pin. */
const board = {
  out: { line: 0, direction: "output" },
  in: { line: 1 },
  "low-out": { line: 2, direction: "output", activeLow: true },
  "drained-out": { line: 2, direction: "output", drive: "open-drain" },
  "high-in": { line: 3, bias: "pull-up" },
  bouncing: { line: 1, debounce: "30ms" },
  idle: { line: "GPIO4", bias: "pull-up", activeLow: true },
  lost: { line: 77 },
  unknown: { line: "GPIO17" },
};

function configured(pins: object, change: object = {}) {
  const config = {
    simulated: {
      lines: 8,
      wires: [
        [0, 1],
        [2, 3],
      ],
    },
    pins,
    policies: Object.keys(pins).map((pin) => ({ labelLast: pin, pin })),
    ...change,
  };
  return checked(configSchema, config, "the configuration");
}

async function system(context: Context) {
  const parent = context.use(new LocalParent([new TestPlatform().service]));
  let drivers = 0;
  const start = async (): Promise<GpioDriver> => {
    const env = parent.env(`gpio ${++drivers}`);
    const driver = context.use(await GpioDriver.open(env, configured(board)));
    await env.announce(PinStateInterface, (request) => driver.viewer(request));
    await env.announce(PinControlInterface, (request) => driver.controller(request));
    return driver;
  };
  const env = parent.env("client");
  return {
    driver: await start(),
    start,
    seen: async (label: string) => context.use(await env.connect(PinState, { label })),
    driven: async (label: string) => context.use(await env.connect(PinControl, { label })),
  };
}

async function take(edges: AsyncIterable<PinEdge>, count: number): Promise<PinEdge[]> {
  const taken: PinEdge[] = [];
  for await (const edge of edges) if (taken.push(edge) === count) break;
  return taken;
}

test("what one pin drives, the pin at the other end of the wire sees", async (context) => {
  const { seen, driven } = await system(context);
  const output = await driven("out");
  const input = await seen("in");
  for (const active of [true, false, false, true]) {
    await output.state(active);
    assert.is(await input.state(), active);
  }
});

test("active is low where the board has it so", async (context) => {
  const { seen, driven } = await system(context);
  const output = await driven("low-out");
  const input = await seen("high-in");
  await output.state(true);
  assert.is(await input.state(), false);
  await output.state(false);
  assert.is(await input.state(), true);
  assert.is(await (await seen("idle")).state(), false, "pulled up, and active low");
});

test("a pin that is driven no more is held by its resistor", async (context) => {
  const { seen, driven } = await system(context);
  const input = await seen("high-in");
  assert.is(await input.state(), true);
  const output = await driven("drained-out");
  assert.is(await input.state(), true, "a session alone drives nothing");
  await output.state(false);
  assert.is(await input.state(), false);
  await output.state(true);
  assert.is(await input.state(), true, "an open drain drives no high level");
  await output.state(false);
  await output.yield();
  assert.is(await input.state(), true);
  await output.state(false);
  assert.is(await input.state(), false);
  await output.close();
  await until("the pin is let go", async () => await input.state());
});

test("edges come in order, each with its time, and of the kind that was asked for", async (context) => {
  const { seen, driven } = await system(context);
  const output = await driven("out");
  await output.state(false);
  const rising = await (await seen("in")).watch("rising");
  const both = await (await seen("in")).watch();
  const before = process.hrtime.bigint();
  for (let round = 0; round < 3; ++round) {
    await output.state(true);
    await output.state(false);
  }
  const after = process.hrtime.bigint();
  // What one loop leaves, the next one gets.
  const edges = [...(await take(both, 2)), ...(await take(both, 4))];
  assert.equal(
    edges.map((edge) => edge.rising),
    [true, false, true, false, true, false],
  );
  const times = [before, ...edges.map(({ time }) => time), after];
  assert.ok(
    times.every((time, index) => index === 0 || time >= (times[index - 1] as bigint)),
    times.join(),
  );
  assert.ok(edges.every(({ lost, afterRestart }) => lost === 0 && !afterRestart));
  assert.equal(
    (await take(rising, 3)).map(({ time }) => time),
    edges.filter((edge) => edge.rising).map(({ time }) => time),
    "two sessions see the same edges",
  );
});

test("edges that nobody takes are counted, and the newest are kept", { timeout: 60_000 }, async (context) => {
  const { seen, driven } = await system(context);
  const output = await driven("out");
  await output.state(false);
  const edges = await (await seen("in")).watch();
  const sent = 2000;
  for (let index = 0; index < sent; ++index) await output.state(index % 2 === 0);
  let counted = 0;
  let arrived = 0;
  for await (const { lost } of edges) {
    arrived += 1;
    counted += 1 + lost;
    if (counted === sent) break;
  }
  assert.ok(arrived < sent && arrived >= 500, `${arrived} of ${sent} arrived`);
});

test("a level must last to count where the pin is debounced", async (context) => {
  const { seen, driven } = await system(context);
  const output = await driven("out");
  await output.state(false);
  const bouncing = await seen("bouncing");
  const edges = await bouncing.watch();
  for (let index = 0; index < 9; ++index) await output.state(index % 2 === 0);
  const [edge, ...others] = await take(edges, 1);
  assert.equal([edge?.rising, others], [true, []]);
  assert.is(await bouncing.state(), true);
});

test("what is not allowed is refused, and says why", async (context) => {
  const { seen, driven } = await system(context);
  const message = async (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => "resolved",
      (error: Error) => error.message,
    );
  assert.match(await message(driven("in")), /Cannot drive pin "in": it is an input/);
  assert.match(await message(driven("nobody")), /no policy matches/);
  assert.match(await message(seen("lost")), /line 77 .*there are 8, from 0 on/);
  assert.match(await message(seen("unknown")), /Cannot find line "GPIO17".*a simulated chip/);
  const output = await driven("out");
  assert.match(await message(driven("out")), /another PinControl session has it/);
  assert.match(await message(driven("drained-out")), /resolved/);
  assert.match(await message(driven("low-out")), /another pin has it/);
  const same = await seen("out");
  await output.state(true);
  assert.is(await same.state(), true, "a pin that is driven can be read");
  assert.is(await code(same.watch()), "Unsupported");
  assert.is(await same.state(), true, "a watch that was refused changes nothing");
});

test("with a new driver a pin is driven as before, and its edges are watched again", async (context) => {
  const { driver, start, seen, driven } = await system(context);
  const output = await driven("out");
  const input = await seen("in");
  await output.state(false);
  const edges = await input.watch();
  await output.state(true);
  assert.is((await take(edges, 1))[0]?.afterRestart, false);
  // First the new one, or the sessions would come back to the old one.
  await start();
  await driver.close();
  await until("the pin is driven", () => input.state());
  await output.state(false);
  const [edge] = await take(edges, 1);
  assert.is(edge?.afterRestart, true);
});

test("a pin that is configured otherwise gets new sessions by itself; the others keep theirs", async (context) => {
  const { driver, seen, driven } = await system(context);
  const output = await driven("out");
  const input = await seen("in");
  const other = await (await seen("high-in")).watch();
  await output.state(true);
  assert.is(await input.state(), true);
  driver.configure(configured({ ...board, in: { line: 1, activeLow: true } }));
  await until("the new meaning", async () => !(await input.state()));
  const drained = await driven("drained-out");
  await drained.state(false);
  assert.is((await take(other, 1))[0]?.afterRestart, false);
});

test("a watch ends when it is closed, and another one begins", async (context) => {
  const { seen, driven } = await system(context);
  const output = await driven("out");
  await output.state(false);
  const input = await seen("in");
  const first = await input.watch();
  assert.is(await code(input.watch()), "Unavailable");
  const end = take(first, 1);
  await first.close();
  assert.equal(await end, []);
  const second = await input.watch("falling");
  await output.state(true);
  await output.state(false);
  assert.equal(
    (await take(second, 1)).map(({ rising }) => rising),
    [false],
  );
});

test.run();
