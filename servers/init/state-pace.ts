/** How often a state report is made: what is urgent at once, everything else when the delay since the last one is over. */
import { monotonic } from "../../base/monotonic.js";
import { type StateDocument, urgent } from "./state-report.js";

export interface StateLook {
  readonly state: StateDocument;
  /** Least milliseconds since the last report. */
  readonly delay: number;
}

export class StatePace implements Disposable {
  readonly #look: () => StateLook | undefined;
  readonly #publish: (state: StateDocument | undefined) => void;
  #last: StateDocument | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #scheduled = false;

  /** `look` sees the state as it is, or undefined while nobody wants it. `publish` is told the same. */
  constructor(look: () => StateLook | undefined, publish: (state: StateDocument | undefined) => void) {
    this.#look = look;
    this.#publish = publish;
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
    const look = this.#look();
    if (look === undefined) {
      this[Symbol.dispose]();
      if (this.#last !== undefined) this.#publish(undefined);
      this.#last = undefined;
      return;
    }
    const wait = this.#lastAt + look.delay - monotonic();
    if (wait <= 0 || urgent(this.#last, look.state)) this.#report(look.state);
    else this.#timer ??= setTimeout(() => this.#due(), Math.ceil(wait));
  }

  #due(): void {
    // A timer may fire a little early: then it is set once more.
    this.#timer = undefined;
    this.#consider();
  }

  #report(state: StateDocument): void {
    this[Symbol.dispose]();
    this.#last = state;
    this.#lastAt = monotonic();
    this.#publish(state);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
