/** The spawner as a service: what nested inits start their components with. */
import { SessionError } from "../base/errors.js";
import { type Service, service } from "../base/server.js";
import { type IsolationLevel, isolationLevels } from "../servers/init/config.js";
import type { Core, Process } from "../servers/init/core.js";
import { Spawner } from "../sessions/spawner/spawner.generated.js";

/** A component of a nested init. */
export interface SpawnedProcess {
  readonly process: Process;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** By full label. */
export type SpawnedProcesses = Map<string, SpawnedProcess>;

/** The most bytes of a list in an answer. */
const listBytes = 400;

function joined(items: readonly string[], separator: string): string {
  return items.join(separator).slice(0, listBytes);
}

/** Enters what runs in `spawned`. `output` is told what it prints. */
export function spawnerService(
  core: Core,
  spawned: SpawnedProcesses,
  output: (label: string, line: string) => void,
): Service {
  return service(Spawner, ({ label }) => {
    const processes = new Map<number, Process>();
    let nextId = 1;
    const known = (id: number): Process => {
      const process = processes.get(id);
      if (process === undefined) throw new SessionError("NotFound", `There is no process ${id}`);
      return process;
    };
    return {
      start: async (order) => {
        // The label is the client's to choose below its own; whoever reads logs sees where it came from.
        const full = `${label} -> ${order.name}`;
        const process = await core.start({
          label: full,
          binary: order.binary,
          start: { name: order.name, label: full, codeBytes: order.codeBytes, compiledBytes: 0 },
          channel: order.channel,
          code: order.code,
          isolation: isolationLevels.includes(order.isolation as IsolationLevel)
            ? (order.isolation as IsolationLevel)
            : undefined,
          memory: order.memory === 0 ? undefined : order.memory,
          processors: order.processors,
          priority: order.priority,
          levels: order.levels,
          pool: order.pool,
          grants: [],
          output: (line) => output(full, line),
        });
        const id = nextId++;
        processes.set(id, process);
        spawned.set(full, { process, startedAt: Date.now() });
        void process.exited.then(() => {
          if (spawned.get(full)?.process === process) spawned.delete(full);
        });
        return {
          process: id,
          pid: process.pid ?? 0,
          isolation: process.isolation,
          measures: joined(process.measures, ","),
          missing: joined(process.missing, "\n"),
        };
      },
      kill: (id) => known(id).kill(),
      wait: async (id) => {
        const { value, signal, outOfMemory } = await known(id).exited;
        processes.delete(id);
        return { exit: { value: value ?? 0, signal: signal ?? "", outOfMemory } }.exit;
      },
      usage: async (id) => {
        const { memory, cpuTime } = await known(id).usage();
        return { memory: Number(memory ?? 0n), cpuTime: Number(cpuTime) };
      },
      debugged: (id) => known(id).debugged(),
      close: () => {
        for (const process of processes.values()) process.kill();
      },
    };
  });
}
