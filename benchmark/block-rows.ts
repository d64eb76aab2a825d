/**
 * Blocks through a session: a loop device on tmpfs and a RAM disk, beside fio and Node's own reads. Those have one process
 * each, and stay where the scheduler has them: best on the CPU of the worker that the kernel has for a loop device.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Contender, place } from "./processes.js";
import { type Effort, interleave, type Measured, type Row } from "./row.js";
import { BenchmarkSystem, diskSystem, figures } from "./systems.js";
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
  readonly #before = new Set(readdirSync("/sys/block"));

  constructor() {
    this.device = command("zramctl", "--find", "--size", String(diskBytes));
    execFileSync("dd", ["if=/dev/urandom", `of=${this.device}`, "bs=1M", `count=${diskBytes >> 20}`, "oflag=direct"], {
      stdio: "ignore",
    });
  }

  [Symbol.dispose](): void {
    // zramctl would take the device away as well: right for one that it made, and for no other.
    const name = path.basename(this.device);
    if (this.#before.has(name)) writeFileSync(`/sys/block/${name}/reset`, "1");
    else command("zramctl", "--reset", this.device);
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

/**
 * Has the kernel's own workers, such as those of loop devices, run on the CPU that asks, as for a single process they do.
 * Otherwise they stay on whichever CPU they were last, and each request to another CPU interrupts that one, which on
 * virtual machines takes 10 us and more.
 */
class NearWorkers implements Disposable {
  static readonly #setting = "/sys/module/workqueue/parameters/default_affinity_scope";
  readonly #before: string | undefined;

  constructor() {
    try {
      this.#before = readFileSync(NearWorkers.#setting, "utf8");
      writeFileSync(NearWorkers.#setting, "cpu");
    } catch {
      // Kernels before 6.6 have them run on the CPU that asks, or near it.
    }
  }

  [Symbol.dispose](): void {
    if (this.#before !== undefined) writeFileSync(NearWorkers.#setting, this.#before);
  }
}

type Figure = "calls" | "latency";

async function measuredOn(system: BenchmarkSystem, cpus: Readonly<Record<string, string>>, figure: Figure) {
  for (const [name, pid] of system.processes) place(pid, cpus[name]);
  // The window in which they moved does not count.
  await figures(system);
  return (await figures(system))[figure];
}

/** A figure of the running system with its two processes on CPUs 0 and 1. */
async function apart(system: BenchmarkSystem, figure: Figure): Promise<number> {
  using _ = new NearWorkers();
  return await measuredOn(system, { reader: "0", block: "1" }, figure);
}

/** The same, wherever the scheduler has them. */
function anywhere(system: BenchmarkSystem, figure: Figure): Promise<number> {
  return measuredOn(system, {}, figure);
}

async function compareReads(
  disk: { device: string },
  depth: number,
  engine: string,
  { rounds, milliseconds }: Effort,
): Promise<Measured> {
  await using system = new BenchmarkSystem({ system: diskSystem({ file: disk.device }, depth), parked: 0 });
  await using peer = await Contender.start("file-reads", [disk.device, String(depth)]);
  await figures(system);
  const { unpinned, ...pinned } = await interleave(rounds, {
    ours: () => apart(system, "calls"),
    unpinned: () => anywhere(system, "calls"),
    peer: () => paused(system, () => peer.measure(milliseconds)),
    limit: () => paused(system, () => fio(disk.device, engine, engine === "psync" ? 1 : depth, milliseconds).iops),
  });
  return { ...pinned, unpinned: { ours: unpinned } };
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
    async measure(effort) {
      using disk = new LoopDisk();
      return await compareReads(disk, 32, "io_uring", effort);
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
    async measure(effort) {
      using disk = new RamDisk();
      return await compareReads(disk, 32, "psync", effort);
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
      const { unpinned, ...pinned } = await interleave(rounds, {
        ours: () => apart(system, "latency"),
        unpinned: () => anywhere(system, "latency"),
        limit: () => paused(system, () => fio(disk.device, "io_uring", 1, milliseconds).latency),
      });
      return { ...pinned, unpinned: { ours: unpinned } };
    },
  },
];
