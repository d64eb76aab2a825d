/** A reference page in Markdown for one interface. */
import { formatSize } from "../base/quantity.js";
import { messageBytes, scalarBytes } from "./layout.js";
import {
  allErrors,
  type Constant,
  type Definition,
  type Field,
  type Interface,
  type Operation,
  type Packet,
  renumberedFrom,
  type Type,
  type TypeDeclaration,
} from "./model.js";
import { camelCase, kebabCase, pascalCase } from "./names.js";
import { typeText } from "./typescript-codec.js";
import { constantName, typeName } from "./typescript-names.js";
import { schemaType } from "./typescript-schema.js";
import { valueText } from "./values.js";

/** `mapped-file-object.md`. */
export function pageName(subject: Interface): string {
  return `${kebabCase(subject.name)}.md`;
}

/** A type as the language writes it. */
export function typeSource(type: Type): string {
  switch (type.kind) {
    case "scalar":
      return `${type.bigint ? "[bigint] " : ""}${type.alias ?? type.scalar}`;
    case "string":
      return `str[${type.max}]`;
    case "bytes":
      return `bytes[${type.max}]`;
    case "array":
      return `${typeSource(type.element)}[${type.bounded ? "<=" : ""}${type.length}]`;
    case "optional":
      return `optional ${typeSource(type.inner)}`;
    case "capability":
      return `cap<${type.names ?? "Channel"}>`;
    case "declared":
      return pascalCase(type.declaration.name) === typeName(type.declaration)
        ? type.declaration.name
        : `${type.declaration.scope}.${type.declaration.name}`;
  }
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), `| ${head.map(() => "---").join(" | ")} |`, ...rows.map(line), ""];
}

function code(text: string): string {
  return `\`${text}\``;
}

function paragraph(docs: readonly string[]): string[] {
  return docs.length === 0 ? [] : [...docs, ""];
}

function fieldRows(fields: readonly Field[]): string[][] {
  return fields.map((field) => [
    code(camelCase(field.name)),
    code(typeSource(field.type)),
    code(typeText(field.type)),
    field.docs.join(" "),
  ]);
}

function signature(operation: Operation): string {
  const list = (fields: readonly Field[]): string =>
    fields.map((field) => `${field.name}: ${typeSource(field.type)}`).join(", ");
  const head = operation.kind === "oneway" ? `${operation.asynchronous ? "async " : ""}oneway` : "rpc";
  return `${head} ${operation.name}(${list(operation.inputs)})${operation.kind === "call" ? ` -> (${list(operation.outputs)})` : ""}`;
}

function operationSection(operation: Operation, subject: Interface): string[] {
  const sizes =
    operation.kind === "call"
      ? `request up to ${messageBytes(operation.inputs)} bytes, reply up to ${messageBytes(operation.outputs)} bytes`
      : `up to ${messageBytes(operation.inputs)} bytes, no reply`;
  const origin = operation.origin === subject ? "" : ` of [${operation.origin.name}](${pageName(operation.origin)})`;
  const alone = renumberedFrom(operation);
  const renumbered =
    alone === undefined ? "" : ` (${alone} there: clients that know only ${operation.origin.name} cannot use it here)`;
  return [
    `### ${camelCase(operation.name)}`,
    "",
    "```",
    signature(operation),
    "```",
    "",
    ...paragraph(operation.docs),
    `Opcode ${operation.opcode}${origin}${renumbered}; ${sizes}.`,
    "",
    ...table(["parameter", "type", "TypeScript", ""], fieldRows(operation.inputs)),
    ...table(["result", "type", "TypeScript", ""], fieldRows(operation.outputs)),
    ...(operation.throws.length === 0 ? [] : [`Throws ${operation.throws.map(code).join(", ")}.`, ""]),
  ];
}

