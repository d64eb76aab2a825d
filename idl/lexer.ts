/** Text to tokens. Documentation comments (`///`) travel with the token that follows them. */
import type { Diagnostics, Position } from "./diagnostics.js";

export interface Token {
  readonly kind: "name" | "integer" | "float" | "string" | "symbol" | "end";
  /** As written, except for strings: there it is the content. */
  readonly text: string;
  readonly at: Position;
  /** The `///` lines before it, without the slashes. */
  readonly docs: readonly string[];
  /** The value of an integer; `K`, `M`, `G` are binary multiples. */
  readonly integer?: bigint;
}

const namePattern = /[A-Za-z_][A-Za-z_0-9]*/y;
const numberPattern = /(?:0x[0-9a-fA-F]+|[0-9]+(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?)?)[KMG]?/y;
const stringPattern = /"(?:[^"\\\n]|\\["\\nt])*"/y;
const symbolPattern = /->|<=|[{}()[\]<>,;:=.-]/y;
const multiples: Readonly<Record<string, bigint>> = { K: 1n << 10n, M: 1n << 20n, G: 1n << 30n };
const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", '"': '"', "\\": "\\" };

/** Splits `text`; what is no token is reported and left out. The last token has kind `end`. */
export function tokens(file: string, text: string, diagnostics: Diagnostics): readonly Token[] {
  const found: Token[] = [];
  let docs: string[] = [];
  let offset = 0;
  let line = 1;
  let lineStart = 0;

  const position = (): Position => ({ file, line, column: offset - lineStart + 1 });
  const matched = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = offset;
    return pattern.exec(text)?.[0];
  };
  const push = (kind: Token["kind"], written: string, content = written, integer?: bigint): void => {
    found.push({ kind, text: content, at: position(), docs, ...(integer !== undefined && { integer }) });
    docs = [];
    offset += written.length;
  };
  const endOfLine = (): number => {
    const end = text.indexOf("\n", offset);
    return end < 0 ? text.length : end;
  };

  while (offset < text.length) {
    const character = text[offset] as string;
    if (character === "\n") {
      offset += 1;
      line += 1;
      lineStart = offset;
    } else if (character === " " || character === "\t" || character === "\r") {
      offset += 1;
    } else if (text.startsWith("///", offset) && text[offset + 3] !== "/") {
      docs.push(text.slice(offset + 3, endOfLine()).trim());
      offset = endOfLine();
    } else if (text.startsWith("//", offset) || text.startsWith("#include", offset)) {
      // `#include <...>` names C headers in idl4re's files; they mean nothing here.
      offset = endOfLine();
    } else if (text.startsWith("/*", offset)) {
      const end = text.indexOf("*/", offset + 2);
      if (end < 0) {
        diagnostics.report(position(), "This comment has no end: */ is missing");
        offset = text.length;
        break;
      }
      for (; offset < end + 2; offset++) {
        if (text[offset] !== "\n") continue;
        line += 1;
        lineStart = offset + 1;
      }
    } else {
      const name = matched(namePattern);
      const number = matched(numberPattern);
      const string = matched(stringPattern);
      const symbol = matched(symbolPattern);
      if (name !== undefined) push("name", name);
      else if (number !== undefined) pushNumber(number);
      else if (string !== undefined)
        push(
          "string",
          string,
          string.slice(1, -1).replace(/\\(.)/g, (_, escaped: string) => escapes[escaped] as string),
        );
      else if (symbol !== undefined) push("symbol", symbol);
      else {
        diagnostics.report(
          position(),
          character === '"'
            ? "This string has no end on its line"
            : `Unexpected character ${JSON.stringify(character)}`,
        );
        offset = character === '"' ? endOfLine() : offset + ((text.codePointAt(offset) as number) > 0xffff ? 2 : 1);
      }
    }
  }
  push("end", "");
  return found;

  function pushNumber(written: string): void {
    const suffix = multiples[written.at(-1) as string];
    const digits = suffix === undefined ? written : written.slice(0, -1);
    namePattern.lastIndex = offset + written.length;
    const rest = namePattern.exec(text)?.[0];
    if (rest !== undefined) {
      diagnostics.report(position(), `"${written}${rest}" is neither a number nor a name`);
      offset += rest.length;
    } else if (digits.includes(".") && suffix !== undefined) {
      diagnostics.report(position(), `"${written}" is not a whole number of bytes`);
    }
    if (digits.includes(".")) push("float", written);
    else push("integer", written, written, BigInt(digits) * (suffix ?? 1n));
  }
}
