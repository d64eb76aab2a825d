/** Tokens to syntax: both spellings of the language, and what they share. */
import { suggestion } from "../base/nearest.js";
import { Cursor, ParseFailure } from "./cursor.js";
import type { Diagnostics } from "./diagnostics.js";
import { type Token, tokens } from "./lexer.js";
import { pascalCase } from "./names.js";
import { parseOperation, startsOperation } from "./parser-operation.js";
import { parseShared, sharedKeywords } from "./parser-types.js";
import type { Expression, FileSyntax, ImportSyntax, InterfaceSyntax, Member, Name, SharedMember } from "./syntax.js";

/** Operations outside every namespace belong to this interface. */
const globalInterface = "Global";

const operationKeywords = ["rpc", "oneway", "async", "void"];
const memberKeywords = [...sharedKeywords, ...operationKeywords, "error", "signal", "quota", "session"];

interface Attributes {
  readonly protocol?: string;
  readonly opcode?: Expression;
}

/** Parses one file; what is wrong is reported, and parsing goes on behind it. */
export function parse(path: string, text: string, diagnostics: Diagnostics): FileSyntax {
  const cursor = new Cursor(tokens(path, text, diagnostics), diagnostics);
  const imports: ImportSyntax[] = [];
  const shared: SharedMember[] = [];
  const interfaces: InterfaceSyntax[] = [];
  const globals: Member[] = [];

  const definition = (): void => {
    const start = cursor.token;
    const attributes = parseAttributes(cursor);
    if (cursor.is("import") || cursor.is("include")) {
      cursor.take();
      imports.push({ declares: "import", path: cursor.string("the path of a file") });
      cursor.expect(";", "after the path");
    } else if (cursor.is("namespace")) parseNamespace(cursor, start, "", attributes.protocol, interfaces);
    else if (cursor.is("interface")) interfaces.push(parseInterface(cursor, start, attributes));
    else if (sharedKeywords.includes(cursor.token.text)) shared.push(parseShared(cursor, start.docs));
    else if (startsOperation(cursor)) globals.push(parseOperation(cursor, start.docs, attributes.opcode));
    else if (cursor.is("}")) {
      const { at } = cursor.take();
      cursor.accept(";");
      cursor.report(at, 'This "}" closes nothing');
    } else
      unknown(
        cursor,
        [...sharedKeywords, ...operationKeywords, "import", "include", "interface", "namespace"],
        "a definition",
      );
  };

  while (!cursor.atEnd) guarded(cursor, definition);
  const [first] = globals;
  if (first !== undefined) {
    const at = "name" in first ? first.name.at : first.at;
    interfaces.unshift({
      declares: "interface",
      reopens: true,
      name: { text: globalInterface, at },
      docs: ["Operations outside every namespace."],
      version: undefined,
      protocol: undefined,
      parts: [],
      members: globals,
    });
  }
  return { path, imports, shared, interfaces };
}

function guarded(cursor: Cursor, rule: () => void): void {
  const { token: before, depth } = cursor;
  try {
    rule();
  } catch (error) {
    if (!(error instanceof ParseFailure)) throw error;
    cursor.recover(depth);
    // A rule that failed at a "}" that nobody opened would stay there for ever.
    if (cursor.token === before && !cursor.atEnd && !cursor.is("}")) cursor.take();
  }
}

function unknown(cursor: Cursor, keywords: readonly string[], what: string): never {
  const { token } = cursor;
  const next = cursor.ahead(1);
  if (token.kind === "name" && next.kind === "name" && cursor.ahead(2).text === "(") {
    const near = suggestion(token.text, operationKeywords);
    cursor.fail(
      near.includes("did you mean")
        ? `Unknown word "${token.text}"${near}`
        : `An operation has results as out parameters: write void ${next.text}(..., out ${token.text} result)`,
    );
  }
  if (token.kind === "name")
    cursor.fail(`Unknown word "${token.text}" where ${what} starts${suggestion(token.text, keywords)}`);
  cursor.fail(`Expected ${what}, found ${cursor.found()}`);
}

