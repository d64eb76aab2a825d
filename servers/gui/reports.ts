/** What the GUI server tells of itself, each under its name, to those who manage it. */
import type { Env } from "../../base/env.js";
import { errorMessage } from "../../base/errors.js";
import { Report, type Reporter } from "../../sessions/report/index.js";
import type { GuiConfig } from "./config.js";

export type ReportName = GuiConfig["reports"][number];

/** Takes documents; those of reports that are not enabled are not even made. */
export interface Reports {
  publish(name: ReportName, document: () => unknown): void;
}

export class GuiReports implements Reports {
  readonly #env: Env;
  #enabled: ReadonlySet<ReportName>;
  readonly #reporters = new Map<ReportName, Promise<Reporter>>();
  /** What was published last, to leave out what says the same. */
  readonly #last = new Map<ReportName, string>();

  constructor(env: Env, enabled: readonly ReportName[]) {
    this.#env = env;
    this.#enabled = new Set(enabled);
  }

  configure(enabled: readonly ReportName[]): void {
    this.#enabled = new Set(enabled);
  }

  publish(name: ReportName, document: () => unknown): void {
    if (!this.#enabled.has(name)) return;
    const text = JSON.stringify(document());
    if (this.#last.get(name) === text) return;
    this.#last.set(name, text);
    this.#publish(name, text).catch((error: unknown) => {
      this.#last.delete(name);
      console.error(`Cannot report "${name}": ${errorMessage(error)}`);
    });
  }

  async #publish(name: ReportName, text: string): Promise<void> {
    let reporter = this.#reporters.get(name);
    if (reporter === undefined) {
      reporter = this.#env.connect(Report, { label: name });
      this.#reporters.set(name, reporter);
      // The next document tries again.
      reporter.catch(() => this.#reporters.delete(name));
    }
    await (await reporter).publish(text);
  }
}
