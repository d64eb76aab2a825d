/** Schemas made of other schemas: objects, records, arrays, unions. Import base/schema.ts instead. */
import { suggestion } from "./nearest.js";
import {
  type Described,
  described,
  type Infer,
  type JsonSchema,
  type Options,
  type Part,
  type Presence,
  reject,
  rejectKey,
  type Schema,
  type Shape,
  shown,
} from "./schema-node.js";

type Fields = Readonly<Record<string, Schema<unknown>>>;
type OptionalKey<F extends Fields> = {
  [K in keyof F]: F[K] extends { readonly presence: "optional" } ? K : never;
}[keyof F];
type Flat<T> = { readonly [K in keyof T]: T[K] };

/** The type that an object schema yields: fields marked `.optional()` may be missing, all others are there. */
export type ObjectOf<F extends Fields> = Flat<
  { [K in Exclude<keyof F, OptionalKey<F>>]: Infer<F[K]> } & { [K in OptionalKey<F>]?: Infer<F[K]> }
>;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isRequired(schema: Schema<unknown>): boolean {
  return (schema.presence ?? "required") === "required";
}

/** An object schema, with the fields that it is made of, so that another schema can take them over. */
export interface ObjectSchema<F extends Fields> extends Described<ObjectOf<F>, Presence> {
  readonly fields: F;
}

/** An object of known fields. An unknown key is a problem that names the nearest known one. */
export function object<const F extends Fields>(
  fields: F,
  options: Options<object> = {},
): ObjectSchema<F> & { readonly presence: "required" | "defaulted" } {
  const names = Object.keys(fields);
  const required = names.filter((name) => isRequired(fields[name] as Schema<unknown>));
  const shape: Shape<ObjectOf<F>> = {
    type: "object",
    takesObjects: () => true,
    // A field that tells by its value (a literal) decides as well; the others only by being there.
    matches: (value) =>
      isObject(value) &&
      required.every((name) => {
        const field = fields[name] as Schema<unknown> & { readonly shape?: Shape<unknown> };
        return value[name] !== undefined && (field.shape?.matches(value[name]) ?? true);
      }),
    parse(value, path, problems) {
      if (!isObject(value)) return reject(problems, path, `Expected an object, not ${shown(value)}`);
      for (const key of Object.keys(value)) {
        if (!Object.hasOwn(fields, key))
          rejectKey(problems, [...path, key], `Unknown key "${key}"${suggestion(key, names)}`);
      }
      const result: Record<string, unknown> = {};
      for (const name of names) {
        const given = Object.hasOwn(value, name) ? value[name] : undefined;
        const field = fields[name] as Schema<unknown>;
        if (given === undefined && field.presence === "optional") continue;
        result[name] = field.parse(given, [...path, name], problems);
      }
      return result as ObjectOf<F>;
    },
    jsonSchema: (definitions) => ({
      type: "object",
      properties: Object.fromEntries(
        names.map((name) => [name, (fields[name] as Schema<unknown>).jsonSchema(definitions)]),
      ),
      additionalProperties: false,
      ...(required.length > 0 && { required }),
    }),
    parts: () => names.map((name) => ({ key: `.${name}`, schema: fields[name] as Schema<unknown> })),
  };
  return Object.assign(described(shape, options), { fields });
}

export interface RecordOptions extends Options<object> {
  /** A regular expression that every key matches. */
  readonly keyPattern?: string;
  /** What a key stands for, in documentation: `NAME`. */
  readonly keyName?: string;
}

/** Named entries that all have one shape. */
export function record<T>(item: Schema<T>, options: RecordOptions = {}) {
  const { keyPattern, keyName = "NAME" } = options;
  const expression = keyPattern === undefined ? undefined : new RegExp(keyPattern, "u");
  return described<Readonly<Record<string, T>>>(
    {
      type: "object of named entries",
      matches: isObject,
      takesObjects: () => true,
      parse(value, path, problems) {
        if (!isObject(value)) return reject(problems, path, `Expected an object, not ${shown(value)}`);
        const result: Record<string, T> = {};
        for (const key of Object.keys(value)) {
          const at = [...path, key];
          // Assigning to this key would change the result's prototype instead of adding an entry.
          if (key === "__proto__") rejectKey(problems, at, `The key "__proto__" is not permitted`);
          else if (expression && !expression.test(key))
            rejectKey(problems, at, `Expected a key that matches ${keyPattern}, not ${shown(key)}`);
          else result[key] = item.parse(value[key], at, problems);
        }
        return result;
      },
      jsonSchema: (definitions) => ({
        type: "object",
        additionalProperties: item.jsonSchema(definitions),
        ...(keyPattern !== undefined && { propertyNames: { pattern: keyPattern } }),
      }),
      parts: () => [{ key: `.${keyName}`, schema: item, entry: true }],
    },
    options,
  );
}

