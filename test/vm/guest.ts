/** Machines for tests, and systems of components that run in them. */

import { DeadlinePassed } from "../../bench/deadline.js";
import type { GuestProcess } from "../../bench/guest-processes.js";
import { Machine, type MachineOptions } from "../../bench/machine.js";
import { BenchUnavailable } from "../../bench/programs.js";
import { bundledProgram } from "../../bindings/prebuilt.js";
import type { SystemStatus } from "../../root/control-protocol.js";
import type { Context, Suite } from "../support/suite.js";

/** Some machines are slow, and all share their processors with others. */
export const patience = "240s";

/** For the start of a machine of another architecture, which takes half a minute where nobody else works. */
export const startTime = "300s";

/** Characters of what a system said that a failure shows. */
const shownOutput = 4000;

/** Starts a machine. Without what it needs, a test skips; in CI it fails. */
export async function startMachine(context: Context, options: MachineOptions): Promise<Machine> {
  try {
    return context.use(await Machine.start(options));
  } catch (error) {
    if (error instanceof BenchUnavailable && (process.env["CI"] ?? "") === "") context.skip(error.message);
    throw error;
  }
}

/** One machine for all tests of a suite. */
export function machineOf(
  test: Suite,
  options: MachineOptions | ((hook: Pick<Context, "defer">) => MachineOptions),
): (context: Context) => Machine {
  let machine: Machine | undefined;
  let reason = "";
  test.before(async (hook) => {
    try {
      machine = hook.use(await Machine.start(typeof options === "function" ? options(hook) : options));
    } catch (error) {
      if (!(error instanceof BenchUnavailable) || (process.env["CI"] ?? "") !== "") throw error;
      reason = error.message;
    }
  });
  return (context) => machine ?? context.skip(reason);
}

/** Its own line does not match: a pattern ends in `*`, and this one begins with the shell. */
const killProgram = `none=1; for one in /proc/[0-9]*; do
  case "$(tr '\\0' ' ' 2>/dev/null <$one/cmdline)" in $1) kill -9 "\${one#/proc/}" && none=0;; esac
done; exit $none`;

/**
 * Ends processes of the guest as a fault would: those whose words, each with a space behind it, match a pattern of the
 * shell, such as "uart *". Fails where there is none.
 */
export async function kill(machine: Machine, pattern: string): Promise<void> {
  await machine.output(["sh", "-c", killProgram, "sh", pattern], { within: patience });
}

/** A running system of the guest. */
export interface GuestSystem {
  readonly process: GuestProcess;
  /** Everything it has said. */
  output(): string;
  /** Waits for a line that contains the text, and that no earlier call has passed. */
  said(text: string): Promise<string>;
  /** What `bulkhead status` says. */
  status(): Promise<SystemStatus>;
  /** Changes the system file, which it follows: its components. */
  apply(components: object): Promise<void>;
}

/** A system file with these components. */
export function document(components: object): string {
  return JSON.stringify({
    parentProvides: ["ROM", "LOG", "Platform", "Spawner"],
    defaultRoute: { ROM: "parent", LOG: "parent", Platform: "parent", "*": "any-child" },
    default: { ram: "16M", caps: 100 },
    start: components,
  });
}

let systems = 0;

/** Runs `bulkhead up` with these components in the guest, in real sandboxes, until the test ends. */
export function guestSystem(context: Context, machine: Machine, components: object): GuestSystem {
  return guestSystemOf(context, machine, document(components));
}

/** The same, with a whole system file. What starts it is put before its words. */
export function guestSystemOf(
  context: Pick<Context, "defer">,
  machine: Machine,
  text: string,
  starter: readonly string[] = [],
): GuestSystem {
  const name = `system-${++systems}`;
  const file = `/run/${name}.json`;
  const command = ["node", machine.hostFile(bundledProgram("bulkhead"))];
  const socket = `--socket=/run/${name}.sock`;
  // What components say goes to standard error.
  const script = 'cat >"$1"; shift; exec "$@" 2>&1';
  const process = machine.spawn([
    "sh",
    "-c",
    script,
    "sh",
    file,
    ...starter,
    ...command,
    "up",
    file,
    "--parked=0",
    socket,
  ]);
  process.write(text);
  process.endInput();
  context.defer(async () => {
    process.kill("SIGTERM");
    await process.ended({ within: "9s" });
  });
  const output = (): string => process.output.text();
  return {
    process,
    output,
    async said(text) {
      try {
        return await process.line((line) => line.includes(text), { within: patience });
      } catch (error) {
        const how = error instanceof DeadlinePassed ? ` within ${patience}` : `: ${(error as Error).message}`;
        throw new Error(`The guest did not say "${text}"${how}. At last it said:\n${output().slice(-shownOutput)}`);
      }
    },
    status: async () =>
      JSON.parse(await machine.output([...command, "status", "--json", socket], { within: patience })) as SystemStatus,
    async apply(changed) {
      const reload = machine.spawn(["sh", "-c", script, "sh", file, ...command, "config", "reload", socket]);
      reload.write(document(changed));
      reload.endInput();
      const { code, output } = await reload.ended({ within: patience });
      if (code !== 0) throw new Error(`The guest's system did not take its new file: ${output}`);
    },
  };
}