/** `[protocol(X)]`, `[opcode(3)]`, or both in one pair of brackets. */
function parseAttributes(cursor: Cursor): Attributes {
  const attributes: { protocol?: string; opcode?: Expression } = {};
  const given: Name[] = [];
  while (cursor.is("[")) {
    cursor.list("[", "]", "around attributes", false, () => {
      const name = cursor.name("an attribute");
      given.push(name);
      if (name.text === "opcode") {
        cursor.expect("(", 'after "opcode"');
        attributes.opcode = cursor.expression("a number");
        cursor.expect(")", "after the number");
      } else if (name.text === "protocol") {
        cursor.expect("(", 'after "protocol"');
        attributes.protocol =
          cursor.token.kind === "integer" ? cursor.take().text : cursor.name("the name or number of a protocol").text;
        cursor.expect(")", "after the protocol");
      } else cursor.fail(`Unknown attribute "${name.text}"${suggestion(name.text, ["opcode", "protocol"])}`, name.at);
    });
  }
  const fitting = startsOperation(cursor)
    ? "opcode"
    : cursor.is("interface") || cursor.is("namespace")
      ? "protocol"
      : "";
  for (const { text, at } of given) {
    if (text !== fitting) {
      cursor.report(at, `The attribute ${text} belongs before ${text === "opcode" ? "an operation" : "an interface"}`);
    }
  }
  return attributes;
}

function parseNamespace(
  cursor: Cursor,
  start: Token,
  outer: string,
  protocol: string | undefined,
  interfaces: InterfaceSyntax[],
): void {
  cursor.take();
  const name = cursor.name("the name of the namespace");
  const joined = outer + pascalCase(name.text);
  const members: Member[] = [];
  const place = interfaces.length;
  cursor.expect("{", "after the name of the namespace");
  while (!cursor.is("}") && !cursor.atEnd) {
    guarded(cursor, () => {
      if (cursor.is("namespace")) parseNamespace(cursor, cursor.token, joined, undefined, interfaces);
      else members.push(parseMember(cursor));
    });
  }
  cursor.expect("}", "at the end of the namespace");
  cursor.accept(";");
  interfaces.splice(place, 0, {
    declares: "interface",
    reopens: true,
    name: { text: joined, at: name.at },
    docs: start.docs,
    version: undefined,
    protocol,
    parts: [],
    members,
  });
}

function parseInterface(cursor: Cursor, start: Token, attributes: Attributes): InterfaceSyntax {
  cursor.take();
  const name = cursor.name("the name of the interface");
  let version: Expression | undefined;
  const parts: Name[] = [];
  const members: Member[] = [];
  if (cursor.accept("version")) version = cursor.expression("a version number");
  if (cursor.accept("composes")) {
    do parts.push(cursor.name("the name of a part"));
    while (cursor.accept(","));
  }
  if (version === undefined && cursor.accept("version")) version = cursor.expression("a version number");
  if (cursor.is("{") || parts.length === 0) {
    cursor.expect("{", "after the name of the interface");
    while (!cursor.is("}") && !cursor.atEnd) guarded(cursor, () => members.push(parseMember(cursor)));
    cursor.expect("}", "at the end of the interface");
    cursor.accept(";");
  } else cursor.expect(";", "or a body after the parts");
  return {
    declares: "interface",
    reopens: false,
    name,
    docs: start.docs,
    version,
    protocol: attributes.protocol,
    parts,
    members,
  };
}

function parseMember(cursor: Cursor): Member {
  const { docs } = cursor.token;
  const { opcode } = parseAttributes(cursor);
  if (startsOperation(cursor)) return parseOperation(cursor, docs, opcode);
  if (sharedKeywords.includes(cursor.token.text)) return parseShared(cursor, docs);
  const { at } = cursor.token;
  if (cursor.accept("error")) {
    const name = cursor.name("the name of the error");
    cursor.expect(";", "after the name of the error");
    return { declares: "error", name, docs };
  }
  if (cursor.accept("signal")) {
    const name = cursor.name("the name of the signal");
    const number = cursor.accept("=") ? cursor.expression("the number of the signal") : undefined;
    cursor.expect(";", "after the signal");
    return { declares: "signal", name, docs, number };
  }
  if (cursor.accept("quota")) {
    const amounts = [];
    do {
      const name = cursor.name('"ram" or "caps"');
      cursor.expect("=", `after "${name.text}"`);
      amounts.push({ name, value: cursor.expression("an amount") });
    } while (cursor.accept(","));
    cursor.expect(";", "after the quota");
    return { declares: "quota", at, amounts };
  }
  if (cursor.accept("session")) {
    const fields = [];
    cursor.expect("{", 'after "session"');
    while (!cursor.is("}")) {
      const { docs: fieldDocs } = cursor.token;
      const name = cursor.name("the name of a session argument");
      cursor.expect(":", `after "${name.text}"`);
      const type = cursor.type();
      const value = cursor.accept("=") ? cursor.expression("a default") : undefined;
      cursor.expect(";", "after the session argument");
      fields.push({ name, docs: fieldDocs, type, value });
    }
    cursor.expect("}", "at the end of the session arguments");
    cursor.accept(";");
    return { declares: "session", at, fields };
  }
  unknown(cursor, memberKeywords, "a member");
}
