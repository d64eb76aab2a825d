/** What every schema is made of. Import base/schema.ts instead: it holds the combinators. */

/** Where in a document: `["start", "uart", "ram"]`. */
export type Path = readonly (string | number)[];

/** One thing wrong with a document: where (a path such as `start.uart.resources.ram`) and what. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
  /** Whether the key at the end of the path is what is wrong, rather than its value. */
  readonly at?: "key";
}

export type JsonSchema = Record<string, unknown>;

/** What an object's field may do: be demanded, be filled in by a default, or be left out of the result. */
export type Presence = "required" | "defaulted" | "optional";

/** A parser of plain JSON values with its documentation. */
export interface Schema<T> {
  /**
   * Appends to `problems` instead of throwing; the result counts only when nothing was appended.
   * `undefined` stands for an absent value: it yields the default, or a problem.
   */
  parse(value: unknown, path: Path, problems: Problem[]): T;
  /** A JSON Schema (2020-12) of the same shape. Named shapes go to `definitions`. */
  jsonSchema(definitions?: Record<string, JsonSchema>): JsonSchema;
  /** Absent means required. */
  readonly presence?: Presence;
  /** What the documentation says of it. */
  readonly facts?: Facts;
}

/** The documentation of one schema. */
export interface Facts {
  /** How the type reads: `integer 1 to 8`. */
  readonly type: string;
  readonly doc: string | undefined;
  /** As written in a document. */
  readonly default: unknown;
  /** Fields, items or alternatives that have lines of their own in a table. */
  parts(): readonly Part[];
}

/** A part of a composite schema; `key` continues the path of the whole: `.ram`, `[]`, `.NAME` or nothing. */
export interface Part {
  readonly key: string;
  readonly schema: Schema<unknown>;
  /** Whether it stands for each entry of a list or record, rather than for one field. */
  readonly entry?: true;
}

/** The TypeScript type of a schema's values. */
export type Infer<S> = S extends Schema<infer T> ? T : never;

/** How values of one kind are recognised, parsed and described. An absent value never arrives here. */
export interface Shape<T> {
  readonly type: string;
  /** Whether the value is meant to have this shape, which is less than being free of problems: unions choose by it. */
  matches(value: unknown): boolean;
  /** Whether it is a shape for JSON objects. */
  takesObjects?(): boolean;
  parse(value: unknown, path: Path, problems: Problem[]): T;
  jsonSchema(definitions: Record<string, JsonSchema>): JsonSchema;
  parts?(): readonly Part[];
}

export interface Options<Written> {
  /** One sentence for the documentation; units where the type does not say them. */
  readonly doc?: string;
  /** Used when the value is absent, in the form in which a document writes it. */
  readonly default?: Written;
}

/** Deeper documents are refused: parsing follows the nesting with its own stack. */
export const maxDepth = 64;

/** Records that the value at `path` is wrong. The returned value never reaches a caller that looks at the problems. */
export function reject(problems: Problem[], path: Path, message: string): never {
  problems.push({ path, message });
  return undefined as never;
}

/** Records that the key at the end of `path` is wrong. */
export function rejectKey(problems: Problem[], path: Path, message: string): void {
  problems.push({ path, message, at: "key" });
}

/** A value as it appears in a message: JSON, cut to a readable length. */
export function shown(value: unknown): string {
  const text =
    typeof value === "number" || typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? typeof value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** A schema with documentation and default. Immutable: the methods return changed copies. */
export class Described<T, P extends Presence = Presence> implements Schema<T> {
  readonly presence: P;
  readonly shape: Shape<T>;
  readonly facts: Facts;

  constructor(shape: Shape<T>, presence: P, doc?: string, fallback?: unknown) {
    this.shape = shape;
    this.presence = presence;
    this.facts = { type: shape.type, doc, default: fallback, parts: () => shape.parts?.() ?? [] };
    if (presence !== "defaulted") return;
    const problems: Problem[] = [];
    shape.parse(fallback, [], problems);
    // A mistake of the program, not of a document: found when the module loads, not when a user leaves the key out.
    if (problems.length > 0)
      throw new TypeError(
        `The default ${shown(fallback)} is no ${shape.type}: ${problems.map(({ message }) => message).join("; ")}`,
      );
  }

  parse(value: unknown, path: Path, problems: Problem[]): T {
    if (value !== undefined) {
      if (path.length > maxDepth) return reject(problems, path, `A document nests at most ${maxDepth} levels`);
      return this.shape.parse(value, path, problems);
    }
    // The default is parsed anew each time, so that no two documents share an object.
    if (this.presence === "defaulted") return this.shape.parse(this.facts.default, path, problems);
    if (this.presence === "optional") return undefined as T;
    return reject(problems, path, `Missing: ${this.shape.type} is required`);
  }

  jsonSchema(definitions?: Record<string, JsonSchema>): JsonSchema {
    const collected = definitions ?? {};
    const schema = this.shape.jsonSchema(collected);
    if (this.facts.doc !== undefined) schema["description"] = this.facts.doc;
    if (this.presence === "defaulted") schema["default"] = this.facts.default;
    if (definitions === undefined && Object.keys(collected).length > 0) schema["$defs"] = collected;
    return schema;
  }

  /** A field that may be left out, and then is not in the result either. */
  optional(): Described<T, "optional"> {
    return new Described(this.shape, "optional", this.facts.doc);
  }

  /** A field that may be left out, and then has this value, given as a document would write it. */
  default(value: unknown): Described<T, "defaulted"> {
    return new Described(this.shape, "defaulted", this.facts.doc, value);
  }

  /** Replaces the documentation. */
  doc(text: string): Described<T, P> {
    return new Described(this.shape, this.presence, text, this.facts.default);
  }
}

/** A schema from a shape and the options that every combinator takes. */
export function described<T>(shape: Shape<T>, options: Options<unknown> = {}): Described<T, "required" | "defaulted"> {
  return new Described(shape, options.default === undefined ? "required" : "defaulted", options.doc, options.default);
}
