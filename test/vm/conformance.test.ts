// exclusive
// tier: machine of this architecture
// timeout: 1700s
/** Every session interface on the drivers of a machine. What may be skipped is what its devices are known to lack. */
import * as assert from "uvu/assert";
import { BenchUnavailable } from "../../bench/programs.js";
import { conformInMachine, isMachine, type MachineName, machines } from "../../hil/conformance/machine.js";
import { type CaseOutcome, suites } from "../../hil/conformance/run.js";
import type { NeedName } from "../../hil/parts.js";
import { type Context, suite } from "../support/suite.js";
import { compiledForArm64 } from "./cross-build.js";

const test = suite("conformance in a machine");
const needs: Readonly<Record<string, readonly NeedName[]>> = {
  uart: ["uart"],
  disk: ["block"],
  network: ["nic", "uplink"],
};

/** Those of a machine run one after another in it, when the first test asks. */
const outcomes = new Map<MachineName, Promise<readonly CaseOutcome[]>>();

function outcomesIn(machine: MachineName): Promise<readonly CaseOutcome[]> {
  let found = outcomes.get(machine);
  if (found === undefined) {
    if (machine === "arm64") compiledForArm64();
    found = conformInMachine(machine);
    outcomes.set(machine, found);
  }
  return found;
}

async function outcomesOf(context: Context, machine: MachineName): Promise<readonly CaseOutcome[]> {
  try {
    return await outcomesIn(machine);
  } catch (error) {
    if (error instanceof BenchUnavailable && (process.env["CI"] ?? "") === "") context.skip(error.message);
    throw error;
  }
}

for (const machine of Object.keys(machines).filter(isMachine))
  for (const [provider, { kind }] of Object.entries(machines[machine].providers))
    for (const { need, cases } of suites.filter((one) => needs[kind]?.includes(one.need)))
      for (const { name } of cases)
        test(`${machine}: ${need} on ${provider}: ${name}`, { timeout: 880_000 }, async (context) => {
          const outcome = (await outcomesOf(context, machine)).find(
            (one) => one.need === need && one.provider === provider && one.name === name,
          );
          if (outcome?.outcome === "skipped") context.skip(outcome.reason ?? "");
          assert.is(outcome?.outcome, "passed", outcome?.reason);
        });

test.run();
