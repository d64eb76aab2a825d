/** Runs the suites on the providers of a bench, each case in a target of its own, and makes the matrix of the outcomes. */
import { errorMessage } from "../../base/errors.js";
import { tableLines } from "../../lib/readable.js";
import type { AnyProvider, Bench } from "../bench.js";
import type { NeedName, Parts } from "../parts.js";
import { slowness } from "../slowness.js";
import { Target } from "../target.js";
import { type Context, Skip, TestRun, useLater } from "../test-run.js";
import { block } from "./block.js";
import { capture } from "./capture.js";
import type { Case, Suite } from "./case.js";
import { log, report, rom } from "./documents.js";
import { event } from "./event.js";
import { framebuffer } from "./framebuffer.js";
import { gui } from "./gui.js";
import { terminal, uart } from "./lines.js";
import { nic, uplink } from "./network.js";
import { pins } from "./pins.js";
import { rtc } from "./rtc.js";
import { timer } from "./timer.js";

/** One suite an interface. */
export const suites: readonly Suite[] = [
  uart,
  terminal,
  block,
  nic,
  uplink,
  pins,
  rom,
  report,
  timer,
  rtc,
  log,
  gui,
  framebuffer,
  capture,
  event,
].map((suite) => suite as unknown as Suite);

export interface CaseOutcome {
  /** Where it ran. */
  readonly bench: string;
  readonly need: NeedName;
  readonly provider: string;
  /** Undefined: the provider as a whole. */
  readonly name: string | undefined;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Why it was skipped, or how it failed. */
  readonly reason?: string;
}

/** In milliseconds. */
const casePatience = 20_000 * slowness;

function targetOf(bench: Bench, { need, name }: AnyProvider): Promise<Target> {
  return Target.start(bench, [need], { providers: { [need]: name } });
}

/** Runs one case in a target of its own. */
export async function runCase(bench: Bench, provider: AnyProvider, one: Case, context: Context): Promise<void> {
  await runCaseIn(await useLater(context, targetOf(bench, provider)), provider, one, context);
}

async function runCaseIn(target: Target, { need }: AnyProvider, one: Case, context: Context): Promise<void> {
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

/** Runs cases of one provider in one target, as long as none fails: where starting processes takes long. */
class SharedTarget implements AsyncDisposable {
  readonly #bench: Bench;
  readonly #provider: AnyProvider;
  #target: Target | undefined;

  constructor(bench: Bench, provider: AnyProvider) {
    this.#bench = bench;
    this.#provider = provider;
  }

  async run(one: Case, context: Context): Promise<void> {
    if (this.#target === undefined) this.#target = await targetOf(this.#bench, this.#provider);
    else await this.#target.renew();
    await runCaseIn(this.#target, this.#provider, one, context);
  }

  /** The next case gets another target. */
  async [Symbol.asyncDispose](): Promise<void> {
    const target = this.#target;
    this.#target = undefined;
    await target?.[Symbol.asyncDispose]();
  }
}

export interface ConformOptions {
  /** Gets each outcome as it comes. */
  readonly told?: (outcome: CaseOutcome) => void;
  /** Whether the cases of a provider share a target as long as they pass. Its far ends are opened for each of them. */
  readonly shared?: boolean;
}

/** All outcomes. */
export async function conform(
  bench: Bench,
  { told = () => {}, shared = false }: ConformOptions = {},
): Promise<CaseOutcome[]> {
  const outcomes: CaseOutcome[] = [];
  const tell = (outcome: CaseOutcome): void => {
    outcomes.push(outcome);
    told(outcome);
  };
  for (const suite of suites) {
    for (const { provider, lacking } of await providersOf(bench, suite.need)) {
      const of = { bench: bench.name, need: suite.need, provider: provider.name };
      if (lacking !== undefined) {
        tell({ ...of, name: undefined, outcome: "skipped", reason: lacking });
        continue;
      }
      await using target = new SharedTarget(bench, provider);
      for (const one of suite.cases) {
        try {
          await new TestRun(casePatience).run((context) =>
            shared ? target.run(one, context) : runCase(bench, provider, one, context),
          );
          tell({ ...of, name: one.name, outcome: "passed" });
        } catch (error) {
          if (!(error instanceof Skip)) await target[Symbol.asyncDispose]().catch(() => {});
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
  readonly bench: string;
  readonly need: NeedName;
  readonly provider: string;
  passed: number;
  failed: number;
  skipped: number;
  /** Why cases were skipped, or the provider as a whole. */
  readonly why: Set<string>;
}

/** Providers of an interface side by side, whatever bench they are on. */
function inSuiteOrder(outcomes: readonly CaseOutcome[]): CaseOutcome[] {
  const place = (outcome: CaseOutcome): number => suites.findIndex(({ need }) => need === outcome.need);
  return [...outcomes].sort((first, second) => place(first) - place(second));
}

function rowsOf(outcomes: readonly CaseOutcome[]): Row[] {
  const rows = new Map<string, Row>();
  for (const { bench, need, provider, name, outcome, reason } of inSuiteOrder(outcomes)) {
    const key = `${need}\n${bench}\n${provider}`;
    const row = rows.get(key) ?? { bench, need, provider, passed: 0, failed: 0, skipped: 0, why: new Set<string>() };
    rows.set(key, row);
    row[outcome] += 1;
    if (outcome === "skipped" && reason !== undefined) row.why.add(name === undefined ? reason : `${name}: ${reason}`);
  }
  return [...rows.values()];
}

const head = ["interface", "bench", "provider", "passed", "failed", "skipped", "why skipped"];

function cells({ need, bench, provider, passed, failed, skipped, why }: Row): string[] {
  return [need, bench, provider, String(passed), String(failed), String(skipped), [...why].join("; ")];
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
