/** `bulkhead doctor`: what this machine gives, what it does not, and the fix. */
import { controlVersion } from "../../root/control-protocol.js";
import { type Command, exitCodes } from "../command.js";
import { type Check, examine } from "../examination.js";
import type { Style } from "../output.js";

const marks: Readonly<Record<Check["outcome"], readonly [string, Style]>> = {
  ok: ["ok", "green"],
  limited: ["limited", "yellow"],
  missing: ["missing", "red"],
};

export const doctor: Command = {
  name: "doctor",
  summary: "Examine this machine: what is there, what is not, and the fix",
  count: [0, 0],
  examples: [["bulkhead doctor", "why a component is less isolated than it could be"]],
  async run({ output }) {
    const checks = await examine();
    const healthy = checks.every(({ outcome, needed }) => outcome !== "missing" || !needed);
    output.result({ version: controlVersion, healthy, checks }, () =>
      checks
        .flatMap(({ name, outcome, facts, fix }) => {
          const [mark, style] = marks[outcome];
          return [
            `${output.style(style, mark.padEnd(8))} ${name}: ${facts}`,
            ...(fix === undefined ? [] : [`         fix: ${fix}`]),
          ];
        })
        .join("\n"),
    );
    return healthy ? exitCodes.ok : exitCodes.device;
  },
};
