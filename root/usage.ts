/** What running components use of the machine: memory, processor time, wake-ups. */
import { readFileSync } from "node:fs";
import { labelElements, prefixed } from "../base/label.js";
import { componentTree } from "../lib/component-tree.js";
import type { Process } from "../servers/init/core.js";
import { wholeState } from "../servers/init/facts.js";
import type { ChildDocument, ChildrenDocument } from "../servers/init/state-report.js";
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

type Facts = Pick<ComponentUsage, "name" | "sessions" | "ramUsed" | "ramQuota" | "restarts">;

async function usageOf(process: Process, facts: Facts): Promise<ComponentUsage | undefined> {
  const counted = await process.usage().catch(() => undefined);
  if (counted === undefined) return undefined;
  const status = procStatus(process.pid);
  const resident = procField(status, "VmRSS");
  return {
    ...facts,
    pid: process.pid,
    memory:
      counted.memory === undefined ? (resident === undefined ? undefined : resident * 1024) : Number(counted.memory),
    cpuTime: Number(counted.cpuTime),
    wakeups: procField(status, "voluntary_ctxt_switches"),
    threads: procField(status, "Threads"),
  };
}

/** How long a component may take to say what goes through its sessions, in milliseconds. */
const flowPatience = 200;

/** Who has a session with this label: the child, or of a nested init's components the innermost. */
function clientOf(label: string, child: string, inside: ChildrenDocument | undefined): string {
  let found = child;
  let children = inside;
  for (const name of labelElements(label).slice(1)) {
    if (children === undefined || !Object.hasOwn(children, name)) break;
    found = prefixed(found, name);
    children = children[name]?.children;
  }
  return found;
}

/** What went through the sessions between components since each was opened, as their clients count. Asks each of them. */
export async function flowReport(root: Root): Promise<readonly SessionFlow[]> {
  const asked = [...root.init.children.values()].map(async ({ name, instance }): Promise<SessionFlow[]> => {
    const flows = (await instance?.flows.ask(flowPatience)) ?? [];
    return flows.flatMap(({ session, sent, received, packets, packetBytes }) => {
      const known = root.init.sessions.ofClient(name, session);
      if (known === undefined) return [];
      const { provider } = known.route;
      return [
        {
          service: known.service,
          label: known.fullLabel,
          client: clientOf(known.fullLabel, name, instance?.inner.children),
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

/** What all components that run use, those of nested inits too. */
export async function usageReport(root: Root): Promise<UsageReport> {
  const components = componentTree<ChildDocument>(wholeState(root.init).children).map(async ({ name, child }) => {
    const own = root.init.children.get(name);
    const process = own?.instance?.process ?? root.spawned.get(name)?.process;
    const { requested = [], provided = [], ram } = child;
    const restarts = own?.restarts.count ?? child.restarts ?? 0;
    const sessions = requested.length + provided.length;
    return (
      process && usageOf(process, { name, sessions, ramUsed: ram?.used ?? 0, ramQuota: ram?.quota ?? 0, restarts })
    );
  });
  return {
    version: controlVersion,
    time: performance.now(),
    components: (await Promise.all(components)).filter((usage) => usage !== undefined),
  };
}
