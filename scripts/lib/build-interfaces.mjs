/** The interface step of a build: TypeScript and reference pages from sessions/*.idl, when an interface or the compiler changed. */
import { existsSync } from "node:fs";
import { filesBelow, recordStamp, signature, upToDate } from "./files.mjs";
import { inRoot, mustRun, progress } from "./process.mjs";

const compiler = "dist/idl/main.js";

/** The compiler is a function of the command line tool; here it runs alone, since the rest may not compile yet. */
const run = `const { idl } = await import("./${compiler}"); process.exitCode = await idl(process.argv.slice(1));`;

/** Returns whether generated sources may have changed. */
export function buildInterfaces() {
  if (!existsSync(inRoot(compiler))) return false;
  const definitions = filesBelow(["base", "sessions", "examples", "benchmark"], (file) => file.endsWith(".idl"));
  if (definitions.length === 0) return false;
  const inputs = signature([...definitions, ...filesBelow(["idl"], (file) => file.endsWith(".ts"))]);
  if (upToDate("interfaces", inputs, [])) return false;
  progress("Generating code from the interface definitions");
  mustRun(
    "generate code from the interface definitions",
    process.execPath,
    ["--input-type=module", "--eval", run, "gen", ...definitions],
    {
      quiet: true,
    },
  );
  const sessions = definitions.filter((file) => file.startsWith("sessions/"));
  if (sessions.length > 0) {
    mustRun("write the reference pages of the sessions", process.execPath, [compiler, "docs", ...sessions], {
      quiet: true,
    });
  }
  recordStamp("interfaces", inputs);
  return true;
}
