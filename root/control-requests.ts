/** What a running system does for the `bulkhead` command: one function a request. */
import { SessionError } from "../base/errors.js";
import type { Child } from "../servers/init/child.js";
import type { ChildState } from "../servers/init/child-state.js";
import { explainWay } from "../servers/init/explanation.js";
import { wholeState } from "../servers/init/facts.js";
import { Rom } from "../sessions/rom/index.js";
import type { ControlCall, ControlHandlers } from "./control.js";
import { controlVersion, type ProcessStatus, type SystemStatus } from "./control-protocol.js";
import { debug } from "./debug-request.js";
import { Operator } from "./operator.js";
import { loadSystem, type Root } from "./root.js";
import { usageReport } from "./usage.js";

/** Least time between two events of `status`, in milliseconds: states change in bursts. */
const statusInterval = 100;

function text(call: ControlCall, name: string, fallback?: string): string {
  const value = call.arguments[name] ?? fallback;
  if (typeof value !== "string") throw new SessionError("InvalidArgument", `The request needs "${name}", a string`);
  return value;
}

function component(root: Root, call: ControlCall): ChildState {
  return root.init.lifecycle.known(text(call, "component"));
}

function processStatus({ process, startedAt }: Pick<Child, "process" | "startedAt">): ProcessStatus {
  return { pid: process?.pid, startedAt, measures: process?.measures ?? [] };
}

export function systemStatus(root: Root): SystemStatus {
  const running = [...root.init.children.values()].flatMap(({ name, instance }): [string, ProcessStatus][] =>
    instance === undefined ? [] : [[name, processStatus(instance)]],
  );
  const inside = [...root.spawned].map(([name, one]) => [name, processStatus(one)] as const);
  return {
    version: controlVersion,
    system: {
      file: root.file,
      pid: process.pid,
      startedAt: root.startedAt,
      isolation: root.isolation,
      node: process.version,
      starts: { ...root.core.starts },
    },
    state: wholeState(root.init),
    processes: Object.fromEntries([...running, ...inside]),
    grants: root.granted,
  };
}

/** Resolves when the client has gone. */
function gone({ signal }: ControlCall): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });
}

async function watchStatus(root: Root, call: ControlCall): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const send = (): void => {
    timer = undefined;
    call.event(systemStatus(root));
  };
  send();
  const unwatch = root.onStateChanged(() => {
    timer ??= setTimeout(send, statusInterval);
  });
  await gone(call);
  clearTimeout(timer);
  unwatch();
}

async function logs(root: Root, call: ControlCall): Promise<unknown> {
  const {
    component: name,
    lines = 200,
    follow = false,
  } = call.arguments as { component?: string; lines?: number; follow?: boolean };
  const wanted = ({ label }: { label: string }): boolean =>
    name === undefined || label === name || label.startsWith(`${name} -> `);
  const past = root.console.history.filter(wanted).slice(-lines);
  if (!follow) return { version: controlVersion, lines: past };
  for (const line of past) call.event(line);
  const unwatch = root.console.watch((line) => {
    if (wanted(line)) call.event(line);
  });
  await gone(call);
  unwatch();
  return null;
}

/** Longest wait for a picture, the start of the component that takes it included. */
const screenshotPatience = "10s";

async function screenshot(root: Root): Promise<{ version: number; png: string }> {
  using operator = new Operator(root.init, "screenshot");
  await using rom = await operator.env.connect(Rom, { label: "", within: screenshotPatience });
  // private copy: of the picture
  return { version: controlVersion, png: Buffer.from(await rom.content()).toString("base64") };
}

/** The requests of a root. `end` ends the whole system, after the answer. */
export function controlRequests(root: Root, end: () => void): ControlHandlers {
  return {
    status: (call) => (call.arguments["watch"] === true ? watchStatus(root, call) : systemStatus(root)),
    logs: (call) => logs(root, call),
    top: () => usageReport(root),
    restart: async (call) => {
      const name = text(call, "component");
      await root.restart(name);
      return { version: controlVersion, component: name, id: root.init.children.get(name)?.lastId };
    },
    kill: (call) => {
      const name = text(call, "component");
      root.kill(name);
      return { version: controlVersion, component: name };
    },
    explain: (call) => ({
      version: controlVersion,
      ...explainWay(root.init.model, text(call, "component"), text(call, "service"), text(call, "label", "")),
    }),
    debug: async (call) => {
      const lines = root.core.debugLines;
      if (call.arguments["wait"] !== true) return debug(call, lines.find(text(call, "component")));
      const { name } = component(root, call);
      return debug(call, await lines.started(name, () => root.init.restart(name)));
    },
    config: async (call) => {
      if (call.arguments["reload"] === true) await root.reload();
      const { warnings } = loadSystem(root.file);
      return { version: controlVersion, file: root.file, warnings };
    },
    modules: () => ({ version: controlVersion, modules: root.modules.names() }),
    screenshot: () => screenshot(root),
    down: () => {
      // The answer goes first.
      setImmediate(end);
      return { version: controlVersion };
    },
  };
}
