/** What the parser makes of one file: the definitions as written, names not yet looked up. */
import type { Position } from "./diagnostics.js";

export interface Name {
  readonly text: string;
  readonly at: Position;
}

/** A constant, or the name of one. */
export type Expression =
  | { readonly kind: "integer"; readonly value: bigint; readonly at: Position }
  | { readonly kind: "float"; readonly value: number; readonly at: Position }
  | { readonly kind: "string"; readonly value: string; readonly at: Position }
  | { readonly kind: "bool"; readonly value: boolean; readonly at: Position }
  | { readonly kind: "name"; readonly name: Name; readonly at: Position };

/** `[6]` or `[<=6]` behind a type. */
export interface Bound {
  readonly upTo: boolean;
  readonly size: Expression;
  readonly at: Position;
}

export interface TypeSyntax {
  readonly at: Position;
  readonly optional: boolean;
  readonly bigint: boolean;
  /** `Info`, `Block.Info`, `uint32`, `cap`. */
  readonly name: Name;
  /** What `cap<...>` names. */
  readonly capability: Name | undefined;
  readonly bounds: readonly Bound[];
}

interface Documented {
  readonly name: Name;
  readonly docs: readonly string[];
}

export interface FieldSyntax extends Documented {
  readonly type: TypeSyntax;
}

export interface ParameterSyntax extends FieldSyntax {
  readonly direction: "in" | "out" | "inout";
}

export interface OperationSyntax extends Documented {
  readonly declares: "operation";
  readonly kind: "call" | "oneway";
  readonly asynchronous: boolean;
  readonly opcode: Expression | undefined;
  readonly parameters: readonly ParameterSyntax[];
  readonly throws: readonly Name[];
}

export interface EnumSyntax extends Documented {
  readonly declares: "enum";
  readonly base: TypeSyntax | undefined;
  readonly items: readonly (Documented & { readonly value: Expression })[];
}

export interface StructSyntax extends Documented {
  readonly declares: "struct" | "packet";
  readonly fields: readonly FieldSyntax[];
}

export interface VariantSyntax extends Documented {
  readonly declares: "variant";
  readonly base: TypeSyntax | undefined;
  readonly cases: readonly (Documented & {
    readonly type: TypeSyntax | undefined;
    readonly value: Expression | undefined;
  })[];
}

export interface AliasSyntax extends Documented {
  readonly declares: "type";
  readonly type: TypeSyntax;
}

export interface ConstantSyntax extends Documented {
  readonly declares: "const";
  readonly type: TypeSyntax;
  readonly value: Expression;
}

export interface ErrorSyntax extends Documented {
  readonly declares: "error";
}

export interface SignalSyntax extends Documented {
  readonly declares: "signal";
  readonly number: Expression | undefined;
}

export interface QuotaSyntax {
  readonly declares: "quota";
  readonly at: Position;
  readonly amounts: readonly { readonly name: Name; readonly value: Expression }[];
}

export interface SessionSyntax {
  readonly declares: "session";
  readonly at: Position;
  readonly fields: readonly (FieldSyntax & { readonly value: Expression | undefined })[];
}

/** What both files and interfaces may hold. */
export type SharedMember = EnumSyntax | StructSyntax | VariantSyntax | AliasSyntax | ConstantSyntax;
export type Member = SharedMember | OperationSyntax | ErrorSyntax | SignalSyntax | QuotaSyntax | SessionSyntax;

export interface InterfaceSyntax extends Documented {
  readonly declares: "interface";
  /** A namespace may be reopened; an interface may not. */
  readonly reopens: boolean;
  readonly version: Expression | undefined;
  readonly protocol: string | undefined;
  readonly parts: readonly Name[];
  readonly members: readonly Member[];
}

export interface ImportSyntax {
  readonly declares: "import";
  readonly path: Name;
}

export interface FileSyntax {
  readonly path: string;
  readonly imports: readonly ImportSyntax[];
  readonly shared: readonly SharedMember[];
  readonly interfaces: readonly InterfaceSyntax[];
}
