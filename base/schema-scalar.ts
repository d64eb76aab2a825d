/** Schemas of single values: numbers, texts, sizes, durations. Import base/schema.ts instead. */
import { labelProblem, maxLabelBytes } from "./label.js";
import { suggestion } from "./nearest.js";
import { durationPattern, formatSize, parseDuration, parseSize, sizePattern } from "./quantity.js";
import { described, maxDepth, type Options, type Path, type Problem, reject, shown } from "./schema-node.js";

interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** ` 1 to 8`, ` of at least 1`, or nothing. */
function rangeText(range: Range, format: (value: number) => string): string {
  if (range.min !== undefined && range.max !== undefined) return ` ${format(range.min)} to ${format(range.max)}`;
  if (range.min !== undefined) return ` of at least ${format(range.min)}`;
  if (range.max !== undefined) return ` of at most ${format(range.max)}`;
  return "";
}

function within(range: Range, value: number): boolean {
  return value >= (range.min ?? Number.NEGATIVE_INFINITY) && value <= (range.max ?? Number.POSITIVE_INFINITY);
}

function rangeSchema(range: Range): Record<string, number> {
  return {
    ...(range.min !== undefined && { minimum: range.min }),
    ...(range.max !== undefined && { maximum: range.max }),
  };
}

export function boolean(options: Options<boolean> = {}) {
  return described<boolean>(
    {
      type: "boolean",
      matches: (value) => typeof value === "boolean",
      parse: (value, path, problems) =>
        typeof value === "boolean" ? value : reject(problems, path, `Expected true or false, not ${shown(value)}`),
      jsonSchema: () => ({ type: "boolean" }),
    },
    options,
  );
}

function numeric(kind: "integer" | "number", accepts: (value: number) => boolean, options: Range & Options<number>) {
  const type = kind + rangeText(options, String);
  return described<number>(
    {
      type,
      matches: (value) => typeof value === "number",
      parse: (value, path, problems) =>
        typeof value === "number" && accepts(value) && within(options, value)
          ? value
          : reject(problems, path, `Expected ${kind === "integer" ? "an" : "a"} ${type}, not ${shown(value)}`),
      jsonSchema: () => ({ type: kind, ...rangeSchema(options) }),
    },
    options,
  );
}

/** A whole number within ±(2^53 - 1). */
export function integer(options: Range & Options<number> = {}) {
  return numeric("integer", Number.isSafeInteger, options);
}

export function number(options: Range & Options<number> = {}) {
  return numeric("number", Number.isFinite, options);
}

const encoder = new TextEncoder();

export interface StringOptions extends Options<string> {
  /** The longest form, in bytes of UTF-8. */
  readonly maxBytes?: number;
  /** A regular expression of the whole text. */
  readonly pattern?: string;
}

export function string(options: StringOptions = {}) {
  const { maxBytes, pattern } = options;
  const expression = pattern === undefined ? undefined : new RegExp(pattern, "u");
  return described<string>(
    {
      type: "string",
      matches: (value) => typeof value === "string",
      parse(value, path, problems) {
        if (typeof value !== "string") return reject(problems, path, `Expected a string, not ${shown(value)}`);
        if (/\p{Surrogate}/u.test(value)) return reject(problems, path, "Expected well-formed Unicode");
        if (maxBytes !== undefined && encoder.encode(value).length > maxBytes)
          return reject(
            problems,
            path,
            `Expected at most ${maxBytes} bytes of text, not ${encoder.encode(value).length}`,
          );
        if (expression && !expression.test(value))
          return reject(problems, path, `Expected text that matches ${pattern}, not ${shown(value)}`);
        return value;
      },
      // JSON Schema counts characters; a character has at least one byte, so the bound holds there too.
      jsonSchema: () => ({
        type: "string",
        ...(maxBytes !== undefined && { maxLength: maxBytes }),
        ...(pattern !== undefined && { pattern }),
      }),
    },
    options,
  );
}

