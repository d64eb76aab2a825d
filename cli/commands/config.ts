/** `bulkhead config`: checks and shows system files. */
import { errorMessage } from "../../base/errors.js";
import { controlVersion } from "../../root/control-protocol.js";
import { readSystem } from "../../root/root.js";
import { diagnosticText, type SystemFile } from "../../servers/init/system-file.js";
import { Client } from "../client.js";
import { type Command, exitCodes, Failure } from "../command.js";
import { systemFile } from "../system-choice.js";

function read(file: string): SystemFile {
  try {
    return readSystem(file);
  } catch (error) {
    throw new Failure(errorMessage(error), exitCodes.config);
  }
}

/** Maps as objects: what a system file says, with every default filled in. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, one]) => [key, plain(one)]));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
  return value;
}

export const config: Command = {
  name: "config",
  summary: "Check or show a system file, or apply the one of the running system again",
  arguments: "check|show|reload [FILE]",
  count: [1, 2],
  examples: [
    ["bulkhead config check ./bulkhead.jsonc", "find mistakes, with line and column"],
    ["bulkhead config show", "the file in use, with every default filled in"],
    ["bulkhead config reload", "apply it now; a changed file is applied by itself"],
  ],
  async run(invocation) {
    const { output, positionals } = invocation;
    const [action, named] = positionals;
    if (action === "reload") {
      using client = await Client.of(invocation);
      const result = await client.request<{ file: string }>("config", { reload: true });
      output.result(result, () => `Applied ${result.file}`);
      return exitCodes.ok;
    }
    if (action !== "check" && action !== "show")
      throw new Failure(`bulkhead config takes "check", "show" or "reload", not "${action}"`, exitCodes.usage);
    const file = systemFile(named).file;
    const { model, diagnostics } = read(file);
    const broken = model === undefined || diagnostics.some(({ severity }) => severity === "error");
    if (action === "check") {
      output.result({ version: controlVersion, file, ok: !broken, diagnostics }, () =>
        [...diagnostics.map((one) => diagnosticText(file, one)), ...(broken ? [] : [`${file} is in order`])].join("\n"),
      );
    } else {
      if (model === undefined)
        throw new Failure(diagnostics.map((one) => diagnosticText(file, one)).join("\n"), exitCodes.config);
      output.print(JSON.stringify({ version: controlVersion, file, system: plain(model) }, undefined, 2));
    }
    return broken ? exitCodes.config : exitCodes.ok;
  },
};
