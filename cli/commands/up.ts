/** `bulkhead up`: starts a system and stays with it until Ctrl-C, `bulkhead down`, or its own end. */
import { resolve } from "node:path";
import { suggestion } from "../../base/nearest.js";
import { printable } from "../../lib/readable.js";
import { compileAhead } from "../../root/compile-ahead.js";
import { ControlServer } from "../../root/control.js";
import { controlSocketPath } from "../../root/control-protocol.js";
import { controlRequests, systemStatus } from "../../root/control-requests.js";
import { loadSystem, Root } from "../../root/root.js";
import { type IsolationLevel, isolationLevels } from "../../servers/init/config.js";
import { Banner } from "../banner.js";
import { type Command, exitCodes, Failure, type Invocation, numberOption, textOption } from "../command.js";
import type { Output } from "../output.js";
import { runInScope, scopeDecision, scopeFailure } from "../scope.js";
import { ServiceManager } from "../service-manager.js";
import { systemFile } from "../system-choice.js";
import { statusText } from "./status.js";

/** How long `--once` waits for every component, in milliseconds. */
const onceTimeout = 30_000;

function isolationOption(invocation: Invocation): IsolationLevel {
  const given = textOption(invocation, "isolation") ?? "full";
  const level = isolationLevels.find((one) => one === given);
  if (level === undefined)
    throw new Failure(`There is no isolation level "${given}"${suggestion(given, isolationLevels)}`, exitCodes.usage);
  return level;
}

/** For so long, in milliseconds, all must have been well: a component that fails does so soon after its start. */
const calm = 300;

/** Resolves when every component has been alive for a while, or has ended as it should, to whether that is so. */
async function settled(root: Root, signal: AbortSignal): Promise<boolean> {
  await root.init.applied;
  return new Promise((resolve) => {
    let good: NodeJS.Timeout | undefined;
    const finish = (well: boolean): void => {
      unwatch();
      clearTimeout(timer);
      clearTimeout(good);
      resolve(well);
    };
    const look = (): void => {
      const states = [...root.init.children.values()];
      if (states.some(({ phase }) => phase === "incomplete" || phase === "crash-loop")) finish(false);
      else if (
        states.every(
          ({ phase, end }) =>
            phase === "alive" ||
            phase === "disabled" ||
            (phase === "exited" && end !== undefined && "value" in end && end.value === 0),
        )
      )
        good ??= setTimeout(() => finish(true), calm);
      else {
        clearTimeout(good);
        good = undefined;
      }
    };
    const unwatch = root.onStateChanged(look);
    const timer = setTimeout(() => finish(false), onceTimeout);
    signal.addEventListener("abort", () => finish(false));
    look();
  });
}

/** Runs this very command in a scope with memory limits, where there can be one. */
async function inScope(output: Output): Promise<number | undefined> {
  const decision = scopeDecision();
  if ("obstacle" in decision) return undefined;
  const failure = await scopeFailure(decision.program);
  if (failure === undefined)
    return await runInScope(decision.program, [process.execPath, ...process.execArgv, ...process.argv.slice(1)]);
  output.note(`Without a systemd scope, and so without memory limits: ${printable(failure)} (--no-scope is silent)`);
  return undefined;
}

export const up: Command = {
  name: "up",
  summary: "Start a system, and stay with it until Ctrl-C",
  arguments: "[FILE]",
  count: [0, 1],
  options: {
    isolation: {
      type: "string",
      value: "LEVEL",
      doc: `${isolationLevels.join(", ")}; less than "full" only when asked for.`,
    },
    parked: { type: "string", value: "N", doc: "Processes that wait ready for the next component; 2 by default." },
    once: { type: "boolean", doc: "Start, wait until every component is alive, print the status, end." },
    "no-scope": {
      type: "boolean",
      doc: "As an ordinary user: stay in this control group, instead of a systemd scope with memory limits.",
    },
    folder: {
      type: "string",
      value: "DIR",
      doc: "Folder to which relative paths of grants belong. Default: that of FILE.",
    },
    "socket-group": {
      type: "boolean",
      doc: "Members of this process's group may control the system too, not its user alone.",
    },
    quiet: { type: "boolean", short: "q", doc: "No banner, and no log on standard error." },
  },
  examples: [
    ["bulkhead up", "./bulkhead.jsonc, or the default system where there is none"],
    ["bulkhead up lab.jsonc --once", "does it start? Exit code 0 if so"],
    ["bulkhead up --isolation=no-namespaces", "in a container that forbids namespaces"],
  ],
  async run(invocation) {
    const { options, output, positionals } = invocation;
    const choice = systemFile(positionals[0]);
    const { file } = choice;
    const folder = resolve(textOption(invocation, "folder") ?? choice.folder);
    const isolation = isolationOption(invocation);
    const parked = numberOption(invocation, "parked", 2);
    const socket = textOption(invocation, "socket") ?? controlSocketPath();
    const once = options["once"] === true;
    const quiet = options["quiet"] === true;
    loadSystem(file); // before anything is made
    if (options["no-scope"] !== true) {
      const code = await inScope(output);
      if (code !== undefined) return code;
    }

    const ending = new AbortController();
    let value: number = exitCodes.ok;
    let why: string | undefined;
    const end = (code: number, reason?: string): void => {
      value = code;
      why = reason;
      ending.abort();
    };
    const interrupt = (): void => end(exitCodes.ok);
    process.on("SIGINT", interrupt);
    process.on("SIGTERM", interrupt);
    process.on("SIGHUP", interrupt);

    // The requests need the root, and the root must not start anything where another system runs already.
    let root: Root | undefined;
    const running = (): Root => {
      if (root === undefined) throw new Failure("The system is only starting");
      return root;
    };
    const control = await ControlServer.listen(socket, () => controlRequests(running(), interrupt), {
      group: options["socket-group"] === true,
    });
    try {
      root = new Root({
        file,
        folder,
        isolation,
        parked,
        write: (line) => {
          if (!quiet) output.note(printable(line).trimEnd());
        },
        exit: end,
        environment: {},
      });
      using manager = once ? undefined : ServiceManager.of(root);
      const told = quiet || output.json || once || manager !== undefined;
      const banner = told ? undefined : new Banner(root, socket, output);
      if (once) {
        const well = await settled(root, ending.signal);
        const status = systemStatus(root);
        output.result(status, () => statusText(status, output));
        if (!well) value = exitCodes.failure;
      } else {
        compileAhead();
        if (!ending.signal.aborted) await new Promise((resolve) => ending.signal.addEventListener("abort", resolve));
        banner?.close();
      }
    } finally {
      await root?.[Symbol.asyncDispose]();
      await control[Symbol.asyncDispose]();
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeListener(signal, interrupt);
    }
    if (why !== undefined) throw new Failure(why, value, '"bulkhead up" starts it again');
    return value;
  },
};
