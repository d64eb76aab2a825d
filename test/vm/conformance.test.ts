// exclusive
// timeout: 900s
/** Every session interface on the drivers of a machine. What may be skipped is what its devices are known to lack. */
import * as assert from "uvu/assert";
import { BenchUnavailable } from "../../bench/programs.js";
import { conformInMachine, machineProviders } from "../../hil/conformance/machine.js";
import { type CaseOutcome, suites } from "../../hil/conformance/run.js";
import type { NeedName } from "../../hil/parts.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("conformance in a machine");
const needs: Readonly<Record<string, readonly NeedName[]>> = {
  uart: ["uart"],
  disk: ["block"],
  network: ["nic", "uplink"],
};

/** All of them run side by side in one machine, when the first test asks. */
let outcomes: Promise<readonly CaseOutcome[]> | undefined;

async function outcomesOf(context: Context): Promise<readonly CaseOutcome[]> {
  try {
    return await (outcomes ??= conformInMachine());
  } catch (error) {
    if (error instanceof BenchUnavailable && (process.env["CI"] ?? "") === "") context.skip(error.message);
    throw error;
  }
}

for (const [provider, { kind }] of Object.entries(machineProviders))
  for (const { need, cases } of suites.filter((one) => needs[kind]?.includes(one.need)))
    for (const { name } of cases)
      test(`${need} on ${provider}: ${name}`, { timeout: 880_000 }, async (context) => {
        const outcome = (await outcomesOf(context)).find(
          (one) => one.need === need && one.provider === provider && one.name === name,
        );
        if (outcome?.outcome === "skipped") context.skip(outcome.reason ?? "");
        assert.is(outcome?.outcome, "passed", outcome?.reason);
      });

test.run();