export interface ArrayOptions extends Options<readonly unknown[]> {
  readonly min?: number;
  readonly max?: number;
}

export function array<T>(item: Schema<T>, options: ArrayOptions = {}) {
  const { min, max } = options;
  return described<readonly T[]>(
    {
      type: `list of ${item.facts?.type ?? "values"}`,
      matches: Array.isArray,
      parse(value, path, problems) {
        if (!Array.isArray(value)) return reject(problems, path, `Expected a list, not ${shown(value)}`);
        if (max !== undefined && value.length > max)
          return reject(problems, path, `Expected at most ${max} entries, not ${value.length}`);
        if (min !== undefined && value.length < min)
          return reject(
            problems,
            path,
            `Expected at least ${min} ${min === 1 ? "entry" : "entries"}, not ${value.length}`,
          );
        return value.map((entry: unknown, index) => item.parse(entry, [...path, index], problems));
      },
      jsonSchema: (definitions) => ({
        type: "array",
        items: item.jsonSchema(definitions),
        ...(min !== undefined && { minItems: min }),
        ...(max !== undefined && { maxItems: max }),
      }),
      parts: () => [{ key: "[]", schema: item, entry: true }],
    },
    options,
  );
}

type Alternatives = readonly [Described<unknown>, ...Described<unknown>[]];

/** What a union says when no alternative fits: the keys that decide among objects, else the types. */
function expectation(alternatives: Alternatives, value: unknown): string {
  const objects = alternatives.filter((alternative) => alternative.shape.takesObjects?.());
  if (isObject(value) && objects.length > 0) {
    const keys = objects.map((alternative) =>
      alternative.facts
        .parts()
        .filter((part) => isRequired(part.schema))
        .map((part) => `"${part.key.slice(1)}"`)
        .join(" and "),
    );
    const known = objects.flatMap((alternative) => alternative.facts.parts().map((part) => part.key.slice(1)));
    const stranger = Object.keys(value).find((key) => !known.includes(key));
    const hint = stranger === undefined ? "" : ` (unknown key "${stranger}"${suggestion(stranger, new Set(known))})`;
    return `Expected an object with ${[...new Set(keys)].join(", or ")}${hint}`;
  }
  return `Expected ${alternatives.map((alternative) => alternative.facts.type).join(" or ")}, not ${shown(value)}`;
}

/**
 * One of several shapes, chosen by the JSON type of the value; among objects by their required keys, and by the
 * values of literal fields. The first alternative that fits decides, and its problems are the ones reported.
 */
export function union<const A extends Alternatives>(alternatives: A, options: Options<unknown> = {}) {
  const types = [...new Set(alternatives.map((alternative) => alternative.facts.type))];
  return described<Infer<A[number]>>(
    {
      type: types.join(" | "),
      matches: (value) => alternatives.some((alternative) => alternative.shape.matches(value)),
      takesObjects: () => alternatives.some((alternative) => alternative.shape.takesObjects?.() === true),
      parse(value, path, problems) {
        // The only alternative for objects knows best what is wrong with one.
        const objects = isObject(value) ? alternatives.filter((alternative) => alternative.shape.takesObjects?.()) : [];
        const chosen =
          alternatives.find((alternative) => alternative.shape.matches(value)) ??
          (objects.length === 1 ? objects[0] : undefined);
        if (chosen === undefined) return reject(problems, path, expectation(alternatives, value));
        return chosen.parse(value, path, problems) as Infer<A[number]>;
      },
      jsonSchema: (definitions) => ({ anyOf: alternatives.map((alternative) => alternative.jsonSchema(definitions)) }),
      parts: () => alternatives.flatMap((alternative): readonly Part[] => alternative.facts.parts()),
    },
    options,
  );
}

/**
 * A shape with a name of its own: documented once, referred to by its name, and free to contain itself, such as a
 * tree. The constant that holds a shape that contains itself needs its type written out:
 * `const tree: Schema<Tree> = s.named("tree", () => s.object({ inner: s.array(tree) }))`.
 */
export function named<T>(name: string, make: () => Schema<T>, options: Options<unknown> = {}) {
  let made: Schema<T> | undefined;
  const schema = (): Schema<T> => {
    made ??= make();
    return made;
  };
  const shape = (): Shape<T> | undefined => (schema() as { readonly shape?: Shape<T> }).shape;
  return described<T>(
    {
      type: name,
      matches: (value) => shape()?.matches(value) ?? true,
      takesObjects: () => shape()?.takesObjects?.() ?? false,
      parse: (value, path, problems) => schema().parse(value, path, problems),
      jsonSchema(definitions) {
        if (!Object.hasOwn(definitions, name)) {
          // Entered before its content is built, so that the reference inside the content finds it.
          const definition: JsonSchema = {};
          definitions[name] = definition;
          Object.assign(definition, schema().jsonSchema(definitions));
        }
        return { $ref: `#/$defs/${name}` };
      },
    },
    options,
  );
}
