/** `bulkhead explain`: why a session request goes where it goes. */
import { existsSync } from "node:fs";
import { controlVersion } from "../../root/control-protocol.js";
import { loadSystem } from "../../root/root.js";
import { explainWay } from "../../servers/init/explanation.js";
import { Client } from "../client.js";
import { type Command, exitCodes, Failure, textOption } from "../command.js";

interface Explained {
  readonly text: string;
  readonly resolution: { readonly kind: "route" | "denied" };
}

export const explain: Command = {
  name: "explain",
  summary: "Show why a session request goes where it goes, or why it is denied",
  arguments: "COMPONENT SERVICE [LABEL]",
  count: [2, 3],
  options: { file: { type: "string", value: "PATH", doc: "Ask a system file instead of the running system." } },
  examples: [
    ["bulkhead explain monitor Block disk", "every rule on the way to the decision"],
    ["bulkhead explain lab/probe Timer", "of a component inside the nested init lab, through every parent"],
    ["bulkhead explain app Nic --file ./bulkhead.jsonc", "without a running system"],
  ],
  async run(invocation) {
    const { output, positionals } = invocation;
    const [component = "", service = "", label = ""] = positionals;
    const file = textOption(invocation, "file");
    let answer: Explained;
    if (file === undefined) {
      using client = await Client.of(invocation);
      answer = await client.request<Explained>("explain", { component, service, label });
    } else {
      if (!existsSync(file)) throw new Failure(`There is no system file "${file}"`, exitCodes.config);
      answer = explainWay(loadSystem(file).model, component, service, label);
    }
    const { text, ...facts } = answer;
    output.result({ version: controlVersion, ...facts }, () => text);
    // A script asks this question to learn the answer.
    return answer.resolution.kind === "denied" ? exitCodes.failure : exitCodes.ok;
  },
};
