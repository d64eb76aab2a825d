/** What a child says about the flow of its sessions. It may say what it likes: nothing is decided by it. */
import type { ParentFlow } from "../../base/parent/parent.generated.js";

/** A child has no more sessions that anybody wants to see. */
const mostFlows = 1024;

export class Flows {
  readonly #raise: () => void;
  #arriving: ParentFlow[] = [];
  #last: readonly ParentFlow[] = [];
  #asked: { readonly answered: Promise<void>; readonly answer: () => void } | undefined;

  /** `raise` tells the child that its flow is wanted. */
  constructor(raise: () => void) {
    this.#raise = raise;
  }

  received(flows: readonly ParentFlow[], more: boolean): void {
    if (this.#arriving.length < mostFlows) this.#arriving.push(...flows);
    if (more) return;
    this.#last = this.#arriving;
    this.#arriving = [];
    this.#asked?.answer();
    this.#asked = undefined;
  }

  /** Asks the child, and resolves to what it says within so many milliseconds, or said before. */
  async ask(within: number): Promise<readonly ParentFlow[]> {
    if (this.#asked === undefined) {
      let answer = (): void => {};
      const answered = new Promise<void>((resolve) => {
        answer = resolve;
      });
      this.#asked = { answered, answer };
      this.#raise();
    }
    const { answered, answer } = this.#asked;
    const late = setTimeout(() => {
      this.#asked = undefined;
      answer();
    }, within);
    await answered;
    clearTimeout(late);
    return this.#last;
  }
}
