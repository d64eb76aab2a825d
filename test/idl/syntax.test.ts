import * as assert from "uvu/assert";
import { compiled, complaints } from "../support/interface-compiler.js";
import { suite } from "../support/suite.js";

const test = suite("interface language");

function rejects(name: string, text: string, ...expected: readonly string[]): void {
  test(name, () =>
    assert.equal(
      complaints({ "x.idl": text }),
      expected.map((line) => `x.idl:${line}`),
    ),
  );
}

rejects(
  "an rpc without a reply",
  "namespace a {\n  rpc add(left: int);\n}",
  '2:21: error: An rpc has a reply: add "-> ()" after the parameters of add, or make it oneway',
);
rejects(
  "a oneway with a reply",
  "namespace a { oneway tx() -> (); }",
  '1:27: error: A oneway has no reply: drop the "->", or make tx an rpc',
);
rejects(
  "an async rpc",
  "namespace a {\n  async rpc f() -> ();\n}",
  '2:3: error: An rpc waits for its reply and cannot be async: write "async oneway", or drop "async"',
);
rejects(
  "a oneway that throws",
  "interface A { error E; oneway f() throws E; }",
  "1:35: error: A oneway has no reply that could carry an error: f cannot throw",
);
rejects(
  "a trailing comma among parameters",
  "namespace a { rpc f(x: int,) -> (); }",
  '1:28: error: A list in "()" has no comma at its end',
);
rejects(
  "a result instead of an out parameter",
  "interface A { int add(in int left); };",
  "1:15: error: An operation has results as out parameters: write void add(..., out int result)",
);
rejects(
  "a misspelled keyword",
  "interface A { onewya f(); };",
  '1:15: error: Unknown word "onewya"; did you mean "oneway"?',
);
rejects(
  "a parameter without direction",
  "interface A { void f(int x); };",
  '1:22: error: Expected "in", "out" or "inout" before a parameter, found "int"',
);
rejects(
  "a missing semicolon",
  "namespace a {\n  rpc f() -> ()\n  rpc g() -> ();\n}",
  '3:3: error: Expected ";" after the operation f, found "rpc"',
);
rejects(
  "an unknown type",
  "namespace a { rpc f(x: unit32) -> (); }",
  '1:24: error: Unknown type "unit32"; did you mean "uint32"?',
);
rejects(
  "an unknown type of another interface",
  "interface A { struct Info { x: int; } } interface B { rpc f() -> (i: Info); }",
  '1:70: error: Unknown type "Info"; did you mean "A.Info"?',
);
rejects(
  "an unknown attribute",
  "interface A { [opcod(3)] void f(); };",
  '1:16: error: Unknown attribute "opcod"; did you mean "opcode"?',
);
rejects(
  "an unknown part",
  "interface Calc { void f(); }; interface B composes Cal;",
  '1:52: error: Unknown interface "Cal"; did you mean "Calc"?',
);
rejects(
  "an unknown error",
  "interface A { error NotFoundHere; rpc f() -> () throws NotFoundHre; }",
  '1:39: error: Operation f throws "NotFoundHre", which A does not declare; did you mean "NotFoundHere"?',
);
rejects(
  "an unknown capability",
  "interface A { rpc f(c: cap<Dataspase>) -> (); }",
  '1:28: error: Unknown capability "Dataspase"; did you mean "Dataspace"?',
);
rejects(
  "an interface where a type is meant",
  "interface B { } interface A { rpc f(c: B) -> (); }",
  "1:40: error: B is an interface: pass it as cap<B>",
);
rejects(
  "an error that every interface has",
  "interface A { error Denied; }",
  "1:21: error: Every interface has the error Denied: throw it without declaring it",
);
rejects(
  "an enum item without a number",
  "enum e { A = 1, B }",
  '1:19: error: Expected "=" and a number after "B", found "}"',
);
rejects(
  "only what is wrong, after a mistake inside braces",
  "interface A { session { x int; y: int; } rpc f() -> (); struct S { a: ; b: int; } oneway g(x: unit32); }",
  '1:27: error: Expected ":" after "x", found "int"',
  '1:71: error: Expected a type, found ";"',
  '1:95: error: Unknown type "unit32"; did you mean "uint32"?',
);
rejects(
  "an enum item that does not fit",
  "enum e : uint8 { A = 256 }",
  "1:22: error: An item of a uint8 enum is a whole number from 0 to 255, not 256",
);
rejects("two items with one number", "enum e { A = 1, B = 1 }", "1:21: error: B and A have the same number 1");
rejects(
  "a name twice",
  "struct S { x: int; x: int; }\nenum S { A = 1 }",
  '1:20: error: "x" occurs twice in struct S',
  '2:6: error: "S" is defined twice: first at x.idl:1:8',
);
rejects(
  "a struct inside itself",
  "struct S { next: optional S; }",
  "1:8: error: S contains itself: a message has a fixed largest size",
);
rejects(
  "an interface that is its own part",
  "interface A composes B; interface B composes A;",
  "1:46: error: Interface A is a part of itself",
);
rejects(
  "a message that is too long",
  "namespace a { rpc f(x: str[600], y: bytes[500]) -> (); }",
  "1:19: error: The request of f may take 1104 bytes, a message holds 1024: x 602, y 502; give strings, bytes and arrays smaller bounds",
);
rejects(
  "too many capabilities",
  "interface A { rpc f() -> (c: cap<File>[5]); }",
  "1:19: error: The reply of f may carry 5 capabilities, a message carries 4",
);
rejects(
  "a constant out of range",
  "const X: uint8 = 256;\nconst Y: uint64 = 0x20000000000001;",
  "1:18: error: 256 is no uint8 (0 to 255)",
  "2:19: error: 9007199254740993 is not exact as a number of TypeScript: mark the type [bigint]",
);
rejects(
  "bigint on a small type",
  "struct S { x: [bigint] uint32; }",
  "1:15: error: Only int64 and uint64 can be bigint",
);
rejects(
  "colliding opcodes",
  "interface A { [opcode(3)] void f(); [opcode(3)] void g(); };",
  "1:54: error: Opcode 3 of g collides with f at x.idl:1:32",
);
rejects(
  "colliding opcodes of parts",
  "interface A { [opcode(3)] void f(); };\ninterface B { [opcode(3)] void g(); };\ninterface C composes A, B;",
  "2:32: error: Opcode 3 of g collides with f at x.idl:1:32",
);
rejects(
  "parts with one operation name",
  "interface A { void f(); }; interface B { void f(); };\ninterface C composes A, B;",
  "2:11: error: Operation f of B has the name of one of A",
);
rejects(
  "parts whose signals collide",
  "interface A { signal a; } interface B { signal b; }\ninterface C composes A, B;",
  "1:48: error: Signal 0 of b collides with a at x.idl:1:22",
);
rejects(
  "a packet with a string",
  "interface A { packet P { text: str[4]; offset: uint32; } }",
  "1:26: error: Field text has no fixed place in a slot: a packet holds numbers, bool, char, enums and fixed arrays of them",
  '1:40: error: Every packet starts with a field "offset": leave it out',
);
rejects(
  "a session argument of bytes",
  "interface A { session { key: bytes[4]; } }",
  "1:30: error: A session argument is a number, bool, char, str or enum, or one of them optional",
);
rejects(
  "a default that does not fit",
  'interface A { session { n: uint8 = "x"; } }',
  '1:36: error: Expected a whole number, not "x"',
);
rejects("an unknown quota", "interface A { quota rma = 4K; }", '1:21: error: Unknown quota "rma"; did you mean "ram"?');
rejects(
  "a string without an end",
  'import "a.idl;\nenum e { A = 1 }',
  "1:8: error: This string has no end on its line",
  '2:1: error: Expected the path of a file in double quotes, found "enum"',
);
rejects(
  "a comment without an end",
  "enum e { A = 1 }\n  /* and so on",
  "2:3: error: This comment has no end: */ is missing",
);
rejects("a character of no meaning", "enum e { A = 1 } €", '1:18: error: Unexpected character "€"');
rejects("a number that runs into a name", "const X: int = 12ab;", '1:16: error: "12ab" is neither a number nor a name');
rejects("a stray brace", "} enum e { A = 1 }", '1:1: error: This "}" closes nothing');
rejects(
  "an interface that ends early",
  "interface A { rpc f() -> ();",
  '1:29: error: Expected "}" at the end of the interface, found the end of the file',
);
rejects(
  "names that are one in generated code",
  "struct S { a_b: int; aB: int; }",
  "1:22: error: a_b and aB of struct S are both aB in generated code",
);
rejects(
  "a type with the name of a generated one",
  "struct BlockInfo { x: int; } interface Block { struct Info { x: int; } }",
  "1:55: error: The name BlockInfo in generated code belongs to what stands at x.idl:1:8 already: choose another",
);

