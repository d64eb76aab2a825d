/** `scripts/conformance`: builds, then runs the suites of the session interfaces; the arguments are those of hil/conformance/main.ts. */
import { build } from "./build.mjs";
import { inRoot, run } from "./process.mjs";

export async function main(args) {
  await build();
  return run(process.execPath, [inRoot("dist/hil/conformance/main.js"), ...args]).code;
}
