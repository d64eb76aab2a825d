/** Components: how fast they start, and what the default system costs at rest. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { environment } from "./processes.js";
import { interleave, type Row } from "./row.js";
import { BenchmarkSystem, cpuSeconds, proportionalMegabytes, switches } from "./systems.js";

const empty = { parentProvides: ["ROM", "LOG"], defaultRoute: { "*": "parent" }, start: {} };
const withOne = { ...empty, start: { one: { binary: "test/hello" } } };
const defaultSystem = fileURLToPath(new URL("../../systems/default.jsonc", import.meta.url));

/** Milliseconds from the decision to start a component until it has been served its first session and says so. */
async function start(system: BenchmarkSystem): Promise<number> {
  const said = system.line("hello from");
  const apply = system.prepare(withOne);
  const before = performance.now();
  await apply();
  await said;
  const took = performance.now() - before;
  await system.prepare(empty)();
  // The pool makes its next process.
  await pause(150);
  return took;
}

async function plainNode(): Promise<number> {
  const before = performance.now();
  await once(spawn(process.execPath, ["-e", "0"], { env: environment, stdio: "ignore" }), "exit");
  return performance.now() - before;
}

/** The processes below one, without it. */
function descendants(pid: number): number[] {
  const parents = readdirSync("/proc").flatMap((name): [number, number][] => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const status = readFileSync(`/proc/${name}/stat`, "utf8");
      return [[Number(name), Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1])]];
    } catch {
      return []; // It has just ended.
    }
  });
  const found = [pid];
  for (const one of found) for (const [child, parent] of parents) if (parent === one) found.push(child);
  return found.slice(1);
}

function sum(pids: Iterable<number>): number {
  return [...pids].reduce((total, pid) => total + proportionalMegabytes(pid), 0);
}

/** Milliseconds after which a system that starts is at rest: V8 collects garbage once more 8 s after its last work. */
const settled = 20_000;

const calls = 10_000;
const pairs = 4;

/** Mean proportional set size of servers and clients that have worked; about as many as the default system has. */
async function memoryAfterCalls(): Promise<number> {
  const names = Array.from({ length: pairs }, (_, index) => index + 1);
  const servers = names.map((name) => [`timer-${name}`, { binary: "servers/timer", provides: ["Timer"] }]);
  const clients = names.map((name) => [
    `caller-${name}`,
    {
      binary: "benchmark/caller",
      config: { service: "Timer", calls },
      route: { Timer: `timer-${name}`, "*": "parent" },
    },
  ]);
  const start = Object.fromEntries([...servers, ...clients]);
  await using system = new BenchmarkSystem({ system: { ...empty, start }, parked: 2 });
  await Promise.all(names.map((name) => system.line(`[caller-${name}] calls made`, 60_000)));
  await pause(1000);
  return sum(system.processes.values()) / (2 * pairs);
}

export const componentRows: readonly Row[] = [
  {
    name: "component-start",
    title: "a component from the decision to start it until its first session is served, in full isolation, cold",
    unit: "ms",
    better: "lower",
    peerName: "`node -e 0` from start to end",
    goal: { ofPeer: 1.5 },
    async measure({ rounds }) {
      await using system = new BenchmarkSystem({ system: empty, parked: 0 });
      return await interleave(2 * rounds, { ours: () => start(system), peer: plainNode });
    },
  },
  {
    name: "component-parked",
    title: "the same from the pool of parked processes",
    unit: "ms",
    better: "lower",
    goal: { figure: 4 },
    async measure({ rounds }) {
      await using system = new BenchmarkSystem({ system: empty, parked: 2 });
      await pause(500);
      return await interleave(2 * rounds, { ours: () => start(system) });
    },
  },
  {
    name: "memory-idle",
    title: "mean proportional set size of components that have made or served 10000 calls each",
    unit: "MB",
    better: "lower",
    goal: { figure: 14 },
    async measure() {
      // One after the other: pages that both systems share would count half.
      const ours = await memoryAfterCalls();
      await using system = new BenchmarkSystem({ system: defaultSystem, parked: 2 });
      await pause(3000);
      const components = new Set(system.processes.values());
      const others = descendants(process.pid).filter(
        (pid) => !components.has(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("parked"),
      );
      return {
        ours,
        beside: {
          "the default system's components after their start, mean": sum(components) / components.size,
          [`components: ${components.size}, together`]: sum(components),
          [`parked processes: ${others.length}, together`]: sum(others),
        },
      };
    },
  },
  {
    name: "idle-cpu",
    title: "CPU time of the idle default system's components and spawner, of one CPU",
    unit: "%",
    better: "lower",
    goal: { figure: 0.5 },
    async measure({ rounds }) {
      await using system = new BenchmarkSystem({ system: defaultSystem, parked: 2 });
      await pause(settled);
      const seconds = rounds > 3 ? 30 : 5;
      const processes = descendants(process.pid);
      const sum = (of: (pid: number) => number): number => processes.reduce((total, pid) => total + of(pid), 0);
      const [cpuBefore, switchesBefore] = [sum(cpuSeconds), sum(switches)];
      await pause(seconds * 1000);
      const used = ((sum(cpuSeconds) - cpuBefore) / seconds) * 100;
      const wakes = (sum(switches) - switchesBefore) / seconds / system.processes.size;
      return { ours: used, beside: { "wake-ups a second and component": wakes } };
    },
  },
];
