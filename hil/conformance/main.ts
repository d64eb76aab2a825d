/** `npm run conformance -- --bench NAME`: what every provider of the bench does of what its interface promises. */
import { parseArgs } from "node:util";
import { openBench } from "../benches.js";
import { conform, matrix } from "./run.js";

const { values } = parseArgs({
  options: { bench: { type: "string", default: "stand-in" }, json: { type: "boolean", default: false } },
});
await using bench = await openBench(values.bench);
const outcomes = await conform(bench, ({ need, provider, name, outcome, reason }) => {
  if (outcome === "failed") process.stderr.write(`FAIL ${need} on ${provider}: ${name ?? ""}\n  ${reason ?? ""}\n`);
});
process.stdout.write(
  `${values.json ? JSON.stringify({ version: 1, bench: bench.name, outcomes }) : matrix(outcomes)}\n`,
);
const count = (wanted: string): number => outcomes.filter(({ outcome }) => outcome === wanted).length;
if (!values.json)
  process.stdout.write(`${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped\n`);
process.exitCode = count("failed") > 0 ? 1 : 0;
