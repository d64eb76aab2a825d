/** Bytes on the wire and in packet slots. */
import type { Field, IntegerName, PacketField, ScalarName, Type } from "./model.js";

export const scalarBytes: Readonly<Record<ScalarName, number>> = {
  bool: 1,
  char: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float32: 4,
  float64: 8,
};

/** Smallest and largest value of an integer type, all bits used. */
export function integerRange(name: IntegerName | "char"): { readonly min: bigint; readonly max: bigint } {
  const bits = BigInt(scalarBytes[name] * 8);
  return name.startsWith("int")
    ? { min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n }
    : { min: 0n, max: (1n << bits) - 1n };
}

/** The same, as far as TypeScript numbers are exact. */
export function numberRange(name: IntegerName | "char"): { readonly min: bigint; readonly max: bigint } {
  const { min, max } = integerRange(name);
  const exact = BigInt(Number.MAX_SAFE_INTEGER);
  return { min: min < -exact ? -exact : min, max: max > exact ? exact : max };
}

/** The most bytes that a value takes in a message. */
export function maxBytes(type: Type): number {
  switch (type.kind) {
    case "scalar":
      return scalarBytes[type.scalar];
    case "string":
    case "bytes":
      return 2 + type.max;
    case "array":
      return (type.bounded ? 2 : 0) + type.length * maxBytes(type.element);
    case "optional":
      return 1 + maxBytes(type.inner);
    case "capability":
      return 1;
    case "declared": {
      const { declaration } = type;
      if (declaration.declares === "enum") return scalarBytes[declaration.base];
      if (declaration.declares === "struct") return sum(declaration.fields.map((field) => maxBytes(field.type)));
      return (
        scalarBytes[declaration.base] +
        Math.max(0, ...declaration.cases.map((entry) => (entry.type === undefined ? 0 : maxBytes(entry.type))))
      );
    }
  }
}

/** The most capabilities that a value carries. */
export function maxCapabilities(type: Type): number {
  switch (type.kind) {
    case "capability":
      return 1;
    case "array":
      return type.length * maxCapabilities(type.element);
    case "optional":
      return maxCapabilities(type.inner);
    case "declared": {
      const { declaration } = type;
      if (declaration.declares === "enum") return 0;
      if (declaration.declares === "struct") return sum(declaration.fields.map((field) => maxCapabilities(field.type)));
      return Math.max(
        0,
        ...declaration.cases.map((entry) => (entry.type === undefined ? 0 : maxCapabilities(entry.type))),
      );
    }
    default:
      return 0;
  }
}

export function messageBytes(fields: readonly Field[]): number {
  return sum(fields.map((field) => maxBytes(field.type)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** What a packet field is made of, or undefined for types without a fixed place in a slot. */
export function packetElement(type: Type): { readonly bytes: number; readonly count: number } | undefined {
  if (type.kind === "scalar") return { bytes: scalarBytes[type.scalar], count: 1 };
  if (type.kind === "declared" && type.declaration.declares === "enum")
    return { bytes: scalarBytes[type.declaration.base], count: 1 };
  if (type.kind !== "array" || type.bounded) return undefined;
  const element = packetElement(type.element);
  return element?.count === 1 && type.element.kind !== "array"
    ? { bytes: element.bytes, count: type.length }
    : undefined;
}

/** Places the fields one after the other, each naturally aligned. All must have a {@link packetElement}. */
export function packetLayout(fields: readonly Field[]): {
  readonly fields: readonly PacketField[];
  readonly stride: number;
} {
  let end = 0;
  const placed = fields.map((field) => {
    const { bytes, count } = packetElement(field.type) as { bytes: number; count: number };
    const offset = Math.ceil(end / bytes) * bytes;
    end = offset + bytes * count;
    return { ...field, offset, elementBytes: bytes };
  });
  let stride = 16;
  while (stride < end) stride *= 2;
  return { fields: placed, stride };
}

/** A type by what is on the wire, without names: two definitions with the same text understand each other. */
export function wireSignature(type: Type): string {
  switch (type.kind) {
    case "scalar":
      return type.scalar;
    case "string":
      return `str[${type.max}]`;
    case "bytes":
      return `bytes[${type.max}]`;
    case "array":
      return `${wireSignature(type.element)}[${type.bounded ? "<=" : ""}${type.length}]`;
    case "optional":
      return `optional ${wireSignature(type.inner)}`;
    case "capability":
      return `cap<${type.capability}>`;
    case "declared": {
      const { declaration } = type;
      if (declaration.declares === "enum") return declaration.base;
      if (declaration.declares === "struct")
        return `{${declaration.fields.map((field) => wireSignature(field.type)).join(", ")}}`;
      return `${declaration.base} of {${declaration.cases.map((entry) => `${entry.value}${entry.type === undefined ? "" : ` ${wireSignature(entry.type)}`}`).join(", ")}}`;
    }
  }
}
