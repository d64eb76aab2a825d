/** `bulkhead version`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../bindings/prebuilt.js";
import { controlVersion } from "../../root/control-protocol.js";
import { stateFormat } from "../../servers/init/state-report.js";
import type { Command } from "../command.js";

export const version: Command = {
  name: "version",
  summary: "Show the version",
  count: [0, 0],
  examples: [["bulkhead version --json", "with the versions of what it speaks"]],
  run({ output }) {
    const { version: own } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as {
      version: string;
    };
    const facts = {
      version: controlVersion,
      bulkhead: own,
      node: process.version,
      stateFormat,
      platform: `${process.platform}-${process.arch}`,
    };
    output.result(facts, () => `bulkhead ${own} (Node.js ${process.version}, ${facts.platform})`);
  },
};
