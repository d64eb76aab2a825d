/** Publishes a nested init's state report, as often as its system file allows. */
import type { Env } from "../../base/env.js";
import { errorMessage } from "../../base/errors.js";
import { monotonic } from "../../base/monotonic.js";
import { Report, type Reporter } from "../../sessions/report/index.js";
import { systemFacts } from "./facts.js";
import type { Init } from "./init.js";
import { type StateDocument, stateReport, urgent } from "./state-report.js";

export class StateReporter {
  readonly #env: Env;
  readonly #init: Init;
  #reporter: Promise<Reporter> | undefined;
  #last: StateDocument | undefined;
  #lastAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #scheduled = false;

  constructor(env: Env, init: Init) {
    this.#env = env;
    this.#init = init;
  }

  /** Something changed. Many changes of one turn make one report. */
  changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#consider();
    });
  }

  #consider(): void {
    const flags = this.#init.model.report;
    if (flags === undefined) return;
    const state = stateReport(this.#init.model, systemFacts(this.#init), flags);
    const wait = this.#lastAt + flags.delay - monotonic();
    if (wait <= 0 || urgent(this.#last, state)) this.#publish(state);
    else this.#timer ??= setTimeout(() => this.#due(), Math.ceil(wait));
  }

  #due(): void {
    // A timer may fire a little early: then it is set once more.
    this.#timer = undefined;
    this.#consider();
  }

  #publish(state: StateDocument): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#last = state;
    this.#lastAt = monotonic();
    this.#reporter ??= this.#env.connect(Report, { label: "state" });
    this.#reporter
      .then((reporter) => reporter.publish(state))
      .catch((error: unknown) => {
        this.#reporter = undefined;
        this.#init.options.log(`Cannot report the state: ${errorMessage(error)}`);
      });
  }
}
