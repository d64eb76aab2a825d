/** The events of all sources, on their way through the filters, and the change from one tree of filters to the next. */
import type { InputEvent } from "../../sessions/event/index.js";
import { Chain } from "./chain.js";
import type { FilterNode } from "./config.js";
import type { Surroundings } from "./filters/filter.js";
import { HeldCounts } from "./held-counts.js";

/** Takes events that belong together; resolves when there is room for more. */
export type Output = (events: readonly InputEvent[]) => Promise<void>;

const mostWaiting = 256;

export class EventFilter {
  readonly #surroundings: Surroundings;
  readonly #output: Output;
  #chain: Chain;
  /** Waits until nothing is held. */
  #next: FilterNode | undefined;
  /** What the sources hold, before the filters. */
  readonly #before = new HeldCounts();
  /** What whoever takes the events sees held, behind the filters. */
  readonly #behind = new HeldCounts();
  #batch: InputEvent[] = [];
  #sending: Promise<void> | undefined;

  /** Begins without filters: nothing passes. */
  constructor(surroundings: Surroundings, output: Output) {
    this.#surroundings = surroundings;
    this.#output = output;
    this.#chain = new Chain({ merge: [] }, surroundings, () => {});
  }

  /**
   * Brings a tree of filters into force: once nothing is held, since filters that are exchanged meanwhile do not know what
   * the release of a key belongs to; at once with `force`, and then whoever takes the events sees everything released.
   */
  configure(tree: FilterNode, force = false): void {
    this.#next = tree;
    if (!force && this.#before.size > 0) return;
    this.#exchange();
  }

  /** Whether a tree of filters waits to come into force. */
  get waits(): boolean {
    return this.#next !== undefined;
  }

  #exchange(): void {
    if (this.#next === undefined) return;
    this.#chain.close();
    for (const event of this.#behind.released()) this.#collect(event);
    this.#chain = new Chain(this.#next, this.#surroundings, (event) => {
      if (this.#behind.follow(event)) this.#collect(event);
    });
    this.#next = undefined;
  }

  /** Takes the events of an input, as one. Resolves when the output has taken what came of them. */
  submit(input: string, events: readonly InputEvent[]): Promise<void> {
    for (const event of events) {
      this.#before.follow(event);
      this.#chain.submit(input, event);
      if (this.#before.size === 0) this.#exchange();
    }
    return this.#sending ?? Promise.resolve();
  }

  /** What comes in one turn, of a source's call or of a timer, goes on as one. */
  #collect(event: InputEvent): void {
    // Sources wait for room, timers do not: characters that repeat are dropped while the output stands still.
    if (event.kind === "press" && event.key === 0 && this.#batch.length >= mostWaiting) return;
    this.#batch.push(event);
    this.#sending ??= Promise.resolve().then(() => this.#send());
  }

  async #send(): Promise<void> {
    try {
      while (this.#batch.length > 0) await this.#output(this.#batch.splice(0));
    } finally {
      this.#sending = undefined;
    }
  }

  /** Nothing comes out any more. */
  close(): void {
    this.#chain.close();
  }
}
