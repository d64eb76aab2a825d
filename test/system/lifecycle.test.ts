/** Components that end, crash, hang, change; and the systems around them. */
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import * as assert from "uvu/assert";
import { suite } from "../support/suite.js";
import { TestSystem, uses } from "../support/system.js";

const test = suite("life of components");

const dummy = (steps: readonly object[], more: object = {}) => ({ binary: "dummy", config: { steps }, ...more });
const quick = { limit: 3, within: "1m", backoff: { initial: "10ms", max: "20ms" } };

test("a component that exits stays exited, under the same number, over a change that does not concern it", async (context) => {
  const start = (other: object) => ({ start: { app: dummy([{ exit: 0 }]), other } });
  const system = context.use(TestSystem.start(start(dummy([]))));
  const { id } = await system.untilChild("app", "exits", ({ state }) => state === "exited");
  assert.is(system.child("app").exited, 0);
  await system.apply(start(dummy([], { version: 2 })));
  await system.untilChild(
    "other",
    "runs as another version",
    ({ version, state }) => version === "2" && state === "alive",
  );
  const { state, exited, id: now } = system.child("app");
  assert.equal({ state, exited, id: now }, { state: "exited", exited: 0, id });
});

test("another config reaches the running component, another version restarts it", async (context) => {
  const start = (config: object, version: number) => ({
    start: { app: { binary: "dummy", version, config: { ...config, steps: [{ count: true }] } } },
  });
  const system = context.use(TestSystem.start(start({}, 1)));
  await system.untilChild("app", "has its first config", (child) => uses(child, "LOG", "version 1"));
  const { id } = system.child("app");
  await system.apply({
    start: { app: { binary: "dummy", version: 1, config: { steps: [{ count: true }, { sleep: 1 }] } } },
  });
  await system.untilChild("app", "has its second config", (child) => uses(child, "LOG", "version 2"));
  assert.is(system.id("app"), id);
  await system.apply({
    start: { app: { binary: "dummy", version: 2, config: { steps: [{ count: true }, { sleep: 1 }] } } },
  });
  const restarted = await system.untilChild("app", "counts from one", (child) => uses(child, "LOG", "version 1"));
  assert.is.not(restarted.id, id);
  assert.is(restarted.version, "2");
});

test("heartbeats: nothing while healthy, a count while blocked, a restart after the limit", async (context) => {
  const healthy = dummy([], { heartbeat: {} });
  const blocked = dummy([{ block: 1500 }], { heartbeat: {} });
  const hung = dummy([{ sleep: 30 }, { block: 0 }], { heartbeat: { restartAfterSkipped: 2 } });
  const system = context.use(TestSystem.start({ heartbeat: { rate: "100ms" }, start: { healthy, blocked, hung } }));
  const { id } = await system.untilChild("hung", "runs", ({ state }) => state === "alive");
  await system.until(
    "the blocked component alone skips heartbeats",
    ({ children }) =>
      (children["blocked"]?.skippedHeartbeats ?? 0) > 3 && children["healthy"]?.skippedHeartbeats === undefined,
  );
  const restarted = await system.untilChild(
    "hung",
    "is restarted",
    (child) => child.id !== id && child.state === "alive",
  );
  assert.match(restarted.failure ?? "", /did not answer heartbeats/);
  const recovered = await system.untilChild(
    "blocked",
    "answers again",
    ({ skippedHeartbeats }) => skippedHeartbeats === undefined,
  );
  assert.is(recovered.restarts, undefined);
});

test("a crashed component restarts with back-off, is given up after its limit, and comes back when its part of the file changes", async (context) => {
  const start = (steps: readonly object[]) => ({ start: { app: dummy(steps, { restart: quick }) } });
  const system = context.use(TestSystem.start(start([{ crash: "throw" }])));
  const given = await system.untilChild("app", "is given up", ({ state }) => state === "crash-loop");
  assert.is(given.id, 4, "one start and three restarts");
  assert.is(given.restarts, 3);
  assert.match(given.failure ?? "", /thrown as told/);
  await system.apply(start([]));
  const back = await system.untilChild("app", "runs again", ({ state }) => state === "alive");
  assert.is(back.id, 5);
  assert.is(back.restarts, undefined);
});

