/** Types, constants and packet layouts: from names as written to what they mean. */
import { type CapabilityKind, maxPayloadBytes } from "../base/message.js";
import type { Diagnostics, Position } from "./diagnostics.js";
import { integerRange, packetElement, packetLayout, scalarBytes } from "./layout.js";
import type { Constant, Field, IntegerName, Packet, ScalarName, Type, TypeDeclaration, Value } from "./model.js";
import { builtInTypes, type FileScope, type Meaning, type SymbolEntry } from "./scope.js";
import type { EnumSyntax, Expression, FieldSyntax, Name, StructSyntax, TypeSyntax, VariantSyntax } from "./syntax.js";
import { fitted, valueText } from "./values.js";

/** Bounds where a definition gives none. */
const defaultStringBytes = 256;
const defaultBytes = 896;

const builtInCapabilities: Readonly<Record<string, CapabilityKind>> = {
  Dataspace: "dataspace",
  Channel: "channel",
  File: "file",
};

/** What stands for a type that was reported as wrong. */
export const unknownType: Type = { kind: "scalar", scalar: "uint8", bigint: false, alias: undefined };

export class TypeResolver {
  readonly #diagnostics: Diagnostics;

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics;
  }

  /** Looks at a symbol's definition, once. Undefined when it is wrong or contains itself, which was reported. */
  meaning(entry: SymbolEntry, holder: FileScope): Meaning | undefined {
    if (entry.state === "busy") {
      this.#diagnostics.report(
        entry.syntax.name.at,
        `${entry.syntax.name.text} contains itself: a message has a fixed largest size`,
      );
      return undefined;
    }
    if (entry.state === "new") {
      entry.state = "busy";
      entry.meaning = this.#define(entry, holder);
      entry.state = "done";
    }
    return entry.meaning;
  }

  #define(entry: SymbolEntry, holder: FileScope): Meaning {
    const { syntax, scope } = entry;
    const facts = { name: syntax.name.text, docs: syntax.docs, at: syntax.name.at, scope, file: holder.file };
    const declared = (declaration: TypeDeclaration): Meaning => ({
      kind: "type",
      type: { kind: "declared", declaration },
    });
    switch (syntax.declares) {
      case "enum":
        return declared({ ...facts, declares: "enum", ...this.#enumeration(syntax, holder, scope) });
      case "struct":
        return declared({
          ...facts,
          declares: "struct",
          fields: this.fields(syntax.fields, holder, scope, `struct ${facts.name}`),
        });
      case "variant":
        return declared({ ...facts, declares: "variant", ...this.#variant(syntax, holder, scope) });
      case "packet":
        return { kind: "packet", packet: this.#packet(syntax, holder, scope, facts) };
      case "type": {
        const type = this.type(syntax.type, holder, scope);
        return { kind: "type", type: type.kind === "scalar" ? { ...type, alias: facts.name } : type };
      }
      case "const": {
        const type = this.type(syntax.type, holder, scope);
        const constant: Constant = {
          ...facts,
          declares: "const",
          type,
          value: this.value(syntax.value, type, holder, scope) ?? 0,
        };
        return { kind: "const", constant };
      }
    }
  }

  /** Named things of one list; a name twice is an error. */
  distinct<Item extends { readonly name: Name }>(items: readonly Item[], where: string): readonly Item[] {
    const seen = new Set<string>();
    return items.filter((item) => {
      const twice = seen.has(item.name.text);
      if (twice) this.#diagnostics.report(item.name.at, `"${item.name.text}" occurs twice in ${where}`);
      seen.add(item.name.text);
      return !twice;
    });
  }

  fields(
    syntax: readonly FieldSyntax[],
    holder: FileScope,
    scope: string | undefined,
    where: string,
  ): readonly Field[] {
    return this.distinct(syntax, where).map((field) => this.field(field, holder, scope));
  }

  field(syntax: FieldSyntax, holder: FileScope, scope: string | undefined): Field {
    return {
      name: syntax.name.text,
      docs: syntax.docs,
      at: syntax.name.at,
      type: this.type(syntax.type, holder, scope),
    };
  }

  type(syntax: TypeSyntax, holder: FileScope, scope: string | undefined): Type {
    let bounds = [...syntax.bounds];
    let type: Type;
    const { text } = syntax.name;
    if (text === "str" || text === "bytes") {
      const [first] = bounds;
      const own = first !== undefined && !first.upTo ? first : undefined;
      if (own !== undefined) bounds = bounds.slice(1);
      const max = own === undefined ? undefined : this.#length(own.size, holder, scope);
      type =
        text === "str"
          ? { kind: "string", max: max ?? defaultStringBytes }
          : { kind: "bytes", max: max ?? defaultBytes };
    } else if (text === "cap") type = this.#capability(syntax.capability, holder);
    else if (Object.hasOwn(scalarBytes, text))
      type = { kind: "scalar", scalar: text as ScalarName, bigint: false, alias: undefined };
    else type = this.#named(syntax.name, holder, scope);
    if (syntax.bigint) type = this.#big(type, syntax.at);
    // uint8[4][2] is an array of two arrays of four, as in `type quad = uint8[4]` and `quad[2]`.
    for (const bound of bounds)
      type = { kind: "array", element: type, length: this.#length(bound.size, holder, scope), bounded: bound.upTo };
    return syntax.optional ? { kind: "optional", inner: type } : type;
  }

  #named(name: Name, holder: FileScope, scope: string | undefined): Type {
    const found = holder.find(name.text, scope);
    if (found === undefined) {
      if (holder.findInterface(name.text) !== undefined)
        this.#diagnostics.report(name.at, `${name.text} is an interface: pass it as cap<${name.text}>`);
      else
        this.#diagnostics.report(
          name.at,
          `Unknown type "${name.text}"${holder.hint(name, scope, (member) => member.declares !== "const" && member.declares !== "packet", builtInTypes)}`,
        );
      return unknownType;
    }
    const meaning = this.meaning(found.entry, found.holder);
    if (meaning?.kind === "type") return meaning.type;
    if (meaning !== undefined) this.#diagnostics.report(name.at, `${name.text} is a ${meaning.kind}, not a type`);
    return unknownType;
  }

  #capability(names: Name | undefined, holder: FileScope): Type {
    if (names === undefined) return { kind: "capability", capability: "channel", names: undefined };
    const kind = builtInCapabilities[names.text];
    if (kind !== undefined) return { kind: "capability", capability: kind, names: names.text };
    const known = [
      ...Object.keys(builtInCapabilities),
      ...[...holder.reachable()].flatMap((file) => [...file.interfaceSyntax.keys()]),
    ];
    if (!known.includes(names.text)) {
      const hint = holder.hint(names, undefined, () => false, known);
      this.#diagnostics.report(names.at, `Unknown capability "${names.text}"${hint}`);
    }
    return { kind: "capability", capability: "channel", names: names.text };
  }

  #big(type: Type, at: Position): Type {
    if (type.kind === "scalar" && (type.scalar === "uint64" || type.scalar === "int64"))
      return { ...type, bigint: true };
    this.#diagnostics.report(at, "Only int64 and uint64 can be bigint");
    return type;
  }

  #length(expression: Expression, holder: FileScope, scope: string | undefined): number {
    const value = this.integer(expression, holder, scope, 1n, 65535n, "A length");
    return value ?? 1;
  }

  /** A whole number in a range, or undefined when it is wrong, which was reported. */
  integer(
    expression: Expression,
    holder: FileScope,
    scope: string | undefined,
    min: bigint,
    max: bigint,
    what: string,
  ): number | undefined {
    const value = this.evaluate(expression, holder, scope);
    if (value === undefined) return undefined;
    if (typeof value === "bigint" && value >= min && value <= max) return Number(value);
    this.#diagnostics.report(expression.at, `${what} is a whole number from ${min} to ${max}, not ${valueText(value)}`);
    return undefined;
  }

  /** The value of a constant expression as a type has it. */
  value(expression: Expression, type: Type, holder: FileScope, scope: string | undefined): Value | undefined {
    // An item of the enum that is expected needs no qualification.
    if (expression.kind === "name" && type.kind === "declared" && type.declaration.declares === "enum") {
      const { items, name } = type.declaration;
      const item = items.find(
        (candidate) => candidate.name === expression.name.text || `${name}.${candidate.name}` === expression.name.text,
      );
      if (item !== undefined) return BigInt(item.value);
      const hint = holder.hint(
        expression.name,
        undefined,
        () => false,
        items.map((candidate) => candidate.name),
      );
      this.#diagnostics.report(expression.at, `Enum ${name} has no item "${expression.name.text}"${hint}`);
      return undefined;
    }
    const value = this.evaluate(expression, holder, scope);
    if (value === undefined) return undefined;
    const problem = fitted(value, type);
    if (typeof problem !== "string") return problem.value;
    this.#diagnostics.report(expression.at, problem);
    return undefined;
  }

  evaluate(expression: Expression, holder: FileScope, scope: string | undefined): Value | undefined {
    if (expression.kind !== "name") return expression.value;
    const { name } = expression;
    const found = holder.find(name.text, scope);
    if (found === undefined) {
      this.#diagnostics.report(
        name.at,
        `Unknown constant "${name.text}"${holder.hint(name, scope, (member) => member.declares === "const", [])}`,
      );
      return undefined;
    }
    const meaning = this.meaning(found.entry, found.holder);
    if (meaning?.kind === "const") return meaning.constant.value;
    if (meaning !== undefined) this.#diagnostics.report(name.at, `${name.text} is a ${meaning.kind}, not a constant`);
    return undefined;
  }

  /** The integer type behind an enum or a variant's tag. */
  #base(
    syntax: TypeSyntax | undefined,
    fallback: IntegerName,
    holder: FileScope,
    scope: string | undefined,
  ): IntegerName {
    if (syntax === undefined) return fallback;
    const type = this.type(syntax, holder, scope);
    if (type.kind === "scalar" && /^u?int(8|16|32)$/.test(type.scalar)) return type.scalar as IntegerName;
    this.#diagnostics.report(
      syntax.at,
      "The numbers of an enum or variant are int8, uint8, int16, uint16, int32 or uint32",
    );
    return fallback;
  }

  #enumeration(syntax: EnumSyntax, holder: FileScope, scope: string | undefined) {
    const negative = syntax.items.some((item) => item.value.kind === "integer" && item.value.value < 0n);
    const base = this.#base(syntax.base, negative ? "int32" : "uint32", holder, scope);
    const { min, max } = integerRange(base);
    if (syntax.items.length === 0) this.#diagnostics.report(syntax.name.at, `Enum ${syntax.name.text} has no items`);
    const values = new Map<number, string>();
    const items = this.distinct(syntax.items, `enum ${syntax.name.text}`).map((item) => {
      const value = this.integer(item.value, holder, scope, min, max, `An item of a ${base} enum`) ?? 0;
      const other = values.get(value);
      if (other !== undefined)
        this.#diagnostics.report(item.value.at, `${item.name.text} and ${other} have the same number ${value}`);
      values.set(value, item.name.text);
      return { name: item.name.text, docs: item.docs, at: item.name.at, value };
    });
    return { base, items };
  }

  #variant(syntax: VariantSyntax, holder: FileScope, scope: string | undefined) {
    const base = this.#base(syntax.base, "uint8", holder, scope);
    const { min, max } = integerRange(base);
    if (syntax.cases.length === 0) this.#diagnostics.report(syntax.name.at, `Variant ${syntax.name.text} has no cases`);
    const values = new Map<number, string>();
    let next = 0;
    const cases = this.distinct(syntax.cases, `variant ${syntax.name.text}`).map((entry) => {
      const value =
        entry.value === undefined
          ? next
          : (this.integer(entry.value, holder, scope, min, max, `A case of a ${base} variant`) ?? next);
      next = value + 1;
      const other = values.get(value);
      if (other !== undefined)
        this.#diagnostics.report(entry.name.at, `Cases ${entry.name.text} and ${other} have the same number ${value}`);
      if (BigInt(value) > max)
        this.#diagnostics.report(entry.name.at, `Case ${entry.name.text} has number ${value}, which is no ${base}`);
      values.set(value, entry.name.text);
      return {
        name: entry.name.text,
        docs: entry.docs,
        at: entry.name.at,
        value,
        type: entry.type === undefined ? undefined : this.type(entry.type, holder, scope),
      };
    });
    return { base, cases };
  }

  #packet(
    syntax: StructSyntax,
    holder: FileScope,
    scope: string | undefined,
    facts: Omit<Packet, "declares" | "fields" | "stride">,
  ): Packet {
    const word: Type = { kind: "scalar", scalar: "uint32", bigint: false, alias: undefined };
    const implicit: Field[] = [
      { name: "offset", docs: ["Bytes from the start of the bulk area."], at: facts.at, type: word },
      { name: "length", docs: ["Bytes of payload."], at: facts.at, type: word },
    ];
    const fields = this.fields(syntax.fields, holder, scope, `packet ${facts.name}`).filter((field) => {
      if (implicit.some((other) => other.name === field.name)) {
        this.#diagnostics.report(field.at, `Every packet starts with a field "${field.name}": leave it out`);
        return false;
      }
      if (packetElement(field.type) !== undefined) return true;
      this.#diagnostics.report(
        field.at,
        `Field ${field.name} has no fixed place in a slot: a packet holds numbers, bool, char, enums and fixed arrays of them`,
      );
      return false;
    });
    const layout = packetLayout([...implicit, ...fields]);
    if (layout.stride > maxPayloadBytes)
      this.#diagnostics.report(
        facts.at,
        `Packet ${facts.name} has ${layout.stride} bytes a slot, more than ${maxPayloadBytes}`,
      );
    return { ...facts, declares: "packet", ...layout };
  }
}