rejects(
  "an attribute in the wrong place",
  "[opcode(1)] interface A { [protocol(X)] void f(); [opcode(2)] signal s; };\n[protocol(X)] enum E { A = 1 }",
  "1:2: error: The attribute opcode belongs before an operation",
  "1:28: error: The attribute protocol belongs before an interface",
  "1:52: error: The attribute opcode belongs before an operation",
  "2:2: error: The attribute protocol belongs before an interface",
);
rejects(
  "names that generated code cannot have",
  "interface A { rpc constructor() -> (); enum e { __proto__ = 1 } }",
  "1:19: error: An operation cannot be named constructor in generated code",
  "1:49: error: An item cannot be named __proto__ in generated code",
);

test("reports every mistake of a file, in order", () => {
  const text =
    "interface A {\n  rpc f(x: nothing) -> ();\n  rpc g(;\n  oneway h() -> ();\n  rpc i(y: int) -> (z: nowhere);\n}\nenum e { };\n";
  assert.equal(
    complaints({ "x.idl": text }).map((line) => line.split(":").slice(1, 3).join(":")),
    ["2:12", "3:9", "4:14", "5:24", "7:6"],
  );
});

test("reports imports where they stand", () => {
  assert.equal(complaints({ "x.idl": '\nimport "y.idl";\n' }), ['x.idl:2:8: error: Cannot read "y.idl": no such file']);
  assert.equal(complaints({ "x.idl": 'import "y.idl";', "y.idl": 'import "x.idl";' }), [
    'y.idl:1:8: error: "x.idl" imports itself',
  ]);
});

