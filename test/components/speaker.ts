/** Writes to its standard output and error in every way that Node.js has. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { component } from "../../base/index.js";

component(async () => {
  console.log("by console: %d %o", 1, { two: 2 });
  console.error("by console, as an error");
  console.table([{ column: "in a table" }]);
  process.stdout.write("by the stream\n");
  process.stderr.write("by the stream of errors\n");
  await pipeline(Readable.from(["by a", " pipe\n"]), process.stdout, { end: false });
  await new Promise((resolve) => process.stdout.write("with a callback\n", resolve));
  console.log("that is all");
});
