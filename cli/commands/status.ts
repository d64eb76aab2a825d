/** `bulkhead status`: the components and how they are. */
import { componentTree } from "../../lib/component-tree.js";
import { ageText, printable, sizeText } from "../../lib/readable.js";
import type { SystemStatus } from "../../root/control-protocol.js";
import { Client } from "../client.js";
import { type Command, exitCodes } from "../command.js";
import { interrupted } from "../interruption.js";
import type { Output, Style } from "../output.js";

type Child = SystemStatus["state"]["children"][string];

const styles: Readonly<Record<Child["state"], Style>> = {
  alive: "green",
  starting: "yellow",
  waiting: "yellow",
  incomplete: "red",
  exited: "dim",
  "crash-loop": "red",
  disabled: "dim",
};

function remark(child: Child): string {
  const parts: string[] = [];
  if (child.missing !== undefined)
    parts.push(
      `no route for ${child.missing.map(({ service, label }) => (label === "" ? service : `${service} "${label}"`)).join(", ")}`,
    );
  if (child.exited !== undefined) parts.push(`exit value ${child.exited}`);
  if (child.killed !== undefined) parts.push(`ended by ${child.killed}`);
  if (child.restartIn !== undefined) parts.push(`starts in ${child.restartIn} ms`);
  if (child.skippedHeartbeats !== undefined) parts.push(`${child.skippedHeartbeats} heartbeats without an answer`);
  if (child.failure !== undefined) parts.push(`last fault: ${child.failure.split(/ \| |\n/)[0]}`);
  return printable(parts.join("; "));
}

/** What this machine did not give; what a lower level leaves out on purpose is no news. */
function refused({ notInForce = [] }: Child): string[] {
  return notInForce.filter((line) => !line.endsWith(": not asked for"));
}

/** `full`, or `full -N` where N measures could not be applied. */
function isolationText(child: Child): string {
  if (child.isolation === undefined) return "";
  const count = refused(child).length;
  return count === 0 ? child.isolation : `${child.isolation} -${count}`;
}

export function statusText({ system, state, processes, grants }: SystemStatus, output: Output): string {
  const components = componentTree<Child>(state.children);
  const rows = components.map(({ name, child }) => {
    const process = processes[name];
    return [
      name,
      child.state,
      process === undefined ? "" : String(process.pid ?? ""),
      process === undefined ? "" : ageText(Date.now() - process.startedAt),
      child.restarts === undefined ? "" : String(child.restarts),
      isolationText(child),
      child.ram === undefined ? "" : `${sizeText(child.ram.used)} of ${sizeText(child.ram.quota)}`,
      remark(child),
    ];
  });
  const table = output.table(["COMPONENT", "STATE", "PID", "UP", "RESTARTS", "ISOLATION", "RAM QUOTA", ""], rows);
  const [head = "", ...lines] = table.split("\n");
  const coloured = lines.map((line, index) => {
    const word = (rows[index] as string[])[1] as Child["state"];
    const at = line.indexOf(word, (rows[index] as string[])[0]?.length);
    return `${line.slice(0, at)}${output.style(styles[word], word)}${line.slice(at + word.length)}`;
  });
  const held = Object.entries(grants).flatMap(([component, named]) =>
    Object.entries(named).map(([name, path]) => `  ${component} has ${path} as "${name}"`),
  );
  const absent = new Set(components.flatMap(({ child }) => refused(child)));
  return [
    `${system.file}, process ${system.pid}, up ${ageText(Date.now() - system.startedAt)}, isolation ${system.isolation}`,
    "",
    head,
    ...coloured,
    ...(held.length > 0 ? ["", "Granted from the host", ...held] : []),
    ...(absent.size > 0
      ? [
          "",
          'Isolation measures that this machine does not give ("bulkhead doctor" says what to do)',
          ...[...absent].map((line) => `  ${line}`),
        ]
      : []),
  ].join("\n");
}

export const status: Command = {
  name: "status",
  summary: "Show the components and how they are",
  count: [0, 0],
  options: { watch: { type: "boolean", short: "w", doc: "Show it again whenever something changes." } },
  examples: [
    ["bulkhead status", "once"],
    ["bulkhead status --watch", "until Ctrl-C"],
    ["bulkhead status --json | jq .state.children", "for programs"],
  ],
  async run(invocation) {
    const { output, options } = invocation;
    using client = await Client.of(invocation);
    if (options["watch"] !== true) {
      const result = await client.request<SystemStatus>("status");
      output.result(result, () => statusText(result, output));
      return exitCodes.ok;
    }
    const show = (result: SystemStatus): void => {
      if (output.json) output.print(JSON.stringify(result));
      else output.print(`${process.stdout.isTTY ? "\u001b[H\u001b[2J" : ""}${statusText(result, output)}\n`);
    };
    return await interrupted(client.request("status", { watch: true }, show));
  },
};
