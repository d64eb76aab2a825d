// timeout: 120s
/** The commands against a running system. */
import { existsSync } from "node:fs";
import * as assert from "uvu/assert";
import type { LogEvent, UsageReport } from "../../root/control-protocol.js";
import { eventually, processRuns, processTree, RunningSystem } from "../support/running-system.js";
import { suite } from "../support/suite.js";

const test = suite("bulkhead against a running system");

const system = `{
  "parentProvides": ["ROM", "LOG"],
  "defaultRoute": { "ROM": "parent", "Timer": "timer" },
  "start": {
    "timer": { "provides": ["Timer"] },
    "ticker": { "binary": "test/ticker", "config": { "mark": 1 } },
    "other": { "binary": "test/hello", "config": { "a": 1 } }
  }
}`;
const limits = { timeout: 60_000 };

test("status, sessions and top say what runs", limits, async (context) => {
  const running = context.use(await RunningSystem.start(system));
  const { system: facts, state, processes } = await running.status();
  assert.is(facts.pid, running.pid);
  assert.is(facts.file, running.file);
  assert.equal(Object.keys(state.children), ["timer", "ticker", "other"]);
  for (const name of Object.keys(state.children)) {
    const { pid, measures } = processes[name] as { pid: number; measures: readonly string[] };
    assert.ok(processRuns(pid), `${name} runs as process ${pid}`);
    assert.ok(measures.includes("system-call-filter"));
  }
  const { sessions } = await running.json<{
    sessions: { client: string; server: string; service: string; label: string }[];
  }>("sessions", "timer");
  assert.equal(
    sessions.map(({ client, server, service }) => [client, server, service]),
    [
      ["timer", "parent", "ROM"],
      ["ticker", "timer", "Timer"],
    ],
  );
  const { components } = await running.json<UsageReport>("top", "--once", "--interval", "50");
  assert.equal(components.map(({ name }) => name).sort(), ["other", "ticker", "timer"]);
  assert.ok(components.every(({ cpuTime, memory }) => cpuTime > 0 && (memory ?? 0) > 1 << 20));
  const text = (await running.run("status")).output;
  assert.match(text, /ticker +alive/);
  assert.not.match(text, /\u001b/);
});

test("restart and kill start a component anew, and nothing else", limits, async (context) => {
  const running = context.use(await RunningSystem.start(system));
  const before = await running.status();
  assert.is((await running.run("restart", "other")).code, 0);
  const after = await running.status();
  assert.not.equal(after.state.children["other"]?.id, before.state.children["other"]?.id);
  assert.is(after.state.children["other"]?.restarts, undefined, "a restart by hand is no crash");
  for (const name of ["timer", "ticker"]) assert.is(after.processes[name]?.pid, before.processes[name]?.pid);

  assert.is((await running.run("kill", "timer")).code, 0);
  const child = await eventually("the timer is alive again", async () => {
    const { state } = await running.status();
    return state.children["timer"]?.state === "alive" && state.children["timer"].restarts === 1
      ? state.children["timer"]
      : undefined;
  });
  assert.match(child.failure ?? "", "SIGKILL");
  await eventually("the client has its session again", async () => {
    const { sessions } = await running.json<{ sessions: { client: string; state: string }[] }>("sessions", "timer");
    return sessions.some(({ client, state }) => client === "ticker" && state === "OPEN") ? true : undefined;
  });
  assert.is((await running.status()).processes["ticker"]?.pid, before.processes["ticker"]?.pid);
});

const nested = `{
  "parentProvides": ["ROM", "LOG", "Spawner"],
  "defaultRoute": { "ROM": "parent", "LOG": "parent", "Spawner": "parent", "Timer": "timer" },
  "start": {
    "timer": { "provides": ["Timer"] },
    "inits": {
      "binary": "init", "ram": "64M", "caps": 1000,
      "config": {
        "parentProvides": ["ROM", "LOG", "Spawner", "Timer"],
        "defaultRoute": { "*": "parent" },
        "start": {
          "ticker": { "binary": "test/ticker", "config": { "mark": 1 } },
          "deeper": {
            "binary": "init", "ram": "24M", "caps": 300,
            "config": {
              "parentProvides": ["ROM", "LOG", "Timer"],
              "start": { "gone": { "binary": "test/none", "route": { "*": "parent" } } }
            }
          }
        }
      }
    }
  }
}`;

test("components of a nested init are among the others, and may be killed", limits, async (context) => {
  const running = context.use(await RunningSystem.start(nested));
  const inside = async () => (await running.status()).state.children["inits"]?.children ?? {};
  await eventually("what is inside is told", async () => {
    const { ticker, deeper } = await inside();
    return ticker?.state === "alive" && deeper?.children?.["gone"] !== undefined ? true : undefined;
  });
  const ticker = "inits -> ticker";
  const pidOf = async () => (await running.status()).processes[ticker]?.pid;
  const pid = (await pidOf()) as number;
  assert.ok(processRuns(pid));
  const text = (await running.run("status")).output;
  assert.match(text, new RegExp(`^${ticker} +alive +${pid} `, "m"));
  assert.match(text, /^inits -> deeper -> gone +(incomplete|waiting|starting|crash-loop) /m);
  const { sessions } = await running.json<{ sessions: { client: string; server: string; service: string }[] }>(
    "sessions",
    "timer",
  );
  assert.equal(
    sessions.filter(({ service }) => service === "Timer").map(({ client, server }) => [client, server]),
    [[ticker, "timer"]],
  );
  const usage = (await running.json<UsageReport>("top", "--once", "--interval", "50")).components;
  const used = usage.find(({ name }) => name === ticker);
  assert.is(used?.pid, pid);
  assert.ok(used !== undefined && used.cpuTime > 0 && (used.memory ?? 0) > 1 << 20 && used.sessions > 1);

  const refused = await running.run("restart", ticker);
  assert.is(refused.code, 1);
  assert.match(refused.errors, 'restart "inits"');
  assert.is((await running.run("kill", ticker)).code, 0);
  await eventually("it runs again", async () => {
    const now = await pidOf();
    return now !== undefined && now !== pid ? true : undefined;
  });
  await eventually("its restart is told", async () => ((await inside())["ticker"]?.restarts === 1 ? true : undefined));
  assert.is((await running.status()).state.children["inits"]?.restarts, undefined);
  const gone = "inits -> deeper -> gone";
  assert.match((await running.run("kill", gone)).errors, "it is not running");
  assert.match((await running.run("restart", gone)).errors, 'it belongs to "inits -> deeper"');
  assert.match((await running.run("kill", "inits -> nobody")).errors, "There is no component");
});

