/**
 * The one entry of all scripts: `node main.mjs NAME [arguments]` runs `main(arguments)` of NAME.mjs.
 * Exit codes are those of the `bulkhead` command: 0 ok, 1 failure, 2 usage, 5 permission or device.
 */
import { checkNode } from "./node-version.mjs";
import { Failure } from "./process.mjs";

const [name, ...args] = process.argv.slice(2);
try {
  checkNode();
  const command = await import(new URL(`./${name}.mjs`, import.meta.url).href);
  process.exitCode = (await command.main(args)) ?? 0;
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
