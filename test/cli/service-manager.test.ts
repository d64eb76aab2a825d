// timeout: 120s
/** What `bulkhead up` tells a service manager, heard by a program that is none of ours. */
import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as assert from "uvu/assert";
import { eventually, processTree, RunningSystem } from "../support/running-system.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("service manager");
const limits = { timeout: 60_000 };

const system = `{
  "parentProvides": ["ROM", "LOG"],
  "defaultRoute": { "ROM": "parent", "Timer": "timer" },
  "start": { "timer": { "provides": ["Timer"] }, "ticker": { "binary": "test/ticker", "config": { "mark": 1 } } }
}`;

/** Prints each datagram in a line, as JSON. */
const listener = `
import json, socket, sys
heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
address = sys.argv[1]
heard.bind(chr(0) + address[1:] if address[0] == "@" else address)
print("[]", flush=True)
while True: print(json.dumps(heard.recv(4096).decode().split(chr(10))), flush=True)
`;

/** Listens at the address until the test ends; resolves to the lines heard so far, which grow. */
async function manager(context: Context, address: string): Promise<readonly string[]> {
  const heard: string[] = [];
  const child = spawn("python3", ["-c", listener, address], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  context.defer(async () => {
    child.kill();
    await ended;
    if (address.startsWith("/")) rmSync(address);
  });
  const lines = createInterface(child.stdout);
  await new Promise<void>((resolve, reject) => {
    lines.once("line", () => resolve());
    child.once("error", reject);
  });
  lines.on("line", (line) => heard.push(...(JSON.parse(line) as string[])));
  return heard;
}

function count(heard: readonly string[], line: string): number {
  return heard.filter((one) => one === line).length;
}

/** Waits until the line was heard so often. */
function until(heard: readonly string[], line: string, times = 1): Promise<true> {
  return eventually(`${times} times "${line}"`, () => (count(heard, line) >= times ? true : undefined));
}

for (const address of [join(tmpdir(), "notify.sock"), `@bulkhead-test-${process.pid}`])
  test(
    `${address.slice(0, 1)}: hears once that the system runs, how it is, and that it ends`,
    limits,
    async (context) => {
      const heard = await manager(context, address);
      const running = context.use(await RunningSystem.start(system, [], { NOTIFY_SOCKET: address }));
      await until(heard, "READY=1");
      await until(heard, "STATUS=2 of 2 components alive");
      running.edit((text) =>
        text.replace('"binary": "test/ticker"', '"binary": "test/ticker", "route": { "ROM": "parent" }'),
      );
      await until(heard, "STATUS=1 of 2 components alive; not ticker (incomplete)");
      assert.is((await running.run("down")).code, 0);
      await running.ended;
      await until(heard, "STOPPING=1");
      assert.is(count(heard, "READY=1"), 1);
      assert.is(count(heard, "WATCHDOG=1"), 0, "nobody asked for it");
    },
  );

test("hears that the system answers, but not while its spawner is stopped", limits, async (context) => {
  const address = join(tmpdir(), "watchdog.sock");
  const heard = await manager(context, address);
  const period = 100;
  const running = context.use(
    await RunningSystem.start(system, [], { NOTIFY_SOCKET: address, WATCHDOG_USEC: String(period * 1000) }),
  );
  await until(heard, "WATCHDOG=1", 5);
  const spawner = processTree(running.pid).find((pid) =>
    /^bulkhead-spawn$/m.test(readFileSync(`/proc/${pid}/comm`, "utf8")),
  );
  assert.ok(spawner);
  process.kill(spawner as number, "SIGSTOP");
  context.defer(() => void process.kill(spawner as number, "SIGCONT"));
  // What was on its way may still come.
  await new Promise((resolve) => setTimeout(resolve, 2 * period));
  const before = count(heard, "WATCHDOG=1");
  await new Promise((resolve) => setTimeout(resolve, 10 * period));
  assert.is(count(heard, "WATCHDOG=1"), before);
  process.kill(spawner as number, "SIGCONT");
  await until(heard, "WATCHDOG=1", before + 5);
});

test("a process for which the watchdog is not meant feeds none", limits, async (context) => {
  const address = join(tmpdir(), "other.sock");
  const heard = await manager(context, address);
  const environment = { NOTIFY_SOCKET: address, WATCHDOG_USEC: "20000", WATCHDOG_PID: "1" };
  context.use(await RunningSystem.start(system, [], environment));
  await until(heard, "STATUS=2 of 2 components alive");
  assert.is(count(heard, "WATCHDOG=1"), 0);
});

test("a manager that is gone does not end the system", limits, async (context) => {
  const running = context.use(
    await RunningSystem.start(system, [], { NOTIFY_SOCKET: join(tmpdir(), "nobody.sock"), WATCHDOG_USEC: "100000" }),
  );
  await eventually("the system says so", () =>
    running.printed.includes("Cannot tell the service manager") ? true : undefined,
  );
  assert.is((await running.run("status")).code, 0);
});

test.run();