function typeSection(subject: TypeDeclaration): string[] {
  const head = [`### ${typeName(subject)}`, "", ...paragraph(subject.docs)];
  switch (subject.declares) {
    case "enum":
      return [
        ...head,
        `An enum of ${scalarBytes[subject.base]} byte${scalarBytes[subject.base] === 1 ? "" : "s"} (${subject.base}).`,
        "",
        ...table(
          ["item", "number", ""],
          subject.items.map((item) => [code(item.name), String(item.value), item.docs.join(" ")]),
        ),
      ];
    case "struct":
      return [...head, ...table(["field", "type", "TypeScript", ""], fieldRows(subject.fields))];
    case "variant":
      return [
        ...head,
        `A tag (${subject.base}), then the value of its case.`,
        "",
        ...table(
          ["kind", "tag", "value", ""],
          subject.cases.map((entry) => [
            code(camelCase(entry.name)),
            String(entry.value),
            entry.type === undefined ? "none" : code(typeSource(entry.type)),
            entry.docs.join(" "),
          ]),
        ),
      ];
  }
}

function packetSection(subject: Packet): string[] {
  return [
    `### ${typeName(subject)}`,
    "",
    ...paragraph(subject.docs),
    `One slot has ${subject.stride} bytes.`,
    "",
    ...table(
      ["field", "byte", "type", "TypeScript", ""],
      subject.fields.map((field) => [
        code(camelCase(field.name)),
        String(field.offset),
        code(typeSource(field.type)),
        code(typeText(field.type)),
        field.docs.join(" "),
      ]),
    ),
  ];
}

function constantRows(constants: readonly Constant[]): string[][] {
  return constants.map((constant) => [
    code(constantName(constant)),
    code(typeSource(constant.type)),
    code(valueText(constant.value)),
    constant.docs.join(" "),
  ]);
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, "", ...lines];
}

/** The page of one interface; `definition` is its file, whose own types belong to the page. */
export function interfacePage(subject: Interface, definition: Definition): string {
  const file = definition.file.slice(definition.file.lastIndexOf("/") + 1);
  const types = [...definition.types, ...subject.types];
  const argumentRows = subject.arguments.map((argument) => {
    const { text, fallback } = schemaType(argument);
    return [
      code(camelCase(argument.name)),
      cell(text),
      fallback === undefined ? "" : code(fallback),
      argument.docs.join(" "),
    ];
  });
  const lines = [
    `# ${subject.name}`,
    "",
    ...paragraph(subject.docs),
    `Version ${subject.version}, defined in \`${file}\`${subject.protocol === undefined ? "" : `, protocol ${subject.protocol}`}. A session donates at least ${formatSize(subject.ramQuota)} of RAM and ${subject.capQuota} capabilities.`,
    "",
    ...(subject.parts.length === 0
      ? []
      : [`Composes ${subject.parts.map((part) => `[${part.name}](${pageName(part)})`).join(", ")}.`, ""]),
    ...section("Session arguments", table(["argument", "type", "default", ""], argumentRows)),
    ...section(
      "Operations",
      subject.operations.flatMap((operation) => operationSection(operation, subject)),
    ),
    ...section(
      "Signals",
      table(
        ["signal", "number", ""],
        subject.signals.map((signal) => [code(camelCase(signal.name)), String(signal.number), signal.docs.join(" ")]),
      ),
    ),
    ...section("Errors", errorTable(subject)),
    ...section("Types", types.flatMap(typeSection)),
    ...section("Packets", [...definition.packets, ...subject.packets].flatMap(packetSection)),
    ...section(
      "Constants",
      table(["name", "type", "value", ""], constantRows([...definition.constants, ...subject.constants])),
    ),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

/** An error's number counts within the interface that defines it. */
function errorTable(subject: Interface): string[] {
  const owners = [...new Set([subject, ...subject.operations.map((operation) => operation.origin)])];
  const rows = owners.flatMap((owner) =>
    owner.errors.map((error, index) => [
      code(error.name),
      String(64 + index),
      owner === subject ? "" : owner.name,
      error.docs.join(" "),
    ]),
  );
  return allErrors(subject).length === 0 ? [] : table(["code", "on the wire", "of", ""], rows);
}
