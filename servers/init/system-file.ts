/**
 * Reads a system file: JSON with comments, to a model and to problems with line and column. The only file that
 * knows the JSONC parser.
 */
import * as parser from "jsonc-parser";
import type { Path, Problem } from "../../base/schema.js";
import { type SystemModel, systemModel } from "./config.js";
import type { Severity } from "./finding.js";
import { type LintOptions, lint } from "./lint.js";

// Node sees the package's UMD build, as a default export; a bundler takes its ES modules, which have named ones.
const jsonc = "default" in parser ? (parser.default as typeof parser) : parser;

/** One thing wrong with a system file. */
export interface Diagnostic {
  readonly severity: Severity;
  /** Which check found it: `syntax`, `schema`, or a rule of lint.ts. */
  readonly rule: string;
  readonly message: string;
  readonly path: Path;
  /** Both count from 1; the column counts UTF-16 units, as editors do. */
  readonly line: number;
  readonly column: number;
}

export interface SystemFile {
  /** Undefined when syntax or schema are violated. Lint errors leave the model usable: a running init applies it, with affected components stuck. */
  readonly model: SystemModel | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** A JSONC document as plain JSON, with the place of every value. */
export interface Document {
  readonly value: unknown;
  /** Syntax errors and duplicate keys. */
  readonly diagnostics: readonly Diagnostic[];
  /** Line and column of what a path names, or of the nearest enclosing value that is there. */
  place(path: Path, at?: "key"): { readonly line: number; readonly column: number };
}

/** The syntax errors in words; the parser only numbers them. */
const syntaxErrors: Readonly<Record<string, string>> = {
  InvalidSymbol: "Expected a JSON value",
  InvalidNumberFormat: "Expected a number in JSON's form",
  PropertyNameExpected: "Expected a key in double quotes",
  ValueExpected: "Expected a value",
  ColonExpected: 'Expected ":" after the key',
  CommaExpected: 'Expected "," before this',
  CloseBraceExpected: 'Expected "}"',
  CloseBracketExpected: 'Expected "]"',
  EndOfFileExpected: "Expected the end of the file",
  UnexpectedEndOfComment: 'The comment has no end: expected "*/"',
  UnexpectedEndOfString: "The string has no end: expected a double quote on the same line",
  UnexpectedEndOfNumber: "The number has no end",
  InvalidUnicode: "Expected four hexadecimal digits after \\u",
  InvalidEscapeCharacter: 'Expected one of " \\ / b f n r t u after the backslash',
  InvalidCharacter: "A string holds no control characters: write them as \\u escapes",
};

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function position(starts: readonly number[], offset: number): { line: number; column: number } {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] as number) + 1 };
}

interface Place {
  readonly key: number;
  readonly value: number;
  readonly inner: Map<string | number, Place>;
}

/** Reads JSON with comments and trailing commas. Never throws: what is wrong is in the diagnostics. */
export function readDocument(text: string): Document {
  const starts = lineStarts(text);
  const diagnostics: Diagnostic[] = [];
  const found = (rule: string, message: string, offset: number, path: Path): void => {
    diagnostics.push({ severity: "error", rule, message, path, ...position(starts, offset) });
  };
  const errors: parser.ParseError[] = [];
  // The parser follows the nesting with the stack of this process.
  const depth = nesting(text);
  const empty = text.trim() === "";
  const tree = depth > deepest || empty ? undefined : jsonc.parseTree(text, errors, { allowTrailingComma: true });
  if (depth > deepest) found("syntax", `A document nests at most ${deepest} levels`, 0, []);
  else if (empty) found("syntax", "The file is empty: expected an object", 0, []);
  for (const error of errors)
    found("syntax", syntaxErrors[jsonc.printParseErrorCode(error.error)] ?? "Expected JSON", error.offset, []);
  const root: Place = { key: 0, value: tree?.offset ?? 0, inner: new Map() };

  function walk(node: parser.Node, path: Path, into: Place): unknown {
    if (node.type === "array") {
      return (node.children ?? []).map((child, index) => {
        const place: Place = { key: child.offset, value: child.offset, inner: new Map() };
        into.inner.set(index, place);
        return walk(child, [...path, index], place);
      });
    }
    if (node.type !== "object") return node.value as unknown;
    const entries = new Map<string, unknown>();
    for (const { children } of node.children ?? []) {
      const [key, value] = children ?? [];
      if (key === undefined || value === undefined) continue;
      const name = key.value as string;
      const at = [...path, name];
      const first = into.inner.get(name);
      if (first !== undefined) {
        found(
          "duplicate-key",
          `Duplicate key "${name}": first given in line ${position(starts, first.key).line}`,
          key.offset,
          at,
        );
        continue;
      }
      const place: Place = { key: key.offset, value: value.offset, inner: new Map() };
      into.inner.set(name, place);
      entries.set(name, walk(value, at, place));
    }
    // Defines `__proto__` as a plain property, as JSON.parse does, for the schema to refuse.
    return Object.fromEntries(entries);
  }

  const value = tree === undefined ? undefined : walk(tree, [], root);
  return {
    value,
    diagnostics,
    place(path, at) {
      let place = root;
      for (const [index, element] of path.entries()) {
        const inner = place.inner.get(element);
        if (inner === undefined) break;
        place = inner;
        if (index === path.length - 1 && at === "key") return position(starts, place.key);
      }
      return position(starts, place.value);
    },
  };
}

const deepest = 200;

/** How deep brackets nest outside of strings and comments. */
function nesting(text: string): number {
  const scanner = jsonc.createScanner(text, true);
  let open = 0;
  let most = 0;
  // Not until a token is empty: after a backslash at the end, the scanner stands behind the end for ever.
  while (scanner.getPosition() < text.length) {
    scanner.scan();
    // The first character tells the brackets from the tokens that only contain them.
    const first = text[scanner.getTokenOffset()];
    if (first === "{" || first === "[") most = Math.max(most, ++open);
    else if ((first === "}" || first === "]") && open > 0) open--;
  }
  return most;
}

/** Reads, parses and checks a system file. */
export function readSystemFile(text: string, options: LintOptions = {}): SystemFile {
  const document = readDocument(text);
  const diagnostics = [...document.diagnostics];
  if (diagnostics.some(({ rule }) => rule === "syntax")) return { model: undefined, diagnostics };
  const problems: Problem[] = [];
  const model = systemModel(document.value, problems);
  for (const { path, message, at } of problems)
    diagnostics.push({ severity: "error", rule: "schema", message, path, ...document.place(path, at) });
  if (model !== undefined) {
    for (const finding of lint(model, options))
      diagnostics.push({ ...finding, ...document.place(finding.path, finding.at) });
  }
  diagnostics.sort((a, b) => a.line - b.line || a.column - b.column);
  return { model: diagnostics.some(({ rule }) => rule === "duplicate-key") ? undefined : model, diagnostics };
}

/** `default.jsonc:12:7: message`, or `...: warning: message`. */
export function diagnosticText(file: string, diagnostic: Diagnostic): string {
  const { line, column, severity, message } = diagnostic;
  return `${file}:${line}:${column}: ${severity === "warning" ? "warning: " : ""}${message}`;
}
