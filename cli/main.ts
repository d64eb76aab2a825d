#!/usr/bin/env node
/** The `bulkhead` command: finds the command, reads its options, turns failures into sentences and exit codes. */
import { parseArgs } from "node:util";
import { SessionError } from "../base/errors.js";
import { suggestion } from "../base/nearest.js";
import { SystemFileError } from "../root/root.js";
import { type Command, exitCodes, Failure, parseOptions } from "./command.js";
import { commandHelp, overview } from "./help.js";
import { Output, wantsColor } from "./output.js";
import { commands } from "./table.js";

async function invoke(command: Command, args: readonly string[]): Promise<number> {
  let parsed: { values: Record<string, string | boolean | undefined>; positionals: string[] };
  try {
    parsed = parseArgs({
      args: [...args],
      options: parseOptions(command),
      allowPositionals: true,
      strict: true,
    }) as typeof parsed;
  } catch (error) {
    throw new Failure(
      `bulkhead ${command.name}: ${optionProblem(command, error as Error)}`,
      exitCodes.usage,
      `"bulkhead ${command.name} --help" shows what it takes`,
    );
  }
  const { values, positionals } = parsed;
  const output = new Output({
    json: values["json"] === true,
    color: values["no-color"] !== true && wantsColor(process.env, process.stdout.isTTY === true),
  });
  if (values["help"] === true) {
    output.print(commandHelp(command, output));
    return exitCodes.ok;
  }
  const [fewest, most] = command.count;
  if (positionals.length < fewest || positionals.length > most) {
    throw new Failure(
      `Usage: bulkhead ${command.name} ${command.arguments ?? ""}`.trimEnd(),
      exitCodes.usage,
      `"bulkhead ${command.name} --help" shows examples`,
    );
  }
  return (await command.run({ options: values, positionals, output })) ?? exitCodes.ok;
}

/** parseArgs names the option that it does not know. */
function optionProblem(command: Command, error: Error): string {
  const unknown = /Unknown option '--?([^']+)'/.exec(error.message)?.[1];
  if (unknown === undefined) return error.message.split("\n")[0] as string;
  return `there is no option "--${unknown}"${suggestion(unknown, Object.keys(parseOptions(command)))}`;
}

async function main(args: readonly string[]): Promise<number> {
  const [name = "help", ...rest] = args;
  if (name === "help" || name === "--help" || name === "-h") {
    const about = commands.find((command) => command.name === rest[0]);
    const output = new Output({ json: false, color: wantsColor(process.env, process.stdout.isTTY === true) });
    output.print(about === undefined ? overview(commands, output) : commandHelp(about, output));
    return exitCodes.ok;
  }
  const wanted = name === "--version" ? "version" : name;
  const command = commands.find((one) => one.name === wanted);
  if (command === undefined) {
    throw new Failure(
      `There is no command "${name}"${suggestion(
        name,
        commands.map((one) => one.name),
      )}`,
      exitCodes.usage,
      '"bulkhead help" lists the commands',
    );
  }
  return invoke(command, rest);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof Failure) return error.exitCode;
  if (error instanceof SystemFileError) return exitCodes.config;
  if (error instanceof SessionError && error.code === "Device") return exitCodes.device;
  if (error instanceof Error && "code" in error && (error.code === "EACCES" || error.code === "EPERM"))
    return exitCodes.device;
  return exitCodes.failure;
}

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(exitCodes.ok);
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const known = error instanceof Failure || error instanceof SystemFileError || error instanceof SessionError;
  process.stderr.write(
    `${error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error)}\n`,
  );
  if (error instanceof Failure && error.hint !== undefined) process.stderr.write(`hint: ${error.hint}\n`);
  process.exitCode = exitCodeOf(error);
}
