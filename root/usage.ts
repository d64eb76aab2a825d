/** What running components use of the machine: memory, processor time, wake-ups. */
import { readFileSync } from "node:fs";
import type { ChildState } from "../servers/init/child-state.js";
import type { SessionFlow } from "../sessions/system/index.js";
import { type ComponentUsage, controlVersion, type UsageReport } from "./control-protocol.js";
import type { Root } from "./root.js";

/** A number of a `Name: value` file below /proc. */
function procField(content: string, name: string): number | undefined {
  const found = new RegExp(`^${name}:\\s*(\\d+)`, "m").exec(content);
  return found === null ? undefined : Number(found[1]);
}

function procStatus(pid: number | undefined): string {
  try {
    return pid === undefined ? "" : readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return ""; // it has just ended
  }
}

async function usageOf(root: Root, state: ChildState): Promise<ComponentUsage | undefined> {
  const { instance, name } = state;
  const process = instance?.process;
  if (instance === undefined || process === undefined) return undefined;
  const counted = await process.usage().catch(() => undefined);
  if (counted === undefined) return undefined;
  const status = procStatus(process.pid);
  const resident = procField(status, "VmRSS");
  const sessions = [...root.init.sessions.values()].filter(
    ({ client, route: { provider } }) => client === name || (provider.kind === "child" && provider.name === name),
  );
  const { quota, used, lent } = instance.account;
  return {
    name,
    pid: process.pid,
    memory:
      counted.memory === undefined ? (resident === undefined ? undefined : resident * 1024) : Number(counted.memory),
    cpuTime: Number(counted.cpuTime),
    wakeups: procField(status, "voluntary_ctxt_switches"),
    threads: procField(status, "Threads"),
    sessions: sessions.length,
    ramUsed: used.ram + lent.ram,
    ramQuota: quota.ram,
    restarts: state.restarts.count,
  };
}

/** How long a component may take to say what goes through its sessions, in milliseconds. */
const flowPatience = 200;

/** What went through the sessions between components since each was opened, as their clients count. Asks each of them. */
export async function flowReport(root: Root): Promise<readonly SessionFlow[]> {
  const asked = [...root.init.children.values()].map(async ({ name, instance }): Promise<SessionFlow[]> => {
    const flows = (await instance?.flows.ask(flowPatience)) ?? [];
    return flows.flatMap(({ session, sent, received, packets, packetBytes }) => {
      const known = [...root.init.sessions.values()].find(({ id, client }) => id === session && client === name);
      if (known === undefined) return [];
      const { provider } = known.route;
      return [
        {
          service: known.service,
          label: known.fullLabel,
          client: name,
          ...(provider.kind === "child" && { server: provider.name }),
          sent,
          received,
          packets,
          packetBytes,
        },
      ];
    });
  });
  return (await Promise.all(asked)).flat();
}

/** What all components that run use. */
export async function usageReport(root: Root): Promise<UsageReport> {
  const components = await Promise.all([...root.init.children.values()].map((state) => usageOf(root, state)));
  return {
    version: controlVersion,
    time: performance.now(),
    components: components.filter((usage) => usage !== undefined),
  };
}
