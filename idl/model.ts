/** What a definition means: names resolved, numbers assigned. All back ends work from this. */
import type { CapabilityKind } from "../base/message.js";
import type { Position } from "./diagnostics.js";

export type IntegerName = "int8" | "uint8" | "int16" | "uint16" | "int32" | "uint32" | "int64" | "uint64";
export type ScalarName = IntegerName | "bool" | "char" | "float32" | "float64";

export type Type =
  /** `alias` is the name under which it was written, such as `size`. */
  | {
      readonly kind: "scalar";
      readonly scalar: ScalarName;
      readonly bigint: boolean;
      readonly alias: string | undefined;
    }
  /** At most `max` bytes of UTF-8. */
  | { readonly kind: "string"; readonly max: number }
  | { readonly kind: "bytes"; readonly max: number }
  /** `bounded`: up to `length` elements; else exactly that many. */
  | { readonly kind: "array"; readonly element: Type; readonly length: number; readonly bounded: boolean }
  | { readonly kind: "optional"; readonly inner: Type }
  /** `names` is what stands in `cap<...>`. */
  | { readonly kind: "capability"; readonly capability: CapabilityKind; readonly names: string | undefined }
  | { readonly kind: "declared"; readonly declaration: TypeDeclaration };

export interface Documented {
  /** As in the definition. */
  readonly name: string;
  readonly docs: readonly string[];
  readonly at: Position;
}

export interface Field extends Documented {
  readonly type: Type;
}

interface Scoped extends Documented {
  /** The interface around it, or undefined at the top of a file. */
  readonly scope: string | undefined;
  /** The file that defines it. */
  readonly file: string;
}

export interface EnumDeclaration extends Scoped {
  readonly declares: "enum";
  readonly base: IntegerName;
  readonly items: readonly (Documented & { readonly value: number })[];
}

export interface StructDeclaration extends Scoped {
  readonly declares: "struct";
  readonly fields: readonly Field[];
}

export interface VariantDeclaration extends Scoped {
  readonly declares: "variant";
  readonly base: IntegerName;
  readonly cases: readonly (Documented & { readonly type: Type | undefined; readonly value: number })[];
}

export type TypeDeclaration = EnumDeclaration | StructDeclaration | VariantDeclaration;

export type Value = bigint | number | string | boolean;

export interface Constant extends Scoped {
  readonly declares: "const";
  readonly type: Type;
  readonly value: Value;
}

/** The descriptor of a packet stream; the fields include the implicit `offset` and `length`. */
export interface Packet extends Scoped {
  readonly declares: "packet";
  readonly fields: readonly PacketField[];
  /** Bytes from one slot to the next: a power of two. */
  readonly stride: number;
}

export interface PacketField extends Field {
  /** Bytes from the start of the slot, a multiple of `elementBytes`. */
  readonly offset: number;
  readonly elementBytes: number;
}

export interface Operation extends Documented {
  readonly kind: "call" | "oneway";
  /** Declared `async`: the receiver may leave it unread for later. */
  readonly asynchronous: boolean;
  readonly opcode: number;
  /** Whether the definition itself gives the opcode. */
  readonly explicit: boolean;
  readonly inputs: readonly Field[];
  readonly outputs: readonly Field[];
  readonly throws: readonly string[];
  /** The interface that defines it: its list numbers the errors. */
  readonly origin: Interface;
}

export interface Signal extends Documented {
  readonly number: number;
  readonly explicit: boolean;
}

export interface Argument extends Field {
  readonly default: Value | undefined;
}

export interface Interface extends Documented {
  readonly file: string;
  readonly version: number;
  readonly protocol: string | undefined;
  /** Empty unless this is a compound. */
  readonly parts: readonly Interface[];
  /** Of the interface and its parts, in the order of opcodes. */
  readonly operations: readonly Operation[];
  /** Those that operations of this interface itself throw; the index numbers them. A compound's parts keep their own. */
  readonly errors: readonly Documented[];
  readonly signals: readonly Signal[];
  readonly arguments: readonly Argument[];
  readonly ramQuota: number;
  readonly capQuota: number;
  readonly types: readonly TypeDeclaration[];
  readonly constants: readonly Constant[];
  readonly packets: readonly Packet[];
}

/** One definition file. */
export interface Definition {
  readonly file: string;
  readonly types: readonly TypeDeclaration[];
  readonly constants: readonly Constant[];
  readonly packets: readonly Packet[];
  readonly interfaces: readonly Interface[];
}

/** Errors of an interface and of all its parts. */
export function allErrors(subject: Interface): readonly Documented[] {
  const found = new Map(subject.errors.map((error) => [error.name, error]));
  for (const part of subject.parts)
    for (const error of allErrors(part)) if (!found.has(error.name)) found.set(error.name, error);
  return [...found.values()];
}

/** The opcode that an operation has in the interface that defines it, where a compound had to give it another. */
export function renumberedFrom(operation: Operation): number | undefined {
  const alone = operation.origin.operations.find((candidate) => candidate.name === operation.name)?.opcode;
  return alone === operation.opcode ? undefined : alone;
}
