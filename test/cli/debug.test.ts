// timeout: 300s
/** Debugging sandboxed components: with clients of the inspector protocol that are not ours. */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import type { LogEvent } from "../../root/control-protocol.js";
import { Debugging, InspectorClient, type MappedScript, type Notification } from "../support/debugger.js";
import { eventually, RunningSystem } from "../support/running-system.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("bulkhead debug");

/** Beats often, and gives up soon: a component that stands at a breakpoint would be ended in half a second. */
const heartbeat = { restartAfterSkipped: 2 };
const counters = {
  parentProvides: ["ROM", "LOG", "Spawner"],
  heartbeat: { rate: "100ms" },
  defaultRoute: { "*": "parent" },
  start: { counter: { binary: "test/counter", heartbeat }, other: { binary: "test/counter", heartbeat } },
};
const system = JSON.stringify(counters);
const nested = JSON.stringify({
  ...counters,
  start: { ...counters.start, inner: { binary: "init", ram: "64M", caps: 400, config: counters } },
});
const limits = { timeout: 60_000 };

const sourceFile = fileURLToPath(new URL("../../../test/components/counter.ts", import.meta.url));
const componentFile = fileURLToPath(new URL("../../../base/component.ts", import.meta.url));
/** The line of the counter's source that holds this text, from 1. */
function lineOf(text: string, file = sourceFile): number {
  const line = readFileSync(file, "utf8")
    .split("\n")
    .findIndex((one) => one.includes(text));
  assert.ok(line >= 0, `${text} is in ${file}`);
  return line + 1;
}

async function start(context: Context): Promise<RunningSystem> {
  return context.use(await RunningSystem.start(system));
}

async function attach(context: Context, debugging: Debugging): Promise<InspectorClient> {
  const client = context.use(await InspectorClient.connect(debugging.facts.url));
  await client.ask("Runtime.enable");
  await client.ask("Debugger.enable");
  return client;
}

/** Sets a breakpoint in a line of the TypeScript source, as debuggers do. */
async function breakAt(client: InspectorClient, script: MappedScript, text: string): Promise<string> {
  const place = script.generated("/counter.ts", lineOf(text));
  const set = await client.ask("Debugger.setBreakpointByUrl", { urlRegex: ".*/test/counter\\.cjs", ...place });
  assert.is(set.locations.length, 1);
  return set.breakpointId as string;
}

function placeOf(script: MappedScript, { params }: Notification): { source: string; line: number } {
  const { lineNumber, columnNumber } = params.callFrames[0].location;
  return script.original(lineNumber, columnNumber);
}

async function evaluated(client: InspectorClient, { params }: Notification, expression: string): Promise<unknown> {
  const [{ callFrameId }] = params.callFrames;
  return (await client.ask("Debugger.evaluateOnCallFrame", { callFrameId, expression })).result.value;
}

/** The number that a component said last. */
async function counted(running: RunningSystem, label: string): Promise<number> {
  const { lines } = await running.json<{ lines: LogEvent[] }>("logs", "-n", "1", label);
  return Number(/counted (\d+)/.exec(lines.at(-1)?.text ?? "")?.[1] ?? 0);
}