test("a component that is killed again and again waits twice as long each time, and is given up after the fifth restart", async (context) => {
  const system = context.use(TestSystem.start({ start: { app: dummy([]), bystander: dummy([]) } }));
  /** The longest wait that the state documents tell, by the number of the restart. */
  const waits = new Map<number, number>();
  const unwatch = system.root.onStateChanged(() => {
    const { state, restarts = 0, restartIn = -1 } = system.state().children["app"] ?? {};
    if (state === "waiting") waits.set(restarts, Math.max(restartIn, waits.get(restarts) ?? -1));
  });
  context.defer(unwatch);
  const { id: bystander } = await system.untilChild("bystander", "runs", ({ state }) => state === "alive");
  for (let kill = 1; kill <= 6; ++kill) {
    const { id } = await system.untilChild("app", "runs", ({ state }) => state === "alive");
    process.kill(system.pid("app"), "SIGKILL");
    const next = await system.untilChild(
      "app",
      `takes the kill number ${kill}`,
      (child) => child.id !== id || child.state === "waiting" || child.state === "crash-loop",
    );
    assert.is(next.state === "crash-loop", kill === 6, `${next.state} after the kill number ${kill}`);
  }
  const given = system.child("app");
  assert.is(given.state, "crash-loop");
  assert.is(given.killed, "SIGKILL");
  assert.is(given.restarts, 5);
  assert.is(given.restartIn, undefined);
  assert.is(given.isolation, undefined, "nothing runs");
  // What is left of a wait when the document is made: more than half of it, on a machine that is busy, too.
  const [first, ...rest] = [1, 2, 3, 4, 5].map((restart) => waits.get(restart) ?? -1);
  assert.is(first, 0, "the first restart is immediate");
  for (const [index, expected] of [100, 200, 400, 800].entries()) {
    const wait = rest[index] as number;
    assert.ok(
      wait > expected / 2 && wait <= expected,
      `${wait} ms are told before restart ${index + 2}, of ${expected}`,
    );
  }
  assert.is(system.child("bystander").state, "alive");
  assert.is(system.id("bystander"), bystander);
});

test("death by a signal is told, and a component that is told never to restart stays down", async (context) => {
  const system = context.use(
    TestSystem.start({ start: { app: dummy([{ crash: "abort" }], { restart: { mode: "never" } }) } }),
  );
  const { killed } = await system.untilChild("app", "ends", ({ state }) => state === "exited");
  // Where the system-call filter leaves it no way to raise SIGABRT, abort ends in an illegal access.
  assert.match(killed ?? "", /^SIG(ABRT|SEGV|ILL)$/);
});

test("a component that is killed starts again, and how it ended is told once it is known", async (context) => {
  const start = (mode: string) => ({ start: { app: dummy([], { restart: { ...quick, mode } }) } });
  const system = context.use(TestSystem.start(start("on-crash")));
  const { id } = await system.untilChild("app", "runs", ({ state }) => state === "alive");
  for (let kills = 1; kills <= quick.limit; ++kills) {
    process.kill(system.pid("app"), "SIGKILL");
    const again = await system.untilChild(
      "app",
      "runs again, and its end is known",
      (child) => child.id === (id as number) + kills && child.state === "alive" && /SIGKILL/.test(child.failure ?? ""),
    );
    assert.is(again.restarts, kills);
    assert.is(again.killed, undefined, "this one runs");
  }
  process.kill(system.pid("app"), "SIGKILL");
  const given = await system.untilChild(
    "app",
    "is given up, and says how it ended",
    ({ killed }) => killed === "SIGKILL",
  );
  assert.is(given.state, "crash-loop");
  await system.apply(start("never"));
  await system.untilChild("app", "runs once more", ({ state }) => state === "alive");
  process.kill(system.pid("app"), "SIGKILL");
  const down = await system.untilChild("app", "stays down", ({ state }) => state === "exited");
  assert.is(down.killed, "SIGKILL");
});

test("what asks to end is not taken for killed", async (context) => {
  const system = context.use(
    TestSystem.start({
      start: {
        asks: dummy([{ sleep: 20 }, { exit: 0 }], { restart: quick }),
        fails: dummy([{ sleep: 20 }, { exit: 3 }], { restart: { ...quick, mode: "never" } }),
      },
    }),
  );
  const asks = await system.untilChild("asks", "exits", ({ state }) => state === "exited");
  const fails = await system.untilChild("fails", "exits", ({ state }) => state === "exited");
  const { exited, restarts, killed } = asks;
  assert.equal({ exited, restarts, killed }, { exited: 0, restarts: undefined, killed: undefined });
  assert.is(fails.exited, 3);
});

