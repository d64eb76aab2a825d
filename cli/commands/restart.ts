/** `bulkhead restart`: starts a component anew. */
import { Client } from "../client.js";
import type { Command } from "../command.js";

export const restart: Command = {
  name: "restart",
  summary: "Start a component anew, and forget its earlier crashes",
  arguments: "COMPONENT",
  count: [1, 1],
  examples: [["bulkhead restart uart", "end the driver and start it; its clients reopen their sessions"]],
  async run(invocation) {
    using client = await Client.of(invocation);
    const result = await client.request<{ component: string; id: number }>("restart", {
      component: invocation.positionals[0],
    });
    invocation.output.result(result, () => `Restarted "${result.component}" (start ${result.id})`);
  },
};
