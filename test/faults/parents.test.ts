// exclusive
// timeout: 120s
/** The death of what others depend on to live: the spawner under load, and a nested init under load. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { eventually, processRuns, processTree, RunningSystem } from "../support/running-system.js";
import { suite } from "../support/suite.js";
import { type BlockSummary, FaultSystem, percentile, rounds, type StartDocument } from "./fault-system.js";
import { controlGroups, linkOf } from "./host.js";

const test = suite("deaths of parents");

const route = { LOG: "parent", ROM: "parent", Timer: "timer", Block: "block" };
const load = (first: number): StartDocument => ({
  binary: "test/block-load",
  ram: "8M",
  caps: 100,
  route,
  config: { first, blocks: 64, workers: 4 },
});
const block: StartDocument = {
  ram: "16M",
  caps: 200,
  provides: ["Block"],
  grants: { disk: { ram: "16M" } },
  config: { defaultPolicy: { writeable: true } },
};
const timer: StartDocument = { provides: ["Timer"] };
const parentProvides = ["ROM", "LOG", "Platform", "Spawner"];

/** Two loads on a driver, a terminal, and a nested init with components of its own. */
const underLoad = {
  parentProvides,
  defaultRoute: { "*": "any-child | parent" },
  start: {
    timer,
    block,
    uart: {
      ram: "8M",
      provides: ["Uart", "Terminal"],
      grants: { line: { pty: true, link: "run/line" } },
      config: { defaultPolicy: {} },
    },
    load: load(0),
    "other-load": load(64),
    outer: {
      binary: "init",
      ram: "32M",
      caps: 600,
      route: { "*": "parent" },
      config: {
        parentProvides,
        defaultRoute: { "*": "any-child | parent" },
        start: { timer, ticker: { binary: "test/ticker" } },
      },
    },
  },
};

/** The longest that a root may take to say that its spawner is gone, at the best of a few attempts, in milliseconds. */
const noticed = 100;

test("a spawner that is killed under load ends the system at once, in order, and leaves nothing", {
  timeout: 100_000,
}, async (context) => {
  const times: number[] = [];
  for (let round = 0; round < 3; ++round) {
    const system = context.use(await RunningSystem.start(JSON.stringify(underLoad)));
    const processes = await eventually("the root, the spawner and eight components run", () => {
      const tree = processTree(system.pid);
      return tree.length >= 10 ? tree : undefined;
    });
    const spawner = processes.find((pid) => linkOf(`/proc/${pid}/exe`).endsWith("/bulkhead-spawn")) as number;
    await delay(Math.random() * 100);
    const said = new Promise<number>((resolve) => {
      for (const stream of [system.process.stdout, system.process.stderr])
        stream?.on("data", () => {
          if (system.printed.includes("The spawner was ended by SIGKILL")) resolve(performance.now());
        });
    });
    const killed = performance.now();
    process.kill(spawner, "SIGKILL");
    times.push((await said) - killed);
    assert.is(await system.ended, 1, "the exit code of a failure");
    assert.match(
      system.printed,
      /The spawner was ended by SIGKILL, and every component with it: the system ends\nhint: "bulkhead up" starts it again\n$/,
    );
    assert.not.match(system.printed, /SIGKILL.*\n.*(Cannot start|crashed|Error:)/s, "no death was taken for a crash");
    assert.equal(processes.filter(processRuns), [], "processes");
    assert.equal(controlGroups(spawner), [], "control groups");
    for (const path of [system.socket, join(system.folder, "run/line")]) assert.not(existsSync(path), path);
  }
  process.stdout.write(`noticed after ${times.map((time) => time.toFixed(0)).join(", ")} ms\n`);
  assert.ok(Math.min(...times) < noticed, `${times.join(", ")} ms`);
});

/** All processes below one. */
function below(pid: number): number[] {
  return processTree(pid).filter((one) => one !== pid);
}

test("a nested init that is killed under load takes what is inside along and comes back with it; its clients go on", {
  timeout: 100_000,
}, async (context) => {
  const inside = {
    parentProvides: [...parentProvides, "Block"],
    defaultRoute: { "*": "any-child | parent" },
    services: { Timer: "clock" },
    start: {
      clock: { binary: "timer", provides: ["Timer"] },
      load: { binary: "test/block-load", ram: "8M", caps: 100, config: { first: 64, blocks: 64, workers: 4 } },
    },
  };
  const faults = context.use(
    new FaultSystem(
      {
        block,
        timer,
        outer: {
          binary: "init",
          ram: "48M",
          caps: 800,
          provides: ["Timer"],
          route: { Block: "block", "*": "parent" },
          config: inside,
        },
        load: { ...load(0), route: { ...route, Timer: "outer" } },
        ticker: { binary: "test/ticker", config: { every: 1 }, route: { Timer: "outer", "*": "parent" } },
      },
      { parentProvides },
    ),
  );
  await faults.start();
  const inner = (): boolean =>
    faults.lines.some(({ label, text }) => label === "outer -> load" && text.includes("blockSize"));
  await faults.until("the load inside runs", inner);
  await delay(300);
  const before = faults.holdings();
  const times: number[] = [];
  for (let round = 0; round < rounds; ++round) {
    await delay(Math.random() * 30);
    faults.lines.length = 0;
    const old = below(process.pid);
    times.push(await faults.killUntilServed("outer"));
    await faults.until("the load inside runs again", inner);
    // Two of them are new, and so is the init.
    const now = below(process.pid);
    assert.ok(old.filter((pid) => !now.includes(pid)).length >= 3, "what was inside died with its parent");
    assert.equal(faults.ledgerErrors(), []);
  }
  assert.equal(await faults.settledHoldings(before), before, "what the system holds");
  for (const name of ["block", "timer", "load", "ticker"]) assert.is(faults.restarts(name), 0, `"${name}" lived on`);
  assert.is(faults.restarts("outer"), rounds);
  await faults.configure("load", { stop: true });
  const { wrong, errors } = await faults.printed<BlockSummary>("load", "done");
  assert.equal([wrong, errors], [[], {}], "the load outside lost nothing");
  process.stdout.write(
    `${rounds} deaths; served again after p50 ${percentile(times, 0.5).toFixed(0)} ms, p99 ${percentile(times, 0.99).toFixed(0)} ms\n`,
  );
});

test.run();
