/** The names that generated TypeScript uses. */
import type { Constant, Field, Packet, TypeDeclaration } from "./model.js";
import { camelCase, pascalCase } from "./names.js";

const reservedWords = new Set(
  "arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield".split(
    " ",
  ),
);

/** Names that generated functions use for themselves, also as parts: `element2`, `readBlockInfo`, `calcErrors`. */
const locals = /^(call|options|reader|writer|handlers|error|s|element[0-9]*|(read|write|is|decode)[A-Z].*|.*Errors)$/;

/** What generated files import, and what they use of the language: no definition may have such a name. */
export const importedNames: ReadonlySet<string> = new Set(
  "misfit readU64 readI64 Call CallOptions Capability Interface Operation Reader RpcPort SessionError Writer s Array BigInt DataView Error Map Number Promise Record Uint8Array".split(
    " ",
  ),
);

/** `Info` inside Block is `BlockInfo`. */
export function typeName(declaration: TypeDeclaration | Packet): string {
  return (declaration.scope ?? "") + pascalCase(declaration.name);
}

/** `MAX_SIZE` inside Block is `blockMaxSize`. */
export function constantName(constant: Constant): string {
  return constant.scope === undefined
    ? identifier(camelCase(constant.name))
    : camelCase(constant.scope) + pascalCase(camelCase(constant.name));
}

/** A name that may stand for a variable. */
export function identifier(name: string): string {
  return reservedWords.has(name) ? `${name}_` : name;
}

/** A field as a parameter or variable. */
export function localName(field: Pick<Field, "name">): string {
  const name = camelCase(field.name);
  return locals.test(name) ? `${name}_` : identifier(name);
}

/** A `///` text as a documentation comment. */
export function comment(docs: readonly string[], indent = ""): string[] {
  const lines = docs.map((line) => line.replaceAll("*/", "*\\/"));
  if (lines.length === 0) return [];
  if (lines.length === 1) return [`${indent}/** ${lines[0]} */`];
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`];
}
