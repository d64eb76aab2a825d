/** Packet descriptors: byte offsets, and functions that work on a slot in shared memory. */
import { scalarBytes } from "./layout.js";
import type { Packet, PacketField, ScalarName, Type } from "./model.js";
import { camelCase } from "./names.js";
import { comment, typeName } from "./typescript-names.js";
import { members, qualified } from "./typescript-types.js";

const accessors: Readonly<Record<ScalarName, string>> = {
  bool: "Uint8",
  char: "Uint8",
  int8: "Int8",
  uint8: "Uint8",
  int16: "Int16",
  uint16: "Uint16",
  int32: "Int32",
  uint32: "Uint32",
  int64: "BigInt64",
  uint64: "BigUint64",
  float32: "Float32",
  float64: "Float64",
};

function scalar(type: Type): ScalarName {
  if (type.kind === "scalar") return type.scalar;
  return type.kind === "declared" && type.declaration.declares === "enum" ? type.declaration.base : "uint8";
}

function read(name: ScalarName, at: string): string {
  return `view.get${accessors[name]}(${at}${scalarBytes[name] > 1 ? ", true" : ""})`;
}

/** Whether a type is 64 bits that TypeScript has as a number. */
function isExact(type: Type): boolean {
  return type.kind === "scalar" && (type.scalar === "int64" || type.scalar === "uint64") && !type.bigint;
}

/** An expression that checks what was read; shared memory holds what the peer likes. */
function checkedRead(type: Type, at: string): string {
  if (isExact(type)) return `${scalar(type) === "uint64" ? "readU64" : "readI64"}(view, ${at})`;
  const raw = read(scalar(type), at);
  if (type.kind === "declared") return `checked${typeName(type.declaration)}(${raw})`;
  return scalar(type) === "bool" ? `${raw} !== 0` : raw;
}

/** A condition that holds for values that do not fit, or undefined for types that take every value. */
function misfit(type: Type, value: string): string | undefined {
  if (type.kind === "declared") return `!is${typeName(type.declaration)}(${value})`;
  if (type.kind === "scalar" && type.bigint)
    return `BigInt.as${type.scalar === "uint64" ? "Uint" : "Int"}N(64, ${value}) !== ${value}`;
  switch (scalar(type)) {
    case "char":
    case "uint8":
      return `(${value} & 0xff) !== ${value}`;
    case "int8":
      return `(${value} << 24) >> 24 !== ${value}`;
    case "uint16":
      return `(${value} & 0xffff) !== ${value}`;
    case "int16":
      return `(${value} << 16) >> 16 !== ${value}`;
    case "uint32":
      return `${value} >>> 0 !== ${value}`;
    case "int32":
      return `(${value} | 0) !== ${value}`;
    case "uint64":
      return `!Number.isSafeInteger(${value}) || ${value} < 0`;
    case "int64":
      return `!Number.isSafeInteger(${value})`;
    default:
      return undefined;
  }
}

/** Statements that check and write one value. */
function checkedWrite(type: Type, at: string, value: string, indent: string, field: string): string[] {
  const name = scalar(type);
  const wrong = misfit(type, value);
  const check = wrong === undefined ? [] : [`${indent}if (${wrong}) throw misfit(${value}, "${field}");`];
  if (isExact(type))
    return [
      ...check,
      `${indent}view.setUint32(${at}, ${value} >>> 0, true);`,
      `${indent}view.set${name === "uint64" ? "Uint" : "Int"}32(${at} + 4, Math.floor(${value} / 0x1_0000_0000), true);`,
    ];
  return [
    ...check,
    `${indent}view.set${accessors[name]}(${at}, ${name === "bool" ? `${value} ? 1 : 0` : value}${scalarBytes[name] > 1 ? ", true" : ""});`,
  ];
}

function place(field: PacketField): string {
  return field.offset === 0 ? "at" : `at + ${field.offset}`;
}

/** The place of the element `index` of an array. */
function elementPlace(field: PacketField): string {
  return `${place(field)} + index${field.elementBytes === 1 ? "" : ` * ${field.elementBytes}`}`;
}

