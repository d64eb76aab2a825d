/** The state report as a ROM module, for managers inside the system; there when the system file has `report`. */
import { Document } from "../lib/document.js";
import { systemFacts } from "../servers/init/facts.js";
import type { Init } from "../servers/init/init.js";
import { StatePace } from "../servers/init/state-pace.js";
import { stateReport } from "../servers/init/state-report.js";

export const stateModule = "state";

export class StateRom implements Disposable {
  readonly document = new Document();
  readonly #pace: StatePace;

  constructor(init: () => Init) {
    this.#pace = new StatePace(
      () => {
        const { model } = init();
        return (
          model.report && { state: stateReport(model, systemFacts(init()), model.report), delay: model.report.delay }
        );
      },
      (state) => this.document.publish(state),
    );
  }

  /** Something changed: publishes what is urgent at once, and the rest when the report's delay is over. */
  changed(): void {
    this.#pace.changed();
  }

  [Symbol.dispose](): void {
    this.#pace[Symbol.dispose]();
  }
}
