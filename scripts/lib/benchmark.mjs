/** `scripts/benchmark`: builds, then measures; the arguments are those of benchmark/main.ts. */
import { build } from "./build.mjs";
import { inRoot, run } from "./process.mjs";

export async function main(args) {
  await build();
  return run(process.execPath, [inRoot("dist/benchmark/main.js"), ...args]).code;
}