function readField(field: PacketField): string {
  if (field.type.kind !== "array") return checkedRead(field.type, place(field));
  const { element, length } = field.type;
  return `Array.from({ length: ${length} }, (_, index) => ${checkedRead(element, elementPlace(field))})`;
}

function writeField(field: PacketField, packet: string): string[] {
  const value = `packet.${camelCase(field.name)}`;
  const name = `${packet}.${camelCase(field.name)}`;
  if (field.type.kind !== "array") return checkedWrite(field.type, place(field), value, "    ", name);
  const { element, length } = field.type;
  return [
    `    if (${value}.length !== ${length}) throw misfit(\`\${${value}.length} elements\`, "${name}");`,
    `    for (const [index, element] of ${value}.entries()) {`,
    ...checkedWrite(element, elementPlace(field), "element", "      ", name),
    "    }",
  ];
}

const misfitFunction = [
  "function misfit(value: unknown, field: string): SessionError {",
  `  return new SessionError("InvalidArgument", \`Cannot encode \${String(value)} as \${field}\`);`,
  "}",
  "",
];

function exactFunction(unsigned: boolean): string[] {
  return [
    `function ${unsigned ? "readU64" : "readI64"}(view: DataView, at: number): number {`,
    `  const value = view.get${unsigned ? "Uint" : "Int"}32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true);`,
    '  if (!Number.isSafeInteger(value)) throw new SessionError("Malformed", "A 64-bit integer of a packet exceeds 2^53 - 1");',
    "  return value;",
    "}",
    "",
  ];
}

/** The functions that the packets of one file share. */
export function packetFunctions(packets: readonly Packet[]): string[] {
  const text = packets.flatMap(packet).join("\n");
  return [
    ...enumChecks(packets),
    ...(text.includes("misfit(") ? misfitFunction : []),
    ...(text.includes("readU64(") ? exactFunction(true) : []),
    ...(text.includes("readI64(") ? exactFunction(false) : []),
  ];
}

/** The enums that packets of a file use: each needs a check of its own. */
function enumChecks(packets: readonly Packet[]): string[] {
  const enums = new Map<string, string>();
  for (const { fields } of packets) {
    for (const { type } of fields) {
      const element = type.kind === "array" ? type.element : type;
      if (element.kind === "declared") enums.set(typeName(element.declaration), qualified(element.declaration));
    }
  }
  return [...enums].flatMap(([name, written]) => [
    `function checked${name}(value: number): ${name} {`,
    `  if (!is${name}(value)) throw new SessionError("Malformed", \`${written} has no item \${value}\`);`,
    "  return value;",
    "}",
    "",
  ]);
}

export function packet(subject: Packet): string[] {
  const name = typeName(subject);
  return [
    ...comment(subject.docs),
    `export interface ${name} {`,
    ...members(subject.fields, "  "),
    "}",
    "",
    `/** How a ${name} lies in a slot of ${subject.stride} bytes. */`,
    `export const ${name} = {`,
    `  name: "${name}",`,
    "  /** Bytes from one slot to the next. */",
    `  stride: ${subject.stride},`,
    "  /** Bytes from the start of the slot. */",
    `  offsets: { ${subject.fields.map((field) => `${camelCase(field.name)}: ${field.offset}`).join(", ")} },`,
    "  /** A private copy of the slot at byte `at`: each field is read once, then checked. Throws `Malformed`. */",
    `  read(view: DataView, at: number): ${name} {`,
    "    return {",
    ...subject.fields.map((field) => `      ${camelCase(field.name)}: ${readField(field)},`),
    "    };",
    "  },",
    "  /** Fills the slot at byte `at`. Throws `InvalidArgument` for values that do not fit. */",
    `  write(view: DataView, at: number, packet: ${name}): void {`,
    ...subject.fields.flatMap((field) => writeField(field, name)),
    "  },",
    "} as const;",
    "",
  ];
}
