/** Counts the system calls of a round trip with strace. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { makeChannel } from "./channels.js";
import { Contender } from "./processes.js";
import type { Measured } from "./row.js";

/**
 * sched_yield stays apart: it is the waiting itself, and a tracer that stops at each would keep the two sides from ever
 * finding each other awake. The filter lets it pass without a stop.
 */
function tracer(file: string): string[] {
  return ["strace", "-f", "-c", "--seccomp-bpf", "-U", "calls,name", "-e", "trace=!sched_yield", "-o", file];
}

/** All calls of a finished trace, and those by name. */
function callsOf(file: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const match = /^\s*(\d+)\s+(\w+)\s*$/.exec(line);
    if (match) counts.set(match[2] as string, Number(match[1]));
  }
  return counts;
}

interface Traced {
  readonly client: Map<string, number>;
  readonly server: Map<string, number>;
}

async function trace(trips: number, settings: NodeJS.ProcessEnv): Promise<Traced> {
  const folder = mkdtempSync(path.join(tmpdir(), "benchmark-"));
  try {
    const [clientFile, serverFile] = [path.join(folder, "client"), path.join(folder, "server")];
    const channel = makeChannel();
    {
      await using _server = await Contender.start("rpc", ["server"], {
        asComponent: true,
        cpus: "1",
        descriptors: channel.server,
        environment: settings,
        under: tracer(serverFile),
      });
      await using client = await Contender.start("rpc", ["client", "trips"], {
        asComponent: true,
        cpus: "0",
        descriptors: channel.client,
        environment: settings,
        under: tracer(clientFile),
      });
      channel.close();
      await client.measure(trips);
    }
    return { client: callsOf(clientFile), server: callsOf(serverFile) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The more talkative side's calls, from two runs whose lengths differ: what starting costs cancels out. */
export async function countSystemCalls(settings: NodeJS.ProcessEnv): Promise<Measured> {
  const [few, many] = [2_000, 12_000];
  const short = await trace(few, settings);
  const long = await trace(many, settings);
  const beside: Record<string, number> = {};
  const perTrip = (side: "client" | "server"): number => {
    let total = 0;
    for (const [name, count] of long[side]) {
      const each = (count - (short[side].get(name) ?? 0)) / (many - few);
      if (name === "total") total = each;
      else if (each >= 0.05) beside[`${name}, ${side}`] = Number(each.toFixed(2));
    }
    return total;
  };
  // One decimal: collections and compilations of V8 make a few calls of their own, every thousand trips or so.
  return { ours: Math.max(0, Number(Math.max(perTrip("client"), perTrip("server")).toFixed(1))), beside };
}
