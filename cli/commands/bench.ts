/** `bulkhead bench`: runs a command in a virtual machine with devices. */

import { errorMessage } from "../../base/errors.js";
import { parseDuration } from "../../base/quantity.js";
import { type ArchitectureName, architectures } from "../../bench/architecture.js";
import { BenchFileError } from "../../bench/bench-file.js";
import { DeadlinePassed } from "../../bench/deadline.js";
import { MachineEnded } from "../../bench/emulator.js";
import { Machine, MachineRefused } from "../../bench/machine.js";
import { MonitorError } from "../../bench/monitor.js";
import { BenchUnavailable } from "../../bench/programs.js";
import { type Command, exitCodes, Failure, type Invocation, textOption } from "../command.js";
import type { Output } from "../output.js";

/** For the whole of it. */
const defaultTime = "10m";

function deadline(invocation: Invocation): number {
  try {
    return parseDuration(textOption(invocation, "within") ?? defaultTime);
  } catch (error) {
    throw new Failure(`--within: ${errorMessage(error)}`, exitCodes.usage);
  }
}

function architectureOption(invocation: Invocation): ArchitectureName | undefined {
  const name = textOption(invocation, "arch");
  if (name === undefined || Object.hasOwn(architectures, name)) return name as ArchitectureName | undefined;
  throw new Failure(`--arch: there is no "${name}": ${Object.keys(architectures).join(" or ")}`, exitCodes.usage);
}

/** What a failure of the bench means for the exit code. */
function failure(error: unknown): unknown {
  if (error instanceof BenchUnavailable)
    // In CI a bench that is missing is a failure: nobody would see that nothing was tested.
    return new Failure(error.message, (process.env["CI"] ?? "") === "" ? exitCodes.skipped : exitCodes.failure);
  if (error instanceof BenchFileError) return new Failure(error.message, exitCodes.config);
  if (error instanceof MachineRefused || error instanceof MonitorError) return new Failure(error.message);
  if (error instanceof DeadlinePassed || error instanceof MachineEnded) return new Failure(error.message);
  return error;
}

function showTiming(machine: Machine, commandTime: number, output: Output): void {
  const rows = [...machine.timing, ["command", commandTime] as const];
  const sum = rows.reduce((whole, [, part]) => whole + part, 0);
  for (const [name, milliseconds] of [...rows, ["all", sum] as const])
    output.note(`${name.padEnd(24)} ${milliseconds.toFixed(0).padStart(7)} ms`);
}

async function runCommand(invocation: Invocation, command: readonly string[]): Promise<number> {
  const { options, output } = invocation;
  const time = deadline(invocation);
  const end = performance.now() + time;
  const remaining = (): number => Math.max(end - performance.now(), 1);
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort(new Failure("Interrupted", exitCodes.interrupted));
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  const { signal } = interruption;
  const file = textOption(invocation, "file");
  const results = textOption(invocation, "results");
  const architecture = architectureOption(invocation);
  try {
    await using machine = await Machine.start({
      ...(file !== undefined && { bench: file }),
      ...(results !== undefined && { results }),
      ...(architecture !== undefined && { architecture }),
      acceleration: options["accelerated"] === true ? "hardware" : "software",
      saved: options["saved"] === true,
      within: remaining(),
      signal,
      progress: (text) => output.note(text),
    });
    if (options["accelerated"] === true && machine.acceleration === "software")
      output.note("No guest was seen to boot with hardware acceleration here: software emulation it is");
    const before = performance.now();
    const { code, signal: killedBy } = await machine.run(command, {
      environment: passedOn(),
      within: remaining(),
      signal,
      onOutput: (bytes, stream) => void (stream === "output" ? process.stdout : process.stderr).write(bytes),
    });
    if (options["timing"] === true) showTiming(machine, performance.now() - before, output);
    if (killedBy !== null) output.note(`${command[0]} was ended by ${killedBy} in the guest`);
    return code ?? exitCodes.failure;
  } catch (error) {
    throw failure(error);
  } finally {
    process.removeListener("SIGINT", interrupt);
    process.removeListener("SIGTERM", interrupt);
  }
}

/** What decides how a program behaves and is no fact of this machine. */
function passedOn(): Record<string, string> {
  const names = Object.keys(process.env).filter((name) => /^(CI|LANG|LC_.*|TZ|NO_COLOR|BULKHEAD_.*)$/.test(name));
  return Object.fromEntries(names.map((name) => [name, process.env[name] as string]));
}

export const bench: Command = {
  name: "bench",
  summary: "Run a command in a virtual machine with devices",
  arguments: "vm -- COMMAND...",
  count: [2, Number.POSITIVE_INFINITY],
  options: {
    file: { type: "string", short: "f", value: "FILE", doc: "A bench file: which devices the machine has." },
    results: {
      type: "string",
      value: "DIR",
      doc: "Keeps console, sound, frames and what the command writes to /run/bench.",
    },
    within: {
      type: "string",
      value: "TIME",
      doc: `For all of it; then the machine is ended. Default: ${defaultTime}.`,
    },
    timing: { type: "boolean", doc: "Say what the parts took." },
    arch: {
      type: "string",
      value: "ARCH",
      doc: `${Object.keys(architectures).join(" or ")}. Default: this machine's.`,
    },
    saved: { type: "boolean", doc: "Begin with the state of a machine that was booted once, instead of booting." },
    accelerated: {
      type: "boolean",
      doc: "Use the processor's own virtualisation, where a guest was seen to boot with it.",
    },
  },
  examples: [
    ["bulkhead bench vm -- uname -a", "the guest's kernel; the files are this machine's, read-only"],
    ["bulkhead bench vm -f bench.jsonc -- scripts/test --no-build test/device", "tests, with the devices of a file"],
  ],
  async run(invocation) {
    const [kind, ...command] = invocation.positionals;
    if (kind !== "vm")
      throw new Failure(`There is no bench "${kind}": it is "vm"`, exitCodes.usage, "bulkhead bench vm -- uname -a");
    return runCommand(invocation, command);
  },
};
