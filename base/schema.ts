/**
 * Schema combinators: one object per document yields its parser, TypeScript type, defaults, documentation
 * and JSON Schema, so that none of them can drift from another.
 *
 *     const config = s.object({
 *       rate: s.integer({ min: 1, max: 1000, default: 50, doc: "Frames per second." }),
 *       buffer: s.size({ default: "128K", doc: "Bytes of the shared buffer." }),
 *       device: s.string({ doc: "Path of the device node." }).optional(),
 *     });
 *     type Config = Infer<typeof config>; // { rate: number; buffer: number; device?: string }
 *     const { rate } = checked(config, JSON.parse(text), "the configuration");
 */
import { SessionError } from "./errors.js";
import { array, named, object, record, union } from "./schema-composite.js";
import type { JsonSchema, Path, Problem, Schema } from "./schema-node.js";
import {
  anything,
  boolean,
  duration,
  enumeration,
  integer,
  label,
  literal,
  number,
  size,
  string,
} from "./schema-scalar.js";

export type { ObjectOf, ObjectSchema } from "./schema-composite.js";
export type {
  Described,
  Facts,
  Infer,
  JsonSchema,
  Options,
  Part,
  Path,
  Presence,
  Problem,
  Schema,
  Shape,
} from "./schema-node.js";
export { described, reject, rejectKey, shown } from "./schema-node.js";
export type { Json } from "./schema-scalar.js";
export { schemaRows, schemaTable, undocumented } from "./schema-table.js";

export const s = {
  anything,
  array,
  boolean,
  duration,
  enumeration,
  integer,
  label,
  literal,
  named,
  number,
  object,
  record,
  size,
  string,
  union,
} as const;

/** A path as people read it: `start.uart.route[0].service`. */
export function pathText(path: Path): string {
  return path
    .map((element, index) => (typeof element === "number" ? `[${element}]` : index === 0 ? element : `.${element}`))
    .join("");
}

/** One line: `start.uart.ram: Expected a size, not true`. */
export function problemText(problem: Problem): string {
  return problem.path.length === 0 ? problem.message : `${pathText(problem.path)}: ${problem.message}`;
}

/** Parses a plain JSON value; `problems` is empty exactly when `value` counts. */
export function parsed<T>(
  schema: Schema<T>,
  document: unknown,
): { readonly value: T; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const value = schema.parse(document, [], problems);
  return { value, problems };
}

/**
 * Parses a plain JSON value, or fails.
 * @param subject What the value is, for the message: `the session arguments of Block "disk"`.
 * @throws SessionError `InvalidArgument`, with all problems in the message and as `detail.problems`.
 */
export function checked<T>(schema: Schema<T>, document: unknown, subject: string): T {
  const { value, problems } = parsed(schema, document);
  if (problems.length === 0) return value;
  throw new SessionError("InvalidArgument", `Cannot use ${subject}: ${problems.map(problemText).join("; ")}`, {
    problems,
  });
}

/** A complete JSON Schema document, for editors. */
export function jsonSchemaDocument(
  schema: Schema<unknown>,
  facts: { readonly id?: string; readonly title: string },
): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    ...(facts.id !== undefined && { $id: facts.id }),
    title: facts.title,
    ...schema.jsonSchema(),
  };
}
