/** The help texts, from the command table: examples first. */
import { type Command, globalOptions, type Option } from "./command.js";
import type { Output } from "./output.js";

function optionLines(options: Readonly<Record<string, Option>>): [string, string][] {
  return Object.entries(options).map(([name, { short, value, doc }]) => [
    `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : `=${value}`}`,
    doc,
  ]);
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}

export function overview(commands: readonly Command[], output: Output): string {
  const heading = (text: string): string => output.style("bold", text);
  return [
    heading("Examples"),
    columns([
      ["bulkhead up", "start the system of ./bulkhead.jsonc, or the default one"],
      ["bulkhead status --watch", "watch it from another terminal"],
      ["bulkhead new driver thermometer", "begin a component of your own"],
    ]),
    "",
    heading("Commands"),
    columns(commands.map(({ name, summary }) => [name, summary] as const)),
    "",
    heading("Every command takes"),
    columns(optionLines(globalOptions)),
    "",
    'Exit codes: 0 ok, 1 failure, 2 usage, 3 configuration, 4 not running, 5 permission or device. More: "bulkhead help COMMAND".',
  ].join("\n");
}

export function commandHelp(command: Command, output: Output): string {
  const heading = (text: string): string => output.style("bold", text);
  const options = command.options ?? {};
  return [
    `${command.summary}.`,
    "",
    heading("Examples"),
    columns(command.examples),
    "",
    heading("Usage"),
    `  bulkhead ${command.name} [options] ${command.arguments ?? ""}`.trimEnd(),
    "",
    heading("Options"),
    columns([...optionLines(options), ...optionLines(globalOptions)]),
  ].join("\n");
}
