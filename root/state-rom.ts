/** The state report as a ROM module, for managers inside the system; there when the system file has `report`. */
import { Document } from "../lib/document.js";
import { systemFacts } from "../servers/init/facts.js";
import type { Init } from "../servers/init/init.js";
import { type StateDocument, stateReport, urgent } from "../servers/init/state-report.js";

export const stateModule = "state";

export class StateRom implements Disposable {
  readonly document = new Document();
  readonly #init: () => Init;
  #timer: NodeJS.Timeout | undefined;
  #published: StateDocument | undefined;
  #publishedAt = Number.NEGATIVE_INFINITY;

  constructor(init: () => Init) {
    this.#init = init;
  }

  /** Something changed: publishes what is urgent at once, and the rest when the report's delay is over. */
  changed(): void {
    const { model } = this.#init();
    if (model.report === undefined) {
      this[Symbol.dispose]();
      this.#published = undefined;
      this.document.publish(undefined);
      return;
    }
    const now = stateReport(model, systemFacts(this.#init()), model.report);
    const rest = this.#publishedAt + model.report.delay - performance.now();
    if (rest <= 0 || urgent(this.#published, now)) this.#publish(now);
    else this.#timer ??= setTimeout(() => this.#late(), rest);
  }

  #late(): void {
    this.#timer = undefined;
    this.changed();
  }

  #publish(state: StateDocument): void {
    this[Symbol.dispose]();
    this.#published = state;
    this.#publishedAt = performance.now();
    this.document.publish(state);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