test("the crash of a component and of a component of a nested init is seen, five times each", async (context) => {
  const restart = { limit: 10, within: "1m", backoff: { initial: "5ms", max: "5ms" } };
  const nested = { parentProvides: ["ROM", "LOG", "Spawner"], defaultRoute: { "*": "parent" } };
  const system = context.use(
    TestSystem.start({
      start: {
        direct: dummy([{ log: "started" }, { sleep: 20 }, { crash: "throw" }], { restart }),
        outer: {
          binary: "init",
          config: {
            ...nested,
            start: {
              inner: dummy([{ open: { service: "LOG" } }, { say: "started" }, { sleep: 20 }, { crash: "throw" }], {
                restart,
              }),
            },
          },
        },
      },
    }),
  );
  await system.untilChild("direct", "restarts five times", ({ restarts }) => (restarts ?? 0) >= 5);
  await system.until(
    "the component inside restarts five times",
    () => system.lines("outer -> inner").filter((line) => line === "started").length >= 6,
  );
  assert.is(system.child("outer").restarts, undefined, "the nested init itself lives on");
});

test("an exit that propagates ends the init, nested ones included, with the same value", async (context) => {
  const nested = { parentProvides: ["ROM", "Spawner"], defaultRoute: { "*": "parent" } };
  const propagate = { exit: { propagate: true } };
  const inner = dummy([{ sleep: 50 }, { exit: 7 }], propagate);
  const outer = { binary: "init", config: { ...nested, start: { inner } }, ...propagate };
  const system = context.use(TestSystem.start({ start: { outer } }));
  await system.until("the root ends", () => system.exits.length > 0);
  assert.equal(system.exits, [7]);
});

test("priority and affinity are those of the real process; outside of the space there is a warning, and it starts", async (context) => {
  const system = context.use(
    TestSystem.start({
      prioLevels: 4,
      affinitySpace: { width: 2, height: 64 },
      start: {
        low: dummy([], { priority: -3, affinity: { x: 1, y: 0 } }),
        larger: dummy([], { affinity: { x: 0, y: 63 } }),
        high: dummy([]),
        outside: dummy([], { affinity: { x: 2 } }),
      },
    }),
  );
  await system.until("all run", ({ children }) =>
    ["low", "high", "larger", "outside"].every((name) => children[name]?.state === "alive"),
  );
  const fact = (name: string, key: string): string =>
    new RegExp(`^${key}:\\s+(.*)$`, "m").exec(readFileSync(`/proc/${system.pid(name)}/status`, "utf8"))?.[1] as string;
  const nice = (name: string): number =>
    Number(
      readFileSync(`/proc/${system.pid(name)}/stat`, "utf8")
        .split(") ")[1]
        ?.split(" ")[16],
    );
  const all = /^Cpus_allowed_list:\s+(.*)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  assert.match(fact("low", "Cpus_allowed_list"), /^[0-9]+$/);
  if (cpus().length > 1) assert.is.not(fact("low", "Cpus_allowed_list"), "0");
  assert.match(fact("larger", "Cpus_allowed_list"), /^[0-9]+$/, "a space larger than the machine wraps around");
  assert.is(fact("outside", "Cpus_allowed_list"), all);
  assert.is(nice("low") - nice("high"), 19);
  assert.ok(system.lines("init").some((line) => line.includes('"outside" runs on all CPUs')));
});

test("recursive inits come and go together", async (context) => {
  const nested = { parentProvides: ["ROM", "Spawner"], defaultRoute: { "*": "parent" } };
  const generation = (depth: number): object =>
    depth === 0
      ? dummy([])
      : {
          binary: "init",
          ram: `${2 ** depth}M`,
          caps: 60 * 3 ** depth,
          config: {
            ...nested,
            default: { ram: "1M", caps: 40 },
            start: { left: generation(depth - 1), right: generation(depth - 1) },
          },
        };
  const system = context.use(TestSystem.start({ start: {} }));
  const children = (pid: number): number[] => {
    try {
      return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
    } catch {
      return []; // it has just ended
    }
  };
  const descendants = (pid: number): number => children(pid).reduce((sum, child) => sum + 1 + descendants(child), 0);
  const before = descendants(process.pid);
  for (let round = 0; round < 2; ++round) {
    await system.apply({ start: { bomb: generation(2) } });
    // Two generations of inits, four components: seven processes.
    await system.until("all are there", () => descendants(process.pid) >= before + 7, 15_000);
    await system.apply({ start: {} });
    await system.until("all are gone", () => descendants(process.pid) <= before + 1);
  }
});

test.run();
