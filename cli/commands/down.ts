/** `bulkhead down`: ends the running system. */
import { Client } from "../client.js";
import type { Command } from "../command.js";

export const down: Command = {
  name: "down",
  summary: "End the running system",
  count: [0, 0],
  examples: [["bulkhead down", "end every component, then the system itself"]],
  async run(invocation) {
    using client = await Client.of(invocation);
    const result = await client.request("down");
    // The system closes its socket when every component is gone.
    await client.closed();
    invocation.output.result(result, () => "The system has ended");
  },
};
