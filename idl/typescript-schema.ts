/** Session arguments as schema combinators of base/schema.ts. */
import { formatSize } from "../base/quantity.js";
import { numberRange, scalarBytes } from "./layout.js";
import type { Argument, IntegerName, Type, Value } from "./model.js";
import { camelCase } from "./names.js";

function combinator(type: Type): { readonly name: string; readonly first?: string; readonly facts: readonly string[] } {
  if (type.kind === "string") return { name: "string", facts: [`maxBytes: ${type.max}`] };
  if (type.kind === "declared" && type.declaration.declares === "enum")
    return {
      name: "enumeration",
      first: `[${type.declaration.items.map((item) => JSON.stringify(item.name)).join(", ")}]`,
      facts: [],
    };
  if (type.kind !== "scalar") throw new TypeError(`No schema for a ${type.kind}`);
  if (type.scalar === "bool") return { name: "boolean", facts: [] };
  if (type.scalar === "float32" || type.scalar === "float64") return { name: "number", facts: [] };
  if (type.alias === "size") return { name: "size", facts: [] };
  const { min, max } = numberRange(type.scalar as IntegerName | "char");
  return { name: "integer", facts: scalarBytes[type.scalar] === 8 && min < 0n ? [] : [`min: ${min}`, `max: ${max}`] };
}

/** A default as a document would write it: items of enums by name. */
function defaultText(value: Value, type: Type): string {
  if (type.kind === "optional") return defaultText(value, type.inner);
  if (type.kind === "declared" && type.declaration.declares === "enum")
    return JSON.stringify(type.declaration.items.find((item) => BigInt(item.value) === value)?.name);
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** `s.size({ default: 131072, doc: "..." })`. */
export function schemaOf(argument: Argument): string {
  const optional = argument.type.kind === "optional" && argument.default === undefined;
  const type = argument.type.kind === "optional" ? argument.type.inner : argument.type;
  const { name, first, facts } = combinator(type);
  const all = [
    ...facts,
    ...(argument.default === undefined ? [] : [`default: ${defaultText(argument.default, argument.type)}`]),
    ...(argument.docs.length === 0 ? [] : [`doc: ${JSON.stringify(argument.docs.join(" "))}`]),
  ];
  const options = all.length === 0 ? [] : [`{ ${all.join(", ")} }`];
  return `s.${name}(${[...(first === undefined ? [] : [first]), ...options].join(", ")})${optional ? ".optional()" : ""}`;
}

/** The type of a parsed argument: enums arrive by name. */
export function argumentType(argument: Argument): string {
  const type = argument.type.kind === "optional" ? argument.type.inner : argument.type;
  if (type.kind === "string") return "string";
  if (type.kind === "declared" && type.declaration.declares === "enum")
    return type.declaration.items.map((item) => JSON.stringify(item.name)).join(" | ");
  return type.kind === "scalar" && type.scalar === "bool" ? "boolean" : "number";
}

export function argumentName(argument: Argument): string {
  return camelCase(argument.name);
}

/** Whether a parsed object may lack the argument. */
export function mayBeAbsent(argument: Argument): boolean {
  return argument.type.kind === "optional" && argument.default === undefined;
}

/** How an argument reads in documentation: its type and its default. */
export function schemaType(argument: Argument): { readonly text: string; readonly fallback: string | undefined } {
  const type = argument.type.kind === "optional" ? argument.type.inner : argument.type;
  const absent = mayBeAbsent(argument) ? ", may be absent" : "";
  const size = type.kind === "scalar" && type.alias === "size" && typeof argument.default === "bigint";
  const fallback = size ? formatSize(Number(argument.default)) : undefined;
  return {
    text: `${argumentText(type)}${absent}`,
    fallback: argument.default === undefined ? undefined : (fallback ?? defaultText(argument.default, argument.type)),
  };
}

function argumentText(type: Type): string {
  if (type.kind === "string") return `string of at most ${type.max} bytes`;
  if (type.kind === "declared" && type.declaration.declares === "enum") {
    return type.declaration.items.map((item) => `\`"${item.name}"\``).join(", ");
  }
  const { name } = combinator(type);
  if (name !== "integer" || type.kind !== "scalar") return name;
  const { min, max } = numberRange(type.scalar as IntegerName | "char");
  const exact = BigInt(Number.MAX_SAFE_INTEGER);
  const text = (value: bigint): string =>
    value === exact ? "2^53 - 1" : value === -exact ? "-(2^53 - 1)" : `${value}`;
  return `integer ${text(min)} to ${text(max)}`;
}
