/** A place in a token list, with what every rule of the parser needs: expectations, recovery, constants, types. */
import { suggestion } from "../base/nearest.js";
import type { Diagnostics, Position } from "./diagnostics.js";
import type { Token } from "./lexer.js";
import type { Bound, Expression, Name, TypeSyntax } from "./syntax.js";

/** Unwinds to the definition being parsed; the reason was reported already. */
export class ParseFailure extends Error {}

export class Cursor {
  readonly #tokens: readonly Token[];
  readonly #diagnostics: Diagnostics;
  #index = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], diagnostics: Diagnostics) {
    this.#tokens = tokens;
    this.#diagnostics = diagnostics;
  }

  get token(): Token {
    return this.#tokens[this.#index] as Token;
  }

  ahead(distance: number): Token {
    return this.#tokens[Math.min(this.#index + distance, this.#tokens.length - 1)] as Token;
  }

  /** How many braces are open here. */
  get depth(): number {
    return this.#depth;
  }

  get atEnd(): boolean {
    return this.token.kind === "end";
  }

  report(at: Position, message: string): void {
    this.#diagnostics.report(at, message);
  }

  fail(message: string, at: Position = this.token.at): never {
    this.report(at, message);
    throw new ParseFailure(message);
  }

  found(): string {
    return this.atEnd ? "the end of the file" : `"${this.token.text}"`;
  }

  is(text: string): boolean {
    return (this.token.kind === "symbol" || this.token.kind === "name") && this.token.text === text;
  }

  take(): Token {
    const { token } = this;
    if (this.is("{")) this.#depth += 1;
    if (this.is("}")) this.#depth -= 1;
    if (!this.atEnd) this.#index += 1;
    return token;
  }

  accept(text: string): boolean {
    const is = this.is(text);
    if (is) this.take();
    return is;
  }

  expect(text: string, where: string): Token {
    return this.is(text) ? this.take() : this.fail(`Expected "${text}" ${where}, found ${this.found()}`);
  }

  name(what: string): Name {
    if (this.token.kind !== "name") this.fail(`Expected ${what}, found ${this.found()}`);
    const { text, at } = this.take();
    return { text, at };
  }

  string(what: string): Name {
    if (this.token.kind !== "string") this.fail(`Expected ${what} in double quotes, found ${this.found()}`);
    const { text, at } = this.take();
    return { text, at };
  }

  /** `Info` or `Block.Info`. */
  qualifiedName(what: string): Name {
    const first = this.name(what);
    if (!this.accept(".")) return first;
    return { text: `${first.text}.${this.name(`a name after "${first.text}."`).text}`, at: first.at };
  }

  /** After a failure: behind the ";" or "}" that ends a definition at nesting `depth`, or before the "}" around it. */
  recover(depth: number): void {
    while (!this.atEnd) {
      if (this.#depth === depth && this.is("}")) return;
      const { text, kind } = this.take();
      if (kind !== "symbol" || this.#depth !== depth) continue;
      if (text === "}") this.accept(";");
      if (text === "}" || text === ";") return;
    }
  }

  /** Elements between `open` and `close`, separated by commas; a trailing comma is allowed where `trailing` says so. */
  list<T>(open: string, close: string, where: string, trailing: boolean, element: () => T): T[] {
    const elements: T[] = [];
    this.expect(open, where);
    while (!this.is(close)) {
      elements.push(element());
      if (!this.accept(",")) break;
      if (this.is(close) && !trailing) this.fail(`A list in "${open}${close}" has no comma at its end`);
    }
    this.expect(close, `or "," ${where}`);
    return elements;
  }

  expression(what: string): Expression {
    const { at } = this.token;
    const negative = this.accept("-");
    const { kind, text, integer } = this.token;
    if (kind === "integer") {
      this.take();
      return { kind, value: negative ? -(integer as bigint) : (integer as bigint), at };
    }
    if (kind === "float") {
      this.take();
      return { kind, value: negative ? -Number(text) : Number(text), at };
    }
    if (negative) this.fail(`Expected a number after "-", found ${this.found()}`);
    if (kind === "string") return { kind, value: this.take().text, at };
    if (kind !== "name") this.fail(`Expected ${what}, found ${this.found()}`);
    if (text === "true" || text === "false") return { kind: "bool", value: this.take().text === "true", at };
    return { kind: "name", name: this.qualifiedName(what), at };
  }

  /** `optional Info`, `[bigint] uint64`, `cap<File>`, `uint8[6]`, `str[32][<=4]`, `unsigned int`. */
  type(): TypeSyntax {
    const { at } = this.token;
    const optional = this.token.text === "optional" && this.ahead(1).text !== "," && this.accept("optional");
    let bigint = false;
    if (this.accept("[")) {
      const attribute = this.name("an attribute of the type");
      if (attribute.text !== "bigint")
        this.fail(`A type has no attribute "${attribute.text}"${suggestion(attribute.text, ["bigint"])}`, attribute.at);
      this.expect("]", 'after "[bigint"');
      bigint = true;
    }
    let name = this.qualifiedName("a type");
    if (name.text === "unsigned" || name.text === "signed") name = this.#signedness(name);
    let capability: Name | undefined;
    if (name.text === "cap" && this.accept("<")) {
      capability = this.qualifiedName("what the capability stands for");
      this.expect(">", 'after the name in "cap<"');
    }
    const bounds: Bound[] = [];
    while (this.is("[")) {
      const open = this.take();
      const upTo = this.accept("<=");
      const size = this.expression("a length");
      this.expect("]", "after the length");
      bounds.push({ upTo, size, at: open.at });
    }
    return { at, optional, bigint, name, capability, bounds };
  }

  /** The two-word integers of C. */
  #signedness(first: Name): Name {
    const widths = { char: "8", short: "16", int: "32", long: "64" } as const;
    const word = (Object.keys(widths) as (keyof typeof widths)[]).find((known) => this.accept(known)) ?? "int";
    return { text: `${first.text === "unsigned" ? "uint" : "int"}${widths[word]}`, at: first.at };
  }
}
