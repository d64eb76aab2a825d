/** Tells how a nested init's components are: its own parent always, and a Report session as its system file asks. */
import { asciiJson, pieceLength } from "../../base/ascii-json.js";
import type { Env } from "../../base/env.js";
import { errorMessage } from "../../base/errors.js";
import { Report, type Reporter } from "../../sessions/report/index.js";
import { systemFacts, wholeState } from "./facts.js";
import type { Init } from "./init.js";
import { mostStateCharacters } from "./inner-state.js";
import { StatePace } from "./state-pace.js";
import { allFlags, type StateDocument, stateReport } from "./state-report.js";

/** Least milliseconds between two states of which the parent is told, unless the second is urgent. */
const parentDelay = 1000;

export class StateReporter {
  readonly #env: Env;
  readonly #init: Init;
  readonly #report: StatePace;
  readonly #toParent: StatePace;
  #reporter: Promise<Reporter> | undefined;
  /** One state after another: their pieces must not mix. */
  #telling: Promise<void> = Promise.resolve();

  constructor(env: Env, init: Init) {
    this.#env = env;
    this.#init = init;
    this.#report = new StatePace(
      () => {
        const flags = init.model.report;
        return flags && { state: stateReport(init.model, systemFacts(init), flags), delay: flags.delay };
      },
      (state) => state && this.#publish(state),
    );
    this.#toParent = new StatePace(
      () => ({ state: wholeState(init), delay: parentDelay }),
      (state) => state && this.#tell(state),
    );
  }

  changed(): void {
    this.#report.changed();
    this.#toParent.changed();
  }

  #publish(state: StateDocument): void {
    this.#reporter ??= this.#env.connect(Report, { label: "state" });
    this.#reporter
      .then((reporter) => reporter.publish(state))
      .catch((error: unknown) => {
        this.#reporter = undefined;
        this.#init.options.log(`Cannot report the state: ${errorMessage(error)}`);
      });
  }

  #tell(state: StateDocument): void {
    const text = this.#textFor(state);
    // A parent that cannot be told is gone, and this init with it.
    this.#telling = this.#telling.then(() => this.#send(text)).catch(() => {});
  }

  /** As much of it as a parent takes. */
  #textFor({ children }: StateDocument): string {
    const whole = asciiJson(children);
    if (whole.length <= mostStateCharacters) return whole;
    const flags = { ...allFlags, requested: false, provided: false, inside: false };
    const short = asciiJson(stateReport(this.#init.model, systemFacts(this.#init), flags).children);
    return short.length <= mostStateCharacters ? short : "{}";
  }

  async #send(text: string): Promise<void> {
    for (let at = 0; at === 0 || at < text.length; at += pieceLength) {
      const next = at + pieceLength;
      await this.#env.parent.state(text.slice(at, next), next < text.length);
    }
  }
}
