/** A tree of filters at work: events go in at inputs, and come out at the root. */
import type { InputEvent } from "../../sessions/event/index.js";
import type { FilterNode } from "./config.js";
import type { Filter, FilterKind, Sink, Surroundings } from "./filters/filter.js";
import { filterKinds } from "./filters/index.js";

export class Chain {
  readonly #inputs = new Map<string, Sink[]>();
  readonly #filters: Filter[] = [];
  readonly #surroundings: Surroundings;

  constructor(tree: FilterNode, surroundings: Surroundings, sink: Sink) {
    this.#surroundings = surroundings;
    this.#build(tree, sink);
  }

  #build(node: FilterNode, sink: Sink): void {
    if ("input" in node) {
      const sinks = this.#inputs.get(node.input) ?? [];
      this.#inputs.set(node.input, [...sinks, sink]);
    } else if ("merge" in node) {
      for (const inner of node.merge) this.#build(inner, sink);
    } else {
      const { kind, options, lists, input } = node.filter;
      // The settings were checked by the schema of this very kind, which the types of the table do not tell.
      const { make } = filterKinds[kind] as unknown as FilterKind<Record<never, never>, Record<never, never>>;
      const filter = make({ ...options, ...lists }, this.#surroundings, sink);
      this.#filters.push(filter);
      this.#build(input, (event) => filter.handle(event));
    }
  }

  /** Takes an event of an input. What no filter asks for is dropped. */
  submit(input: string, event: InputEvent): void {
    for (const sink of this.#inputs.get(input) ?? []) sink(event);
  }

  /** Nothing comes out any more. */
  close(): void {
    for (const filter of this.#filters) filter.close?.();
  }
}
