/** Runs the suites on the providers of a bench, each case in a target of its own, and makes the matrix of the outcomes. */
import { errorMessage } from "../../base/errors.js";
import { tableLines } from "../../lib/readable.js";
import type { AnyProvider, Bench } from "../bench.js";
import type { NeedName, Parts } from "../parts.js";
import { Target } from "../target.js";
import { type Context, Skip, TestRun, useLater } from "../test-run.js";
import { block } from "./block.js";
import type { Case, Suite } from "./case.js";
import { log, report, rom } from "./documents.js";
import { terminal, uart } from "./lines.js";
import { nic, uplink } from "./network.js";
import { pins } from "./pins.js";
import { timer } from "./timer.js";

/** One suite an interface. */
export const suites: readonly Suite[] = [uart, terminal, block, nic, uplink, pins, rom, report, timer, log].map(
  (suite) => suite as unknown as Suite,
);

export interface CaseOutcome {
  readonly need: NeedName;
  readonly provider: string;
  /** Undefined: the provider as a whole. */
  readonly name: string | undefined;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Why it was skipped, or how it failed. */
  readonly reason?: string;
}

const casePatience = 20_000;

/** Runs one case, with what the test context offers to clean up. */
export async function runCase(bench: Bench, provider: AnyProvider, one: Case, context: Context): Promise<void> {
  const { need, name } = provider;
  const target = await useLater(context, Target.start(bench, [need], { providers: { [need]: name } }));
  await one.run(target.parts[need] as Parts[NeedName], {
    target,
    skip: context.skip,
    restart: async () => {
      const [server] = target.componentsOf(need);
      await target.restart(server ?? context.skip("its server is the root, which cannot be killed alone"));
    },
  });
}

/** Providers of a bench that a suite is for, with what each lacks. */
export async function providersOf(
  bench: Bench,
  need: NeedName,
): Promise<readonly { readonly provider: AnyProvider; readonly lacking: string | undefined }[]> {
  const found = bench.providers.filter((candidate) => candidate.need === need);
  return Promise.all(found.map(async (provider) => ({ provider, lacking: await provider.lacking?.() })));
}

/** All outcomes; `told` gets each as it comes. */
export async function conform(bench: Bench, told: (outcome: CaseOutcome) => void = () => {}): Promise<CaseOutcome[]> {
  const outcomes: CaseOutcome[] = [];
  const tell = (outcome: CaseOutcome): void => {
    outcomes.push(outcome);
    told(outcome);
  };
  for (const suite of suites) {
    for (const { provider, lacking } of await providersOf(bench, suite.need)) {
      const of = { need: suite.need, provider: provider.name };
      if (lacking !== undefined) {
        tell({ ...of, name: undefined, outcome: "skipped", reason: lacking });
        continue;
      }
      for (const one of suite.cases) {
        try {
          await new TestRun(casePatience).run((context) => runCase(bench, provider, one, context));
          tell({ ...of, name: one.name, outcome: "passed" });
        } catch (error) {
          const skipped = error instanceof Skip;
          const reason = skipped ? error.reason : errorMessage(error);
          tell({ ...of, name: one.name, outcome: skipped ? "skipped" : "failed", reason });
        }
      }
    }
  }
  return outcomes;
}

interface Row {
  readonly need: NeedName;
  readonly provider: string;
  passed: number;
  failed: number;
  skipped: number;
  /** Why cases were skipped, or the provider as a whole. */
  readonly why: Set<string>;
}

function rowsOf(outcomes: readonly CaseOutcome[]): Row[] {
  const rows = new Map<string, Row>();
  for (const { need, provider, name, outcome, reason } of outcomes) {
    const key = `${need}\n${provider}`;
    const row = rows.get(key) ?? { need, provider, passed: 0, failed: 0, skipped: 0, why: new Set<string>() };
    rows.set(key, row);
    row[outcome] += 1;
    if (outcome === "skipped" && reason !== undefined) row.why.add(name === undefined ? reason : `${name}: ${reason}`);
  }
  return [...rows.values()];
}

const head = ["interface", "provider", "passed", "failed", "skipped", "why skipped"];

function cells({ need, provider, passed, failed, skipped, why }: Row): string[] {
  return [need, provider, String(passed), String(failed), String(skipped), [...why].join("; ")];
}

/** Interface by provider: how many cases passed, failed and were skipped, and why. */
export function matrix(outcomes: readonly CaseOutcome[]): string {
  return tableLines(head, rowsOf(outcomes).map(cells)).join("\n");
}

/** The same for a page of documentation. */
export function markdownMatrix(outcomes: readonly CaseOutcome[]): string {
  const line = (texts: readonly string[]): string => `| ${texts.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rowsOf(outcomes).map((row) => line(cells(row)))].join("\n");
}
