/** Operations in both spellings: `rpc add(left: int) -> (result: int);` and `void add(in int left, out int result);`. */
import type { Cursor } from "./cursor.js";
import type { Position } from "./diagnostics.js";
import type { Expression, Name, OperationSyntax, ParameterSyntax } from "./syntax.js";

const directions = ["in", "out", "inout"] as const;

export function startsOperation(cursor: Cursor): boolean {
  return cursor.is("rpc") || cursor.is("oneway") || cursor.is("async") || cursor.is("void");
}

export function parseOperation(
  cursor: Cursor,
  docs: readonly string[],
  opcode: Expression | undefined,
): OperationSyntax {
  const start = cursor.token.at;
  if (cursor.accept("void"))
    return finished(cursor, { docs, opcode, kind: "call", asynchronous: false, ...directed(cursor) });
  const asynchronous = cursor.accept("async");
  if (cursor.accept("oneway")) {
    const name = cursor.name("the name of the operation");
    const parameters = typed(cursor, "in");
    if (cursor.is("->")) cursor.fail(`A oneway has no reply: drop the "->", or make ${name.text} an rpc`);
    return finished(cursor, { docs, opcode, kind: "oneway", asynchronous, name, parameters });
  }
  if (asynchronous && cursor.is("rpc"))
    cursor.fail('An rpc waits for its reply and cannot be async: write "async oneway", or drop "async"', start);
  cursor.expect("rpc", asynchronous ? 'or "oneway" after "async"' : "at the start of an operation");
  const name = cursor.name("the name of the operation");
  const inputs = typed(cursor, "in");
  if (!cursor.accept("->"))
    cursor.fail(`An rpc has a reply: add "-> ()" after the parameters of ${name.text}, or make it oneway`);
  return finished(cursor, {
    docs,
    opcode,
    kind: "call",
    asynchronous: false,
    name,
    parameters: [...inputs, ...typed(cursor, "out")],
  });
}

function finished(cursor: Cursor, operation: Omit<OperationSyntax, "declares" | "throws">): OperationSyntax {
  const throws: Name[] = [];
  const at: Position = cursor.token.at;
  if (cursor.accept("throws")) {
    if (operation.kind === "oneway")
      cursor.report(at, `A oneway has no reply that could carry an error: ${operation.name.text} cannot throw`);
    do throws.push(cursor.name("the name of an error"));
    while (cursor.accept(","));
  }
  cursor.expect(";", `after the operation ${operation.name.text}`);
  return { declares: "operation", ...operation, throws };
}

/** `(path: str, exist_ok: bool)`. */
function typed(cursor: Cursor, direction: "in" | "out"): ParameterSyntax[] {
  return cursor.list("(", ")", "around parameters", false, () => {
    const { docs } = cursor.token;
    const name = cursor.name("the name of a parameter");
    cursor.expect(":", `and a type after "${name.text}"`);
    return { name, docs, direction, type: cursor.type() };
  });
}

/** `add(in int left, out int result)`. */
function directed(cursor: Cursor): Pick<OperationSyntax, "name" | "parameters"> {
  const name = cursor.name("the name of the operation");
  const parameters = cursor.list("(", ")", "around parameters", false, () => {
    const { docs } = cursor.token;
    const direction =
      directions.find((known) => cursor.accept(known)) ??
      cursor.fail(`Expected "in", "out" or "inout" before a parameter, found ${cursor.found()}`);
    const type = cursor.type();
    return { docs, direction, type, name: cursor.name("the name of a parameter") };
  });
  return { name, parameters };
}