test("logs show what components said, and follow it", limits, async (context) => {
  const running = context.use(await RunningSystem.start(system));
  const { lines } = await running.json<{ lines: LogEvent[] }>("logs", "ticker");
  assert.equal(
    lines.map(({ label, text }) => [label, text]),
    [["ticker", 'started with {"mark":1}']],
  );
  const follower = running.run("logs", "-f", "--json", "other");
  await running.run("restart", "other");
  await eventually("the new one has spoken", async () => {
    const { lines: said } = await running.json<{ lines: LogEvent[] }>("logs", "other");
    return said.length === 2 ? true : undefined;
  });
  await running.run("down");
  const { code, output } = await follower;
  assert.is(code, 0, "the end of the system ends the command");
  const followed = output
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as LogEvent).text);
  assert.equal(followed, ['hello from other: {"a":1}', 'hello from other: {"a":1}']);
});

test("explain shows the way to a decision, and its exit code the decision", limits, async (context) => {
  const running = context.use(await RunningSystem.start(system));
  const denied = await running.run("explain", "other", "Block", "disk", "--json");
  assert.is(denied.code, 1);
  const { resolution, steps } = JSON.parse(denied.output) as {
    resolution: { kind: string; reason: string };
    steps: { rule: string }[];
  };
  assert.is(resolution.kind, "denied");
  assert.match(resolution.reason, "Block");
  assert.is(steps.length, 2);
  const routed = await running.run("explain", "ticker", "Timer");
  assert.is(routed.code, 0);
  assert.match(routed.output, 'goes to child "timer" with the label "ticker"');
  assert.is((await running.run("explain", "tickr", "Timer")).code, 1);
});

test("an edited system file restarts only what it must", limits, async (context) => {
  const running = context.use(await RunningSystem.start(system));
  const before = await running.status();
  const ids = (status: typeof before): Record<string, number | undefined> =>
    Object.fromEntries(Object.entries(status.state.children).map(([name, { id }]) => [name, id]));

  running.edit((text) => text.replace('"mark": 1', '"mark": 2'));
  await eventually("the new config arrives", () =>
    running.printed.includes('configured with {"mark":2}') ? true : undefined,
  );
  assert.equal(ids(await running.status()), ids(before), "a config restarts nobody");

  running.edit((text) => text.replace('"binary": "test/hello"', '"binary": "test/hello", "version": 2'));
  const changed = await eventually("the new version runs", async () => {
    const status = await running.status();
    return status.state.children["other"]?.version === "2" && status.state.children["other"].state === "alive"
      ? status
      : undefined;
  });
  assert.is.not(ids(changed)["other"], ids(before)["other"]);
  assert.is(ids(changed)["timer"], ids(before)["timer"]);
  assert.is(ids(changed)["ticker"], ids(before)["ticker"]);

  running.edit((text) => text.replace('"start"', '"strat"'));
  await eventually("the mistake is reported", () =>
    running.printed.includes('did you mean "start"') ? true : undefined,
  );
  assert.equal(ids(await running.status()), ids(changed), "a file with a mistake changes nothing");
  assert.is((await running.run("config", "reload")).code, 1);
  assert.is((await running.run("config", "check")).code, 3);
});

test("a second system on the same socket is refused; one on a dead socket is not", limits, async (context) => {
  const running = context.use(await RunningSystem.start(system));
  const second = await running.run("up");
  assert.is(second.code, 1);
  assert.match(second.errors, "runs already");
  assert.is((await running.status()).system.pid, running.pid, "the first is unharmed");
  const processes = processTree(running.pid);
  running.process.kill("SIGKILL");
  await running.ended;
  await eventually("the components end with their root", () => (processes.some(processRuns) ? undefined : true));
  assert.ok(existsSync(running.socket), "a killed root leaves its socket");
  const third = await running.run("up", "--once", "--json");
  assert.is(third.code, 0, third.errors);
  assert.not.ok(existsSync(running.socket));
});

for (const [how, end] of [
  ["SIGINT", (running: RunningSystem) => void running.process.kill("SIGINT")],
  ["SIGTERM", (running: RunningSystem) => void running.process.kill("SIGTERM")],
  ["bulkhead down", async (running: RunningSystem) => assert.is((await running.run("down")).code, 0)],
] as const) {
  test(`${how} ends everything and leaves nothing`, limits, async (context) => {
    const running = context.use(await RunningSystem.start(system));
    const processes = processTree(running.pid);
    assert.ok(processes.length >= 5, "root, spawner, three components");
    await end(running);
    assert.is(await running.ended, 0);
    assert.equal(processes.filter(processRuns), []);
    assert.not.ok(existsSync(running.socket));
    assert.is((await running.run("status")).code, 4);
  });
}

test.run();
