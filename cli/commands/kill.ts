/** `bulkhead kill`: ends a component's process; its restart policy decides what follows. */
import { Client } from "../client.js";
import type { Command } from "../command.js";

export const kill: Command = {
  name: "kill",
  summary: "Kill a component's process; what follows is its restart policy's decision",
  arguments: "COMPONENT",
  count: [1, 1],
  examples: [
    ["bulkhead kill block", "see how the rest of the system takes it"],
    ['bulkhead kill "drivers -> keyboard"', "a component of a nested init"],
  ],
  async run(invocation) {
    using client = await Client.of(invocation);
    const result = await client.request<{ component: string }>("kill", { component: invocation.positionals[0] });
    invocation.output.result(result, () => `Killed "${result.component}"`);
  },
};
