/** Systems that a benchmark runs: a root in this process, in a folder of its own. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { loadSystem, Root } from "../root/root.js";

export interface SystemOptions {
  /** The system: its content, or the path of a system file to copy. */
  readonly system: object | string;
  readonly parked: number;
}

export class BenchmarkSystem implements AsyncDisposable {
  readonly root: Root;
  readonly folder: string;
  readonly #waiting = new Map<string, (line: string) => void>();
  #rest = "";

  constructor({ system, parked }: SystemOptions) {
    this.folder = mkdtempSync(path.join(tmpdir(), "benchmark-"));
    const file = path.join(this.folder, "system.jsonc");
    if (typeof system === "string") copyFileSync(system, file);
    else writeFileSync(file, JSON.stringify(system));
    this.root = new Root({
      file,
      isolation: "full",
      parked,
      write: (text) => this.#written(text),
      exit: () => {},
      environment: {},
    });
  }

  /** Reads and checks a system, as the root does with its file; the result brings the system to that content. */
  prepare(system: object): () => Promise<void> {
    const file = path.join(this.folder, "next.json");
    writeFileSync(file, JSON.stringify(system));
    const { model } = loadSystem(file);
    return () => this.root.init.apply(model);
  }

  /** The next line of the system's log that holds `text`. */
  line(text: string, within = 10_000): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`No line with "${text}" came within ${within} ms`)), within);
      this.#waiting.set(text, (line) => {
        clearTimeout(timer);
        resolve(line);
      });
    });
  }

  #written(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() as string;
    for (const line of lines) {
      for (const [wanted, found] of this.#waiting) {
        if (!line.includes(wanted)) continue;
        this.#waiting.delete(wanted);
        found(line);
      }
    }
  }

  /** Process ids of the running components, by name. */
  get processes(): Map<string, number> {
    const running = [...this.root.init.children.values()].flatMap(({ name, instance }): [string, number][] => {
      const pid = instance?.process?.pid;
      return pid === undefined ? [] : [[name, pid]];
    });
    return new Map(running);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.root[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A block driver with one disk, and a reader of `depth` reads under way. */
export function diskSystem(grant: object, depth: number): object {
  return {
    parentProvides: ["ROM", "LOG", "Platform"],
    defaultRoute: { Block: "block", "*": "parent" },
    start: {
      block: {
        provides: ["Block"],
        ram: "64M",
        grants: { disk: grant },
        config: { defaultPolicy: {} },
        restart: { limit: 1000, backoff: { initial: "0ms", max: "0ms" } },
      },
      reader: { binary: "benchmark/block-reader", ram: "64M", config: { depth } },
    },
  };
}

/** What a {@link Tally} says next: calls a second, and microseconds. */
export async function figures(
  system: BenchmarkSystem,
  within?: number,
): Promise<{ calls: number; latency: number; longest: number }> {
  const [calls = 0, latency = 0, longest = 0] = (await system.line("figures ", within))
    .replace(/^.*figures /, "")
    .split(" ")
    .map(Number);
  return { calls, latency, longest };
}

/** Proportional set size of a process, in MB: shared pages count by the number of those that share them. */
export function proportionalMegabytes(pid: number): number {
  const match = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"));
  return Number(match?.[1] ?? Number.NaN) / 1000;
}

/** Seconds of CPU time that a process has used. */
export function cpuSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [user = 0, system = 0] = text
    .slice(text.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
    .map(Number);
  return (user + system) / 100;
}

/** How often the threads of a process have been put to sleep and woken. */
export function switches(pid: number): number {
  let total = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    total += Number(
      /^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8"))?.[1] ?? 0,
    );
  }
  return total;
}
