/** Which definition a name stands for: the interface around it, then the file, its imports, and the built-in names. */
import { suggestion } from "../base/nearest.js";
import { type Diagnostics, positionText } from "./diagnostics.js";
import { scalarBytes } from "./layout.js";
import type { Constant, Definition, Interface, Packet, Type } from "./model.js";
import { preludePath } from "./prelude.js";
import type { FileSyntax, InterfaceSyntax, Name, SharedMember } from "./syntax.js";

/** What a symbol means once it was looked at. */
export type Meaning =
  | { readonly kind: "type"; readonly type: Type }
  | { readonly kind: "const"; readonly constant: Constant }
  | { readonly kind: "packet"; readonly packet: Packet };

export interface SymbolEntry {
  readonly syntax: SharedMember;
  /** The interface around it. */
  readonly scope: string | undefined;
  /** `busy` while its own definition is being looked at: meeting it again then means that it contains itself. */
  state: "new" | "busy" | "done";
  meaning: Meaning | undefined;
}

/** Names of the scalar types and of the types with a syntax of their own. */
export const builtInTypes: readonly string[] = [...Object.keys(scalarBytes), "str", "bytes", "cap"];

/** The definitions of one file, by name, and those that it imports. */
export class FileScope {
  readonly file: string;
  readonly imports: readonly FileScope[];
  readonly #top = new Map<string, SymbolEntry>();
  readonly #nested = new Map<string, Map<string, SymbolEntry>>();
  readonly #interfaceSyntax = new Map<string, InterfaceSyntax[]>();
  /** Filled while the file is resolved. */
  readonly interfaces = new Map<string, Interface>();
  definition: Definition | undefined;

  constructor(syntax: FileSyntax, imports: readonly FileScope[], diagnostics: Diagnostics) {
    this.file = syntax.path;
    this.imports = imports;
    const define = (table: Map<string, SymbolEntry>, member: SharedMember, scope: string | undefined): void => {
      const { text, at } = member.name;
      const earlier = table.get(text);
      if (earlier !== undefined)
        return diagnostics.report(at, `"${text}" is defined twice: first at ${positionText(earlier.syntax.name.at)}`);
      if (builtInTypes.includes(text))
        return diagnostics.report(at, `"${text}" is a built-in type and cannot be defined anew`);
      table.set(text, { syntax: member, scope, state: "new", meaning: undefined });
    };
    for (const member of syntax.shared) define(this.#top, member, undefined);
    for (const subject of syntax.interfaces) {
      const { text, at } = subject.name;
      const earlier = this.#interfaceSyntax.get(text);
      if (earlier === undefined) this.#interfaceSyntax.set(text, [subject]);
      else if (subject.reopens && earlier[0]?.reopens) earlier.push(subject);
      else {
        diagnostics.report(
          at,
          `Interface ${text} is defined twice: first at ${positionText((earlier[0] as InterfaceSyntax).name.at)}`,
        );
        continue;
      }
      const table = this.#nested.get(text) ?? new Map<string, SymbolEntry>();
      this.#nested.set(text, table);
      for (const member of subject.members) {
        if (
          member.declares === "enum" ||
          member.declares === "struct" ||
          member.declares === "packet" ||
          member.declares === "variant" ||
          member.declares === "type" ||
          member.declares === "const"
        )
          define(table, member, text);
      }
    }
  }

  /** The interfaces as written; a namespace that is reopened has several entries. */
  get interfaceSyntax(): ReadonlyMap<string, readonly InterfaceSyntax[]> {
    return this.#interfaceSyntax;
  }

  /** This file and all that it imports, directly or not, nearest first. */
  *reachable(seen = new Set<FileScope>()): Generator<FileScope> {
    if (seen.has(this)) return;
    seen.add(this);
    yield this;
    for (const imported of this.imports) yield* imported.reachable(seen);
  }

  /** All symbols of this file itself. */
  *own(): Generator<SymbolEntry> {
    yield* this.#top.values();
    for (const table of this.#nested.values()) yield* table.values();
  }

  /** The symbol and the file that holds it. */
  find(
    name: string,
    scope: string | undefined,
  ): { readonly entry: SymbolEntry; readonly holder: FileScope } | undefined {
    const [first, second] = name.split(".") as [string, string | undefined];
    if (second === undefined && scope !== undefined) {
      const entry = this.#nested.get(scope)?.get(first);
      if (entry !== undefined) return { entry, holder: this };
    }
    for (const holder of this.reachable()) {
      const entry = second === undefined ? holder.#top.get(first) : holder.#nested.get(first)?.get(second);
      if (entry !== undefined) return { entry, holder };
    }
    return undefined;
  }

  findInterface(name: string): Interface | undefined {
    for (const holder of this.reachable()) {
      const found = holder.interfaces.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** `; did you mean "Info"?` for a name that nothing defines. */
  hint(
    name: Name,
    scope: string | undefined,
    declares: (member: SharedMember) => boolean,
    others: readonly string[],
  ): string {
    const known: string[] = [];
    if (scope !== undefined)
      for (const [text, entry] of this.#nested.get(scope) ?? []) if (declares(entry.syntax)) known.push(text);
    for (const holder of this.reachable()) {
      for (const [text, entry] of holder.#top) if (declares(entry.syntax)) known.push(text);
      for (const [outer, table] of holder.#nested) {
        if (outer === scope) continue;
        for (const [text, entry] of table) if (declares(entry.syntax)) known.push(`${outer}.${text}`);
      }
    }
    known.push(...others);
    // A nested name is most often missing its interface.
    const qualified = known.find((candidate) => candidate.endsWith(`.${name.text}`));
    return qualified === undefined ? suggestion(name.text, known) : `; did you mean "${qualified}"?`;
  }

  get builtIn(): boolean {
    return this.file === preludePath;
  }
}