test("both spellings mean the same", () => {
  const [first] = compiled({
    "x.idl": "interface Fs { void open(in str path, out handle handle); void touch(inout unsigned char mode); };",
  }).files;
  const [second] = compiled({
    "x.idl": "namespace fs { rpc open(path: str) -> (handle: handle); rpc touch(mode: uint8) -> (mode: uint8); }",
  }).files;
  assert.equal(first?.nextLock, second?.nextLock);
});

test("a namespace may be reopened, and nested", () => {
  const [file] = compiled({
    "x.idl": "namespace a { oneway x(); namespace b { oneway y(); } } namespace a { oneway z(); } oneway g();",
  }).files;
  const names = file?.definition.interfaces.map(
    (subject) =>
      `${subject.name}: ${subject.operations.map((operation) => `${operation.name} ${operation.opcode}`).join(", ")}`,
  );
  assert.equal(names, ["Global: g 0", "A: x 0, z 1", "AB: y 0"]);
});

test("words of the language can be names", () => {
  const [file] = compiled({
    "x.idl":
      "namespace signal { rpc session(type: int, in: int, error: str, optional: bool) -> (enum: int); oneway async(); oneway rpc(oneway: int); }",
  }).files;
  assert.equal(
    file?.definition.interfaces[0]?.operations.map((operation) => operation.name),
    ["session", "async", "rpc"],
  );
});

test("lengths and defaults may be constants", () => {
  const [file] = compiled({
    "x.idl": "const N: uint32 = 3; interface A { const M: uint32 = N; rpc f(x: str[M], y: uint8[<=A.M]) -> (); }",
  }).files;
  assert.equal(file?.nextLock.interfaces["A"]?.operations["f"]?.signature, "call (str[3], uint8[<=3]) -> ()");
});

test("documentation goes to the definition that follows", () => {
  const [file] = compiled({
    "x.idl": "/// One.\n/// Two.\n// not this\ninterface A {\n/// Three.\n[opcode(1)] void f(/// Four.\nin int x);\n}",
  }).files;
  const subject = file?.definition.interfaces[0];
  assert.equal(subject?.docs, ["One.", "Two."]);
  assert.equal(subject?.operations[0]?.docs, ["Three."]);
  assert.equal(subject?.operations[0]?.inputs[0]?.docs, ["Four."]);
});

test.run();