async function countsOn(running: RunningSystem, label: string): Promise<void> {
  const before = await counted(running, label);
  await eventually(`${label} counts on from ${before}`, async () =>
    (await counted(running, label)) > before ? true : undefined,
  );
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

test(
  "a breakpoint in a TypeScript line stops a fully isolated component, and nothing ends it meanwhile",
  limits,
  async (context) => {
    const running = await start(context);
    const before = await running.status();
    assert.is(before.state.children["counter"]?.isolation, "full");
    const debugging = context.use(await Debugging.start(running, "counter"));
    assert.is(debugging.facts.pid, before.processes["counter"]?.pid);
    const client = await attach(context, debugging);
    const script = await client.script("/test/counter.cjs");
    const breakpointId = await breakAt(client, script, "total = before + step");
    const stop = await client.take("Debugger.paused");
    assert.equal(placeOf(script, stop), {
      source: `file://${sourceFile}`,
      line: lineOf("total = before + step"),
    });
    const value = Number(await evaluated(client, stop, "before + step"));
    assert.ok(value > 0);

    // Several times as long as its heartbeats allow.
    await pause(1500);
    assert.is(await counted(running, "counter"), value - 1, "it stands");
    await client.ask("Debugger.stepOver");
    const next = await client.take("Debugger.paused");
    assert.is(placeOf(script, next).line, lineOf("return total"));
    assert.is(await evaluated(client, next, "total"), value);
    await client.ask("Debugger.removeBreakpoint", { breakpointId });
    await client.ask("Debugger.resume");
    await client.take("Debugger.resumed");
    await countsOn(running, "counter");
    await pause(500);
    const after = await running.status();
    assert.is(after.processes["counter"]?.pid, before.processes["counter"]?.pid, "it was never started anew");
    assert.is(after.state.children["counter"]?.restarts, undefined);
  },
);

for (const level of ["no-namespaces", "seccomp"]) {
  test(`at level ${level}, in a process that waited ready, it is the same`, limits, async (context) => {
    const running = context.use(await RunningSystem.start(system, ["--isolation", level, "--parked", "2"]));
    await eventually("a process waits ready", async () =>
      (await running.run("restart", "counter")).code === 0 && (await running.status()).system.starts.parked > 0
        ? true
        : undefined,
    );
    const client = await attach(context, context.use(await Debugging.start(running, "counter")));
    await client.script("/framework.cjs");
    await breakAt(client, await client.script("/test/counter.cjs"), "return total");
    const stop = await client.take("Debugger.paused");
    assert.ok(Number(await evaluated(client, stop, "total")) > 0);
    await client[Symbol.asyncDispose]();
    await countsOn(running, "counter");
  });
}

test("a debugger that goes leaves nothing behind, and the next one may come", limits, async (context) => {
  const running = await start(context);
  const debugging = context.use(await Debugging.start(running, "counter"));
  for (const round of [1, 2]) {
    const client = await attach(context, debugging);
    await breakAt(client, await client.script("/test/counter.cjs"), "return total");
    await client.take("Debugger.paused");
    await client[Symbol.asyncDispose]();
    await countsOn(running, "counter");
    assert.ok(debugging.notes.split("The debugger has gone").length >= round);
  }
  debugging.process.kill("SIGINT");
  assert.is(await debugging.ended, 0);
  await countsOn(running, "counter");
});

test(
  "a pause stops in the component's code or the framework's, also where that of Node.js is hidden",
  limits,
  async (context) => {
    const running = await start(context);
    const debugging = context.use(await Debugging.start(running, "counter"));
    const client = await attach(context, debugging);
    const script = await client.script("/test/counter.cjs");
    const framework = await client.script("/framework.cjs");
    for (const patterns of [[], ["^node:", "/loader\\.cjs$"]]) {
      await client.ask("Debugger.setBlackboxPatterns", { patterns });
      await client.ask("Debugger.pause");
      const stop = await client.take("Debugger.paused");
      const { scriptId } = stop.params.callFrames[0].location;
      assert.ok([script.scriptId, framework.scriptId].includes(scriptId), `it stops in script ${scriptId}`);
      await client.ask("Debugger.resume");
      await client.take("Debugger.resumed");
    }
    assert.equal(
      client.notifications.filter(({ method }) => method === "Debugger.paused" || method === "Debugger.resumed"),
      [],
      "of the steps on the way it hears nothing",
    );
    await countsOn(running, "counter");
  },
);

test("messages may be larger than any socket's buffer", limits, async (context) => {
  const running = await start(context);
  const client = await attach(context, context.use(await Debugging.start(running, "counter")));
  const size = 3_000_000;
  const { result } = await client.ask("Runtime.evaluate", { expression: `"ä".repeat(${size})` });
  assert.is(result.value, "ä".repeat(size));
  const told = await client.ask("Runtime.evaluate", { expression: `"${"ö".repeat(size)}".length` });
  assert.is(told.result.value, size);
  await countsOn(running, "counter");
});

test("with --wait a component stops before its first line", limits, async (context) => {
  const running = await start(context);
  const before = await running.status();
  const debugging = context.use(await Debugging.start(running, "--wait", "counter"));
  assert.ok(debugging.facts.waits);
  assert.is.not(debugging.facts.pid, before.processes["counter"]?.pid);
  // A debugger that only looks in leaves it waiting, for longer than its heartbeats allow.
  await (await attach(context, debugging))[Symbol.asyncDispose]();
  await pause(700);
  const client = await attach(context, debugging);
  await client.ask("Runtime.runIfWaitingForDebugger");
  const script = await client.script("/test/counter.cjs");
  const stop = await client.take("Debugger.paused");
  assert.is(stop.params.reason, "Break on start");
  assert.is(stop.params.callFrames[0].location.scriptId, script.scriptId);
  const { breakpointId } = await client.ask("Debugger.setBreakpointByUrl", {
    url: script.url,
    ...script.generated("/counter.ts", lineOf("total = before + step")),
  });
  await client.ask("Debugger.resume");
  const first = await client.take("Debugger.paused");
  assert.equal(first.params.hitBreakpoints, [breakpointId]);
  assert.is(await evaluated(client, first, "before"), 0, "the very first time");
});

test("a component that waits for a debugger which gives up begins", limits, async (context) => {
  const running = await start(context);
  const debugging = context.use(await Debugging.start(running, "--wait", "counter"));
  await pause(300);
  debugging.process.kill("SIGKILL");
  await countsOn(running, "counter");
  assert.is((await running.status()).processes["counter"]?.pid, debugging.facts.pid);
});

test("components are debugged side by side, in a nested init too", limits, async (context) => {
  const running = context.use(await RunningSystem.start(nested));
  const stops: [InspectorClient, Notification][] = [];
  for (const label of ["counter", "inner -> counter"]) {
    const client = await attach(context, context.use(await Debugging.start(running, label)));
    await breakAt(client, await client.script("/test/counter.cjs"), "return total");
    stops.push([client, await client.take("Debugger.paused")]);
  }
  const values = await Promise.all(stops.map(([client, stop]) => evaluated(client, stop, "total")));
  await countsOn(running, "other");
  await pause(1000);
  for (const [index, [client, stop]] of stops.entries()) {
    assert.is(await evaluated(client, stop, "total"), values[index], "both stand where they stood");
    await client[Symbol.asyncDispose]();
  }
  await countsOn(running, "counter");
  await countsOn(running, "inner -> counter");
  const second = context.use(await Debugging.start(running, "other"));
  const refused = await running.run("debug", "other");
  assert.is(refused.code, 1);
  assert.match(refused.errors, "is being debugged already");
  assert.is(second.process.exitCode, null);
});

for (const [when, standing] of [
  ["stands", true],
  ["runs", false],
] as const) {
  test(`a component that is killed while it ${when} under a debugger: both are told`, limits, async (context) => {
    const running = await start(context);
    const debugging = context.use(await Debugging.start(running, "counter"));
    const client = await attach(context, debugging);
    if (standing) {
      await breakAt(client, await client.script("/test/counter.cjs"), "return total");
      await client.take("Debugger.paused");
    }
    assert.is((await running.run("kill", "counter")).code, 0);
    const { params } = await client.take("Inspector.detached");
    assert.match(params.reason, '"counter" was ended by SIGKILL');
    assert.equal(await client.closed, { code: 1001, reason: params.reason });
    assert.is(await debugging.ended, 1);
    assert.match(debugging.notes, '"counter" was ended by SIGKILL');
    await countsOn(running, "counter");
  });
}

test("web pages, strangers and second debuggers are refused", limits, async (context) => {
  const running = await start(context);
  const debugging = context.use(await Debugging.start(running, "counter"));
  const { url, address } = debugging.facts;
  const refusal = (to: string, options?: Parameters<typeof InspectorClient.connect>[1]): Promise<string> =>
    InspectorClient.connect(to, options).then(
      (client) => client[Symbol.asyncDispose]().then(() => "accepted"),
      (error: Error) => error.message,
    );
  assert.match(await refusal(url, { origin: "http://localhost:8080" }), "403");
  assert.match(await refusal(url, { origin: "null" }), "403");
  assert.match(await refusal(url, { headers: { Host: "rebound.example:9229" } }), "403");
  assert.match(await refusal(`ws://${address}/00000000-0000-0000-0000-000000000000`), "404");
  const page = await new Promise((resolve, reject) =>
    get(`http://${address}/json/list`, { headers: { Host: "rebound.example" } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", reject),
  );
  assert.is(page, 403);
  const first = context.use(await InspectorClient.connect(url, { origin: "devtools://devtools" }));
  assert.match(await refusal(url), "409");
  assert.is((await first.ask("Runtime.evaluate", { expression: "6 * 7" })).result.value, 42);
});

test("node inspect finds it, stops in it and looks into it", limits, async (context) => {
  const running = await start(context);
  const debugging = context.use(await Debugging.start(running, "counter"));
  const bundle = fileURLToPath(new URL("../../components/test/counter.cjs", import.meta.url));
  const line = lineOf("total = before + step", bundle);
  const client = spawn(process.execPath, ["inspect", debugging.facts.address], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => client.once("close", () => resolve()));
  context.defer(async () => {
    client.kill("SIGKILL");
    await ended;
  });
  let printed = "";
  client.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  const says = (text: string | RegExp): Promise<true> =>
    eventually(`node inspect says ${String(text)}:\n${printed}`, () =>
      (typeof text === "string" ? printed.includes(text) : text.test(printed)) ? true : undefined,
    );
  await says("debug>");
  client.stdin.write(`setBreakpoint('counter.cjs', ${line})\n`);
  await says(`break in`);
  await says(new RegExp(`> ?${line} `));
  printed = "";
  client.stdin.write("exec('before + step === total + 1')\n");
  await says("true");
  client.stdin.write(`clearBreakpoint('counter.cjs', ${line})\n`);
  client.stdin.write("cont\n");
  await countsOn(running, "counter");
  client.stdin.write(".exit\n");
  await ended;
  await debugging.noted("The debugger has gone");
  await countsOn(running, "counter");
});

test("a component of one's own has its sources, and no source map in its process", limits, async (context) => {
  const running = await start(context);
  const own = join(running.folder, "own.ts");
  writeFileSync(
    own,
    `import { component } from "bulkhead";\ninterface Turn { number: number }\nconst turn: Turn = { number: 0 };\ncomponent(() => {\n  setInterval(() => {\n    turn.number += 1;\n  }, 20);\n});\n`,
  );
  running.edit((text) => text.replace('"other":', '"own": { "binary": "./own.ts" }, "other":'));
  await eventually("it is alive", async () =>
    (await running.status()).state.children["own"]?.state === "alive" ? true : undefined,
  );
  const client = await attach(context, context.use(await Debugging.start(running, "own")));
  const script = await client.script("own.ts.cjs");
  const place = script.generated("/own.ts", 6);
  await client.ask("Debugger.setBreakpointByUrl", { url: script.url, ...place });
  const stop = await client.take("Debugger.paused");
  assert.equal(placeOf(script, stop), { source: `file://${own}`, line: 6 });
  const framework = await client.script("/framework.cjs");
  assert.ok(framework.generated("/base/component.ts", lineOf("const env = new Env(start)", componentFile)));
  const { scriptSource } = await client.ask("Debugger.getScriptSource", { scriptId: script.scriptId });
  assert.not.match(scriptSource, "sourceMappingURL=data:");
});

test("a component that answers its debugger with nonsense harms nobody", limits, async (context) => {
  const running = await start(context);
  running.edit((text) => text.replace('"other":', '"babbler": { "binary": "test/babbler" }, "other":'));
  await eventually("it is alive", async () =>
    (await running.status()).state.children["babbler"]?.state === "alive" ? true : undefined,
  );
  const debugging = context.use(await Debugging.start(running, "babbler"));
  const client = context.use(await InspectorClient.connect(debugging.facts.url));
  assert.is(await debugging.ended, 1);
  assert.match(debugging.notes, "does not speak the inspector protocol");
  await client.closed;
  await countsOn(running, "counter");
  assert.is((await running.status()).state.children["babbler"]?.state, "alive");
});

test(
  "a component that computes hears its debugger when it is done, and the user is told why not before",
  limits,
  async (context) => {
    const running = await start(context);
    const busy = { binary: "test/dummy", config: { steps: [{ sleep: 1 }, { block: 6000 }] } };
    running.edit((text) => text.replace('"other":', `"busy": ${JSON.stringify(busy)}, "other":`));
    await eventually("it is alive", async () =>
      (await running.status()).state.children["busy"]?.state === "alive" ? true : undefined,
    );
    const debugging = context.use(await Debugging.start(running, "busy"));
    const client = context.use(await InspectorClient.connect(debugging.facts.url));
    const answer = client.ask("Runtime.evaluate", { expression: "6 * 7" });
    await debugging.noted("does not answer yet");
    assert.is((await answer).result.value, 42);
  },
);

test("what cannot be debugged is said", limits, async (context) => {
  const running = await start(context);
  const unknown = await running.run("debug", "countr");
  assert.is(unknown.code, 1);
  assert.match(unknown.errors, 'did you mean "counter"');
  assert.is((await running.run("debug", "--wait", "countr")).code, 1);
  assert.is((await running.run("debug", "counter", "--port", "70000")).code, 2);
  assert.is((await running.run("debug")).code, 2);
});

test.run();
