/** Blocks through a session: a loop device on tmpfs and a RAM disk, beside fio and Node's own reads; and a driver's death. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Contender } from "./processes.js";
import { interleave, median, type Row } from "./row.js";
import { BenchmarkSystem } from "./systems.js";
import { command, missingTools } from "./tools.js";

const diskBytes = 64 << 20;

/** A loop device on a file in memory, with direct transfers. */
class LoopDisk implements Disposable {
  readonly #folder = mkdtempSync("/dev/shm/benchmark-");
  readonly device: string;

  constructor() {
    const file = path.join(this.#folder, "disk");
    // Content, not holes: a hole is read without touching memory.
    writeFileSync(file, Buffer.alloc(diskBytes, "content of a disk "));
    this.device = command("losetup", "--find", "--show", "--direct-io=on", file);
  }

  [Symbol.dispose](): void {
    command("losetup", "--detach", this.device);
    rmSync(this.#folder, { recursive: true });
  }
}

/** A compressed RAM disk, for devices that complete within the call. */
class RamDisk implements Disposable {
  readonly device: string;

  constructor() {
    this.device = command("zramctl", "--find", "--size", String(diskBytes));
    execFileSync("dd", ["if=/dev/urandom", `of=${this.device}`, "bs=1M", `count=${diskBytes >> 20}`, "oflag=direct"], {
      stdio: "ignore",
    });
  }

  [Symbol.dispose](): void {
    command("zramctl", "--reset", this.device);
  }
}

interface Fio {
  readonly iops: number;
  /** Median, microseconds. */
  readonly latency: number;
}

function fio(device: string, engine: string, depth: number, milliseconds: number): Fio {
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  const text = command(
    "fio",
    "--name=limit",
    `--filename=${device}`,
    "--readonly",
    "--direct=1",
    "--rw=randread",
    "--bs=4k",
    `--ioengine=${engine}`,
    `--iodepth=${depth}`,
    `--runtime=${seconds}`,
    "--time_based",
    "--lat_percentiles=1",
    "--output-format=json",
  );
  const { read } = (
    JSON.parse(text.slice(text.indexOf("{"))) as {
      jobs: [{ read: { iops: number; lat_ns: { percentile?: Record<string, number> } } }];
    }
  ).jobs[0];
  return { iops: read.iops, latency: (read.lat_ns.percentile?.["50.000000"] ?? Number.NaN) / 1000 };
}

function diskSystem(grant: object, depth: number): object {
  return {
    parentProvides: ["ROM", "LOG", "Platform"],
    defaultRoute: { Block: "block", "*": "parent" },
    start: {
      block: {
        provides: ["Block"],
        ram: "64M",
        grants: { disk: grant },
        config: { defaultPolicy: {} },
        restart: { limit: 1000, backoff: { initial: "1ms", max: "1ms" } },
      },
      reader: { binary: "benchmark/block-reader", ram: "64M", config: { depth } },
    },
  };
}

/** What the reader said last: reads a second, and microseconds. */
async function figures(system: BenchmarkSystem): Promise<{ reads: number; latency: number; longest: number }> {
  const [reads = 0, latency = 0, longest = 0] = (await system.line("figures "))
    .replace(/^.*figures /, "")
    .split(" ")
    .map(Number);
  return { reads, latency, longest };
}

/** While the system rests, its processes must not take the CPUs from whoever measures. */
async function paused<Value>(system: BenchmarkSystem, measure: () => Value | Promise<Value>): Promise<Value> {
  const reader = system.processes.get("reader") as number;
  process.kill(reader, "SIGSTOP");
  try {
    return await measure();
  } finally {
    process.kill(reader, "SIGCONT");
    // The window in which it stood still does not count.
    await figures(system);
  }
}

async function compareReads(
  disk: { device: string },
  depth: number,
  engine: string,
  rounds: number,
  milliseconds: number,
): Promise<{ ours: number; peer: number; limit: number }> {
  await using system = new BenchmarkSystem({ system: diskSystem({ file: disk.device }, depth), parked: 0 });
  await using peer = await Contender.start("file-reads", [disk.device, String(depth)]);
  await figures(system);
  return await interleave(rounds, {
    ours: async () => (await figures(system)).reads,
    peer: () => paused(system, () => peer.measure(milliseconds)),
    limit: () => paused(system, () => fio(disk.device, engine, engine === "psync" ? 1 : depth, milliseconds).iops),
  });
}

/** Milliseconds of the longest read around a kill -9 of the driver. */
async function restartGaps(rounds: number): Promise<number> {
  await using system = new BenchmarkSystem({ system: diskSystem({ file: "disk.img", size: "16M" }, 1), parked: 1 });
  await figures(system);
  const gaps: number[] = [];
  for (let round = 0; round < rounds; ++round) {
    await pause(1500);
    await figures(system);
    process.kill(system.processes.get("block") as number, "SIGKILL");
    const [first, second] = [await figures(system), await figures(system)];
    gaps.push(Math.max(first.longest, second.longest) / 1000);
  }
  return median(gaps);
}

export const blockRows: readonly Row[] = [
  {
    name: "block-qd32",
    title: "4 KiB random reads through a Block session, 32 under way, from a loop device on tmpfs, direct",
    unit: "IOPS",
    better: "higher",
    peerName: "fs.promises reads, 32 under way",
    limitName: "fio, io_uring",
    goal: { ofLimit: 0.6, ofPeer: 1.5 },
    obstacle: () => missingTools("losetup", "fio"),
    async measure({ rounds, milliseconds }) {
      using disk = new LoopDisk();
      return await compareReads(disk, 32, "io_uring", rounds, milliseconds);
    },
  },
  {
    name: "block-ram",
    title: "4 KiB random reads through a Block session, 32 under way, from a zram disk",
    unit: "IOPS",
    better: "higher",
    peerName: "fs.promises reads, 32 under way",
    limitName: "fio, psync",
    goal: { ofLimit: 0.5, ofPeer: 1.5 },
    obstacle: () => missingTools("zramctl", "fio"),
    async measure({ rounds, milliseconds }) {
      using disk = new RamDisk();
      return await compareReads(disk, 32, "psync", rounds, milliseconds);
    },
  },
  {
    name: "block-qd1",
    title: "median latency of a 4 KiB read through a Block session, one at a time, from a loop device on tmpfs",
    unit: "us",
    better: "lower",
    limitName: "fio, io_uring",
    goal: { ofLimit: 2.5 },
    obstacle: () => missingTools("losetup", "fio"),
    async measure({ rounds, milliseconds }) {
      using disk = new LoopDisk();
      await using system = new BenchmarkSystem({ system: diskSystem({ file: disk.device }, 1), parked: 0 });
      await figures(system);
      return await interleave(rounds, {
        ours: async () => (await figures(system)).latency,
        limit: () => paused(system, () => fio(disk.device, "io_uring", 1, milliseconds).latency),
      });
    },
  },
  {
    name: "component-restart",
    title:
      "kill -9 of the block driver until its client's next reply, with its spare, no wait configured before a restart",
    unit: "ms",
    better: "lower",
    goal: { figure: 20 },
    measure: async ({ rounds }) => ({ ours: await restartGaps(rounds) }),
  },
];
