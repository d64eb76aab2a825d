/** `bulkhead logs`: what the components and init said. */
import { printable } from "../../lib/readable.js";
import type { LogEvent } from "../../root/control-protocol.js";
import { Client } from "../client.js";
import { type Command, exitCodes, numberOption } from "../command.js";
import { interrupted } from "../interruption.js";
import type { Output } from "../output.js";

function lineText(output: Output, { time, label, text }: LogEvent): string {
  return `${output.style("dim", new Date(time).toISOString().slice(11, 23))} ${output.style("cyan", `[${printable(label)}]`)} ${printable(text)}`;
}

export const logs: Command = {
  name: "logs",
  summary: "Show what components and init said",
  arguments: "[COMPONENT]",
  count: [0, 1],
  options: {
    follow: { type: "boolean", short: "f", doc: "Go on with what they say from now on." },
    lines: { type: "string", short: "n", value: "N", doc: "How many of the last lines; 200 by default." },
  },
  examples: [
    ["bulkhead logs -f", "everything, as it comes"],
    ["bulkhead logs uart -n 20", "the last 20 lines of one component"],
  ],
  async run(invocation) {
    const { options, output, positionals } = invocation;
    const given = {
      component: positionals[0],
      lines: numberOption(invocation, "lines", 200),
      follow: options["follow"] === true,
    };
    using client = await Client.of(invocation);
    const print = (line: LogEvent): void => output.print(output.json ? JSON.stringify(line) : lineText(output, line));
    if (!given.follow) {
      const result = await client.request<{ lines: LogEvent[] }>("logs", given);
      output.result(result, () => result.lines.map((line) => lineText(output, line)).join("\n"));
      return exitCodes.ok;
    }
    return await interrupted(client.request("logs", given, print));
  },
};
