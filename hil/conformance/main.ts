/** `npm run conformance -- --bench NAME`: what every provider of the bench does of what its interface promises. */
import { parseArgs } from "node:util";
import { openBench } from "../benches.js";
import { conformInMachine, isMachine } from "./machine.js";
import { type CaseOutcome, conform, markdownMatrix, matrix } from "./run.js";

const usage = `Usage: npm run conformance -- [--bench NAME]... [--json | --markdown]
  --bench NAME   stand-in (the default), host, vm or arm64 (the drivers of a virtual
                 machine), or the path of a lab file
  --json         every outcome, as JSON
  --markdown     the matrix for a page of documentation`;

function options(): { readonly bench: readonly string[]; readonly json: boolean; readonly markdown: boolean } {
  return parseArgs({
    options: {
      bench: { type: "string", multiple: true, default: ["stand-in"] },
      json: { type: "boolean", default: false },
      markdown: { type: "boolean", default: false },
    },
  }).values;
}

function summary(outcomes: readonly CaseOutcome[]): string {
  const count = (wanted: string): number => outcomes.filter(({ outcome }) => outcome === wanted).length;
  return `${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`;
}

function tell({ outcome, need, provider, name = "", reason = "" }: CaseOutcome): void {
  if (outcome === "failed") process.stderr.write(`FAIL ${need} on ${provider}: ${name}\n  ${reason}\n`);
}

async function outcomesOn(name: string): Promise<readonly CaseOutcome[]> {
  if (isMachine(name)) return conformInMachine(name, tell);
  await using bench = await openBench(name);
  return conform(bench, { told: tell });
}

async function main(): Promise<number> {
  const { bench: names, json, markdown } = options();
  const outcomes: CaseOutcome[] = [];
  for (const name of names) outcomes.push(...(await outcomesOn(name)));
  if (json) process.stdout.write(`${JSON.stringify({ version: 2, outcomes })}\n`);
  else if (markdown) process.stdout.write(`${markdownMatrix(outcomes)}\n`);
  else process.stdout.write(`${matrix(outcomes)}\n${summary(outcomes)}\n`);
  return outcomes.some(({ outcome }) => outcome === "failed") ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
  process.exitCode = 2;
}
