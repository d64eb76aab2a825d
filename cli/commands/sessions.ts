/** `bulkhead sessions`: who uses what of whom. */
import { componentTree } from "../../lib/component-tree.js";
import { printable, sizeText } from "../../lib/readable.js";
import type { SystemStatus } from "../../root/control-protocol.js";
import { controlVersion } from "../../root/control-protocol.js";
import type { ChildDocument } from "../../servers/init/state-report.js";
import { Client } from "../client.js";
import type { Command } from "../command.js";

export const sessions: Command = {
  name: "sessions",
  summary: "Show the sessions between components",
  arguments: "[COMPONENT]",
  count: [0, 1],
  examples: [
    ["bulkhead sessions", "all of them"],
    ["bulkhead sessions monitor", "those that one component uses or serves"],
  ],
  async run(invocation) {
    const { output, positionals } = invocation;
    using client = await Client.of(invocation);
    const { state } = await client.request<SystemStatus>("status");
    const only = positionals[0];
    const found = componentTree<ChildDocument>(state.children)
      .flatMap(({ name, child }) =>
        (child.requested ?? []).map((session) => ({ client: name, server: session.peer ?? "parent", ...session })),
      )
      .filter((session) => only === undefined || session.client === only || session.server === only);
    output.result({ version: controlVersion, sessions: found }, () =>
      output.table(
        ["SERVICE", "LABEL", "SERVER", "STATE", "RAM", "CAPS"],
        found.map(({ service, label, server, state: phase, ram, caps }) => [
          printable(service),
          printable(label),
          printable(server),
          phase,
          sizeText(ram),
          String(caps),
        ]),
      ),
    );
  },
};
