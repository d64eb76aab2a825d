/** TypeScript types, and the statements that write and read them. */
import type { ScalarName, Type } from "./model.js";
import { typeName } from "./typescript-names.js";

const methods: Readonly<Record<ScalarName, string>> = {
  bool: "bool",
  char: "u8",
  int8: "i8",
  uint8: "u8",
  int16: "i16",
  uint16: "u16",
  int32: "i32",
  uint32: "u32",
  int64: "i64",
  uint64: "u64",
  float32: "f32",
  float64: "f64",
};

function method(type: Extract<Type, { kind: "scalar" }>): string {
  if (!type.bigint) return methods[type.scalar];
  return type.scalar === "uint64" ? "bigU64" : "bigI64";
}

export function typeText(type: Type): string {
  switch (type.kind) {
    case "scalar":
      if (type.scalar === "bool") return "boolean";
      return type.bigint ? "bigint" : "number";
    case "string":
      return "string";
    case "bytes":
      return "Uint8Array";
    case "array":
      return `readonly ${type.element.kind === "optional" || type.element.kind === "array" ? `(${typeText(type.element)})` : typeText(type.element)}[]`;
    case "optional":
      return `${typeText(type.inner)} | undefined`;
    case "capability":
      return "Capability";
    case "declared":
      return typeName(type.declaration);
  }
}

/** Statements that write the value of `expression`, which may be evaluated several times. */
export function encode(type: Type, expression: string, indent: string, depth = 0): string[] {
  switch (type.kind) {
    case "scalar":
      return [`${indent}writer.${method(type)}(${expression});`];
    case "string":
      return [`${indent}writer.str(${expression}, ${type.max});`];
    case "bytes":
      return [`${indent}writer.data(${expression}, ${type.max});`];
    case "capability":
      return [`${indent}writer.capability(${expression});`];
    case "declared":
      return [`${indent}write${typeName(type.declaration)}(writer, ${expression});`];
    case "optional":
      return [
        `${indent}writer.bool(${expression} !== undefined);`,
        `${indent}if (${expression} !== undefined) {`,
        ...encode(type.inner, expression, `${indent}  `, depth),
        `${indent}}`,
      ];
    case "array": {
      const element = depth === 0 ? "element" : `element${depth + 1}`;
      const length = type.bounded
        ? `${indent}writer.count(${expression}.length, ${type.length});`
        : `${indent}if (${expression}.length !== ${type.length}) throw new SessionError("InvalidArgument", \`Cannot encode \${${expression}.length} elements: exactly ${type.length} are expected\`);`;
      return [
        length,
        `${indent}for (const ${element} of ${expression}) {`,
        ...encode(type.element, element, `${indent}  `, depth + 1),
        `${indent}}`,
      ];
    }
  }
}

/** An expression that reads a value. */
export function decode(type: Type): string {
  switch (type.kind) {
    case "scalar":
      return `reader.${method(type)}()`;
    case "string":
      return `reader.str(${type.max})`;
    case "bytes":
      return `reader.data(${type.max})`;
    case "capability":
      return `reader.capability("${type.capability}")`;
    case "declared":
      return `read${typeName(type.declaration)}(reader)`;
    case "optional":
      return `reader.bool() ? ${decode(type.inner)} : undefined`;
    case "array":
      return `Array.from({ length: ${type.bounded ? `reader.count(${type.length})` : type.length} }, () => ${type.element.kind === "optional" ? `(${decode(type.element)})` : decode(type.element)})`;
  }
}
