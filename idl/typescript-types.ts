/** Enums, structs, variants and constants in TypeScript. */
import { scalarBytes } from "./layout.js";
import type {
  Constant,
  EnumDeclaration,
  Field,
  IntegerName,
  StructDeclaration,
  TypeDeclaration,
  VariantDeclaration,
} from "./model.js";
import { camelCase } from "./names.js";
import { decode, encode, typeText } from "./typescript-codec.js";
import { comment, constantName, typeName } from "./typescript-names.js";

function writeInteger(name: IntegerName): string {
  return `${name.startsWith("u") ? "u" : "i"}${scalarBytes[name] * 8}`;
}

export function constant(declaration: Constant): string[] {
  const { value } = declaration;
  const big = declaration.type.kind === "scalar" && declaration.type.bigint;
  return [
    ...comment(declaration.docs),
    `export const ${constantName(declaration)} = ${typeof value === "string" ? JSON.stringify(value) : String(value)}${big ? "n" : ""};`,
    "",
  ];
}

export function declaration(subject: TypeDeclaration): string[] {
  switch (subject.declares) {
    case "enum":
      return enumeration(subject);
    case "struct":
      return struct(subject);
    case "variant":
      return variant(subject);
  }
}

function enumeration(subject: EnumDeclaration): string[] {
  const name = typeName(subject);
  const integer = writeInteger(subject.base);
  return [
    ...comment(subject.docs),
    `export const ${name} = {`,
    ...subject.items.flatMap((item) => [...comment(item.docs, "  "), `  ${item.name}: ${item.value},`]),
    "} as const;",
    `export type ${name} = (typeof ${name})[keyof typeof ${name}];`,
    "",
    `export function is${name}(value: number): value is ${name} {`,
    "  switch (value) {",
    ...subject.items.map((item) => `    case ${item.value}:`),
    "      return true;",
    "    default:",
    "      return false;",
    "  }",
    "}",
    "",
    `export function write${name}(writer: Writer, value: ${name}): void {`,
    `  if (!is${name}(value)) throw new SessionError("InvalidArgument", \`Cannot encode \${String(value)} as ${qualified(subject)}\`);`,
    `  writer.${integer}(value);`,
    "}",
    "",
    `export function read${name}(reader: Reader): ${name} {`,
    `  const value = reader.${integer}();`,
    `  if (!is${name}(value)) throw new SessionError("Malformed", \`${qualified(subject)} has no item \${value}\`);`,
    "  return value;",
    "}",
    "",
  ];
}

export function qualified(subject: TypeDeclaration): string {
  return subject.scope === undefined ? subject.name : `${subject.scope}.${subject.name}`;
}

/** Fields as members of an object type. */
export function members(fields: readonly Field[], indent: string): string[] {
  return fields.flatMap((field) => [
    ...comment(field.docs, indent),
    `${indent}readonly ${camelCase(field.name)}${field.type.kind === "optional" ? "?" : ""}: ${typeText(field.type)};`,
  ]);
}

function struct(subject: StructDeclaration): string[] {
  const name = typeName(subject);
  return [
    ...comment(subject.docs),
    `export interface ${name} {`,
    ...members(subject.fields, "  "),
    "}",
    "",
    `export function write${name}(writer: Writer, value: ${name}): void {`,
    ...subject.fields.flatMap((field) => encode(field.type, `value.${camelCase(field.name)}`, "  ")),
    "}",
    "",
    `export function read${name}(reader: Reader): ${name} {`,
    `  return ${objectOf(subject.fields)};`,
    "}",
    "",
  ];
}

/** An object literal whose properties are read in order. */
export function objectOf(fields: readonly Field[]): string {
  if (fields.length === 0) return "{}";
  return `{ ${fields.map((field) => `${camelCase(field.name)}: ${decode(field.type)}`).join(", ")} }`;
}

function variant(subject: VariantDeclaration): string[] {
  const name = typeName(subject);
  const integer = writeInteger(subject.base);
  return [
    ...comment(subject.docs),
    `export type ${name} =`,
    ...subject.cases.flatMap((entry, index) => [
      ...comment(entry.docs, "  "),
      `  | { readonly kind: "${camelCase(entry.name)}"${entry.type === undefined ? "" : `; readonly value: ${typeText(entry.type)}`} }${index === subject.cases.length - 1 ? ";" : ""}`,
    ]),
    "",
    `export function write${name}(writer: Writer, value: ${name}): void {`,
    "  switch (value.kind) {",
    ...subject.cases.flatMap((entry) => [
      `    case "${camelCase(entry.name)}":`,
      `      writer.${integer}(${entry.value});`,
      ...(entry.type === undefined ? [] : encode(entry.type, "value.value", "      ")),
      "      return;",
    ]),
    "    default:",
    `      throw new SessionError("InvalidArgument", \`Cannot encode \${String((value as { kind?: unknown }).kind)} as a case of ${qualified(subject)}\`);`,
    "  }",
    "}",
    "",
    `export function read${name}(reader: Reader): ${name} {`,
    `  const tag = reader.${integer}();`,
    "  switch (tag) {",
    ...subject.cases.flatMap((entry) => [
      `    case ${entry.value}:`,
      `      return { kind: "${camelCase(entry.name)}"${entry.type === undefined ? "" : `, value: ${decode(entry.type)}`} };`,
    ]),
    "    default:",
    `      throw new SessionError("Malformed", \`${qualified(subject)} has no case \${tag}\`);`,
    "  }",
    "}",
    "",
  ];
}
