/** Writes to its standard output and error in every way that Node.js has. */
import { component } from "../../base/index.js";

/** Libraries of Node.js that take milliseconds to load, which neither a start nor `console` needs. */
const costly = ["stream", "perf_hooks", "net", "os"];

function loaded(): string {
  const { moduleLoadList } = process as unknown as { moduleLoadList: readonly string[] };
  return costly.filter((name) => moduleLoadList.includes(`NativeModule ${name}`)).join(", ");
}

component(async () => {
  console.log("by console: %d %o", 1, { two: 2 });
  console.error("by console, as an error");
  console.table([{ column: "in a table" }]);
  console.log(`loaded for that: ${loaded() || "nothing"}`);
  const { Readable } = await import("node:stream");
  const { pipeline } = await import("node:stream/promises");
  process.stdout.write("by the stream\n");
  process.stderr.write("by the stream of errors\n");
  await pipeline(Readable.from(["by a", " pipe\n"]), process.stdout, { end: false });
  await new Promise((resolve) => process.stdout.write("with a callback\n", resolve));
  console.log("that is all");
});
