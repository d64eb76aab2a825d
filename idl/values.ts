/** Constant values: whether they fit a type, and how they read. */
import { integerRange, numberRange } from "./layout.js";
import type { IntegerName, Type, Value } from "./model.js";

/** How a value reads in a message. */
export function valueText(value: Value): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** The value as the type has it, or what is wrong with it. */
export function fitted(value: Value, type: Type): { readonly value: Value } | string {
  switch (type.kind) {
    case "optional":
      return fitted(value, type.inner);
    case "string":
      if (typeof value !== "string") return `Expected a string, not ${valueText(value)}`;
      return Buffer.byteLength(value) <= type.max ? { value } : `${valueText(value)} is longer than ${type.max} bytes`;
    case "declared": {
      if (type.declaration.declares !== "enum") break;
      const { items, name } = type.declaration;
      return typeof value === "bigint" && items.some((item) => BigInt(item.value) === value)
        ? { value }
        : `Expected an item of enum ${name}, not ${valueText(value)}`;
    }
    case "scalar":
      if (type.scalar === "bool")
        return typeof value === "boolean" ? { value } : `Expected true or false, not ${valueText(value)}`;
      if (type.scalar === "float32" || type.scalar === "float64")
        return typeof value === "number" || typeof value === "bigint"
          ? { value: Number(value) }
          : `Expected a number, not ${valueText(value)}`;
      return integral(value, type.scalar, type.bigint);
  }
  return `A ${type.kind === "declared" ? type.declaration.declares : type.kind} has no constants`;
}

function integral(value: Value, name: IntegerName | "char", bigint: boolean): { readonly value: Value } | string {
  if (typeof value !== "bigint") return `Expected a whole number, not ${valueText(value)}`;
  const all = integerRange(name);
  if (value < all.min || value > all.max) return `${value} is no ${name} (${all.min} to ${all.max})`;
  const exact = numberRange(name);
  if (!bigint && (value < exact.min || value > exact.max))
    return `${value} is not exact as a number of TypeScript: mark the type [bigint]`;
  return { value };
}
