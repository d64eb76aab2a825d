/** Filters with what their included ROMs add. */
import { errorMessage } from "../../base/errors.js";
import { parseJson } from "../../base/json-text.js";
import { parsed, problemText } from "../../base/schema.js";
import { deepestNesting, type FilterNode, type FilterSettings, includedSchema } from "./config.js";
import type { FilterName } from "./filters/index.js";

/** One configuration includes no more documents than this, however often they include each other. */
const mostIncludes = 256;

type Values = Readonly<Record<string, unknown>>;

/** The text of a ROM; undefined: there is no such ROM. */
export type TextOf = (rom: string) => string | undefined;

export interface Resolved {
  /** Includes nothing any more. */
  readonly tree: FilterNode;
  /** Every ROM that was looked at. */
  readonly roms: ReadonlySet<string>;
  /** What was left out, in sentences. */
  readonly problems: readonly string[];
}

/** Lists one after the other; of tables, the later one's entries count. */
function joined(before: unknown, after: unknown): unknown {
  if (before === undefined) return after;
  if (Array.isArray(before) && Array.isArray(after)) return [...before, ...after];
  if (before instanceof Map && after instanceof Map) return new Map([...before, ...after]);
  return { ...(before as object), ...(after as object) };
}

class Resolution {
  readonly roms = new Set<string>();
  readonly problems: string[] = [];
  readonly #textOf: TextOf;
  #count = 0;

  constructor(textOf: TextOf) {
    this.#textOf = textOf;
  }

  tree(node: FilterNode): FilterNode {
    if ("input" in node) return node;
    if ("merge" in node) return { merge: node.merge.map((inner) => this.tree(inner)) };
    const { kind, lists, include, input } = node.filter;
    const filter: FilterSettings = {
      ...node.filter,
      lists: this.#lists(kind, include, lists, []),
      include: [],
      input: this.tree(input),
    };
    return { filter };
  }

  /** What the ROMs say, and after that what stands here. `trail`: the ROMs by which one came here. */
  #lists(kind: FilterName, include: readonly string[], own: Values, trail: readonly string[]): Values {
    const result: Record<string, unknown> = {};
    const add = (values: Values): void => {
      for (const [name, value] of Object.entries(values)) result[name] = joined(result[name], value);
    };
    for (const rom of include) {
      const values = this.#document(kind, rom, trail);
      if (values !== undefined) add(values);
    }
    add(own);
    return result;
  }

  #document(kind: FilterName, rom: string, trail: readonly string[]): Values | undefined {
    const complain = (why: string): undefined => {
      this.problems.push(`Cannot include the ROM "${rom}" in "${kind}": ${why}; it is left out`);
      return undefined;
    };
    if (trail.includes(rom)) return complain(`it includes itself (${[...trail, rom].join(" -> ")})`);
    if (trail.length >= deepestNesting) return complain(`ROMs include each other at most ${deepestNesting} deep`);
    if (++this.#count > mostIncludes)
      return this.#count === mostIncludes + 1
        ? complain(`a configuration includes at most ${mostIncludes} documents`)
        : undefined;
    this.roms.add(rom);
    const text = this.#textOf(rom);
    if (text === undefined) return complain("there is no such ROM");
    if (text.trim() === "") return complain("it is empty");
    let document: unknown;
    try {
      document = parseJson(text);
    } catch (error) {
      return complain(`it is no JSON: ${errorMessage(error)}`);
    }
    const { value, problems } = parsed(includedSchema(kind), document);
    if (problems.length > 0) return complain(problems.map(problemText).join("; "));
    const { include, ...lists } = value;
    return this.#lists(kind, include, lists, [...trail, rom]);
  }
}

/** Puts into the tree what its filters include. What cannot be included is left out, and said. */
export function resolve(tree: FilterNode, textOf: TextOf): Resolved {
  const resolution = new Resolution(textOf);
  return { tree: resolution.tree(tree), roms: resolution.roms, problems: resolution.problems };
}