/** A session label: elements joined by " -> ". */
export function label(options: Options<string> = {}) {
  return described<string>(
    {
      type: "label",
      matches: (value) => typeof value === "string",
      parse(value, path, problems) {
        if (typeof value !== "string") return reject(problems, path, `Expected a label, not ${shown(value)}`);
        const problem = labelProblem(value);
        return problem === undefined ? value : reject(problems, path, `Expected a label: ${problem}`);
      },
      jsonSchema: () => ({ type: "string", maxLength: maxLabelBytes }),
    },
    options,
  );
}

/** One of a few names. */
export function enumeration<const Name extends string>(names: readonly Name[], options: Options<NoInfer<Name>> = {}) {
  const type = names.map((name) => `"${name}"`).join(" | ");
  return described<Name>(
    {
      type,
      matches: (value) => names.includes(value as Name),
      parse(value, path, problems) {
        if (names.includes(value as Name)) return value as Name;
        const hint = typeof value === "string" ? suggestion(value, names) : `; known: ${names.join(", ")}`;
        return reject(problems, path, `Unknown value ${shown(value)}${hint}`);
      },
      jsonSchema: () => ({ enum: [...names] }),
    },
    options,
  );
}

/** Exactly this value. */
export function literal<const Value extends string | number | boolean | null>(
  expected: Value,
  options: Options<NoInfer<Value>> = {},
) {
  return described<Value>(
    {
      type: JSON.stringify(expected),
      matches: (value) => value === expected,
      parse: (value, path, problems) =>
        value === expected
          ? expected
          : reject(problems, path, `Expected ${JSON.stringify(expected)}, not ${shown(value)}`),
      jsonSchema: () => ({ const: expected }),
    },
    options,
  );
}

function quantity(
  kind: "size" | "duration",
  read: (value: string | number) => number,
  pattern: string,
  format: (value: number) => string,
  options: Range & Options<string | number>,
) {
  const type = kind + rangeText(options, format);
  return described<number>(
    {
      type,
      matches: (value) => typeof value === "number" || typeof value === "string",
      parse(value, path, problems) {
        if (typeof value !== "number" && typeof value !== "string")
          return reject(problems, path, `Expected a ${type}, not ${shown(value)}`);
        try {
          const result = read(value);
          return within(options, result) ? result : reject(problems, path, `Expected a ${type}, not ${shown(value)}`);
        } catch (error) {
          return reject(problems, path, (error as Error).message);
        }
      },
      // The bounds hold for the number; a text is checked for its form only.
      jsonSchema: () => ({
        anyOf: [
          { type: kind === "size" ? "integer" : "number", minimum: 0, ...rangeSchema(options) },
          { type: "string", pattern },
        ],
      }),
    },
    options,
  );
}

/** Bytes: a number, or a text such as "128K" (binary multiples). */
export function size(options: Range & Options<string | number> = {}) {
  return quantity("size", parseSize, sizePattern, formatSize, options);
}

/** Milliseconds: a number, or a text such as "250ms". */
export function duration(options: Range & Options<string | number> = {}) {
  return quantity("duration", parseDuration, durationPattern, (value) => `${value}ms`, options);
}

/** Plain JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

function checkJson(value: unknown, path: Path, problems: Problem[]): void {
  if (path.length > maxDepth) reject(problems, path, `A document nests at most ${maxDepth} levels`);
  else if (value === null || typeof value === "boolean" || typeof value === "string") return;
  else if (typeof value === "number") {
    if (!Number.isFinite(value)) reject(problems, path, `Expected a finite number, not ${value}`);
  } else if (Array.isArray(value))
    value.forEach((item, index) => {
      checkJson(item, [...path, index], problems);
    });
  else if (typeof value === "object")
    for (const [key, item] of Object.entries(value)) checkJson(item, [...path, key], problems);
  else reject(problems, path, `Expected plain JSON, not ${typeof value}`);
}

/** Any plain JSON value, as it is. */
export function anything(options: Options<Json> = {}) {
  return described<Json>(
    {
      type: "any JSON",
      matches: () => true,
      parse(value, path, problems) {
        checkJson(value, path, problems);
        return value as Json;
      },
      jsonSchema: () => ({}),
    },
    options,
  );
}
