/** Drivers that are killed under load: how long their client waits. */
import { setTimeout as pause } from "node:timers/promises";
import { median, type Row } from "./row.js";
import { BenchmarkSystem, diskSystem, figures } from "./systems.js";

const lineSystem = {
  parentProvides: ["ROM", "LOG", "Platform"],
  defaultRoute: { Terminal: "uart", "*": "parent" },
  start: {
    uart: {
      provides: ["Terminal"],
      ram: "16M",
      grants: { line: { pty: true } },
      config: { defaultPolicy: { line: "line" } },
      restart: { limit: 1000, backoff: { initial: "0ms", max: "0ms" } },
    },
    caller: { binary: "benchmark/caller", ram: "16M", config: { service: "Terminal" } },
  },
};

/** Milliseconds of the longest call around a kill -9 of the driver. */
async function restartGap(content: object, driver: string, rounds: number): Promise<number> {
  await using system = new BenchmarkSystem({ system: content, parked: 1 });
  await figures(system);
  const gaps: number[] = [];
  for (let round = 0; round < rounds; ++round) {
    await pause(1500);
    await figures(system);
    process.kill(system.processes.get(driver) as number, "SIGKILL");
    const [first, second] = [await figures(system), await figures(system)];
    gaps.push(Math.max(first.longest, second.longest) / 1000);
  }
  return median(gaps);
}

export const restartRows: readonly Row[] = [
  {
    name: "component-restart",
    title:
      "kill -9 of the block driver until its client's next reply, with its spare, no wait configured before a restart",
    unit: "ms",
    better: "lower",
    goal: { figure: 20 },
    measure: async ({ rounds }) => ({
      ours: await restartGap(diskSystem({ file: "disk.img", size: "16M" }, 1), "block", rounds),
      beside: { "of the uart driver, on a pseudo-terminal": await restartGap(lineSystem, "uart", rounds) },
    }),
  },
];
