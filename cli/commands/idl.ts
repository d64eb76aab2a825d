/** `bulkhead idl`: the interface compiler. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../../bindings/prebuilt.js";
import { type Command, exitCodes } from "../command.js";

export const idl: Command = {
  name: "idl",
  summary: "Compile interface definitions",
  arguments: "COMMAND FILES...",
  count: [0, Number.POSITIVE_INFINITY],
  examples: [
    ["bulkhead idl check calc.idl", "find mistakes"],
    ["bulkhead idl gen calc.idl", "generate TypeScript beside the definition"],
  ],
  run() {
    // As given: the compiler has options of its own.
    const given = process.argv.slice(3);
    return new Promise((resolve) => {
      const compiler = spawn(process.execPath, [join(packageRoot(), "dist/idl/main.js"), ...given], {
        stdio: "inherit",
      });
      compiler.once("close", (code) => resolve(code ?? exitCodes.failure));
    });
  },
};
