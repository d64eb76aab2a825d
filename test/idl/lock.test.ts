import * as assert from "uvu/assert";
import { type Compiled, lockPath } from "../../idl/compiler.js";
import { lockText } from "../../idl/lock.js";
import { compiled, complaints, type Files } from "../support/interface-compiler.js";
import { suite } from "../support/suite.js";

const test = suite("lock file");

function only(files: Files): Compiled {
  return compiled(files).files[0] as Compiled;
}

/** The files of a definition and the lock that it got. */
function locked(text: string, others: Files = {}): Files {
  const files = { ...others, "x.idl": text };
  return { ...files, [lockPath("x.idl")]: lockText(only(files).nextLock) };
}

function opcodes(files: Files, name = "A"): Record<string, number> {
  const subject = only(files).definition.interfaces.find((candidate) => candidate.name === name);
  return Object.fromEntries(subject?.operations.map((operation) => [operation.name, operation.opcode]) ?? []);
}

const before = "interface A { rpc first() -> (); rpc second(x: int) -> (); rpc third() -> (y: str[4]); }";

test("operations keep their opcodes when others come, go and change places", () => {
  const files = locked(before);
  assert.equal(opcodes(files), { first: 0, second: 1, third: 2 });
  const after = {
    ...files,
    "x.idl": "interface A { rpc third() -> (y: str[4]); rpc fresh() -> (); rpc first() -> (); }",
  };
  assert.equal(opcodes(after), { first: 0, third: 2, fresh: 3 });
  const text = lockText(only(after).nextLock);
  assert.equal(JSON.parse(text).interfaces.A.removed, { second: { opcode: 1, signature: "call (int32) -> ()" } });
  const later = {
    "x.idl":
      "interface A { rpc fourth() -> (); rpc third() -> (y: str[4]); rpc first() -> (); rpc fresh() -> (); rpc second(x: int) -> (); }",
    [lockPath("x.idl")]: text,
  };
  assert.equal(opcodes(later), { first: 0, second: 1, third: 2, fresh: 3, fourth: 4 });
});

test("an opcode of something removed is given to nobody else", () => {
  const files = {
    ...locked(before),
    "x.idl": "interface A { rpc first() -> (); [opcode(1)] rpc other() -> (); rpc third() -> (y: str[4]); }",
  };
  assert.equal(complaints(files), [
    "x.idl:1:50: error: Opcode 1 of other is reserved: it belonged to second, which the lock file lists as removed",
  ]);
});

test("an explicit opcode cannot take what the lock file gave away", () => {
  const files = { ...locked(before), "x.idl": before.replace("}", "[opcode(2)] rpc other() -> (); }") };
  assert.equal(complaints(files), ["x.idl:1:104: error: Opcode 2 of other is taken: the lock file gave it to third"]);
});

test("a changed signature needs a new version", () => {
  const changed = before.replace("x: int", "x: int64");
  const files = locked(before);
  assert.equal(complaints({ ...files, "x.idl": changed }), [
    'x.idl:1:38: error: Operation second changed from call (int32) -> () to call (int64) -> () without a new version: restore it, or declare "interface A version 2"',
  ]);
  const next = { ...files, "x.idl": changed.replace("interface A", "interface A version 2") };
  assert.equal(complaints(next), []);
  assert.equal(only(next).nextLock.interfaces["A"]?.version, 2);
  assert.equal(complaints({ ...locked(next["x.idl"] as string), "x.idl": before }), [
    "x.idl:1:11: error: Interface A has version 1, but its lock file knows version 2",
  ]);
});

test("what is on the wire counts, not how it is written", () => {
  const files = locked("type number = int; struct P { x: number; } interface A { rpc f(p: P) -> (q: uint8); }");
  assert.equal(
    complaints({
      ...files,
      "x.idl":
        "struct Point { left: int32; } enum E : uint8 { ON = 1 } interface A { rpc f(point: Point) -> (on: E); }",
    }),
    [],
  );
  assert.is(
    complaints({ ...files, "x.idl": "struct P { x: int; y: int; } interface A { rpc f(p: P) -> (q: uint8); }" }).length,
    1,
  );
});

test("packets and signals are part of the version", () => {
  const files = locked("interface A { signal a; signal b; packet P { x: uint32; } }");
  assert.is(complaints({ ...files, "x.idl": "interface A { signal a; signal b; packet P { x: uint64; } }" }).length, 1);
  const gone = { ...files, "x.idl": "interface A { signal c; signal b; packet P { x: uint32; } }" };
  assert.equal(
    only(gone).definition.interfaces[0]?.signals.map((signal) => `${signal.name} ${signal.number}`),
    ["b 1", "c 2"],
  );
});

test("errors keep their numbers", () => {
  const files = { ...locked("interface A { error X; error Y; }"), "x.idl": "interface A { error Z; error Y; }" };
  assert.equal(
    only(files).definition.interfaces[0]?.errors.map((error) => error.name),
    ["X", "Y", "Z"],
  );
});

test("parts keep their opcodes in a compound where they can; the rest is renumbered and remembered", () => {
  const parts = {
    "a.idl": "interface A { rpc a() -> (); rpc b() -> (); }",
    "c.idl": "interface C { rpc c() -> (); [opcode(4)] rpc d() -> (); }",
  };
  const compound = 'import "a.idl"; import "c.idl"; interface X composes A, C;';
  const files = locked(compound, parts);
  assert.equal(opcodes(files, "X"), { a: 0, b: 1, c: 2, d: 4 });
  // A part that grows does not move what the compound gave out.
  const grown = { ...files, "a.idl": "interface A { rpc a() -> (); rpc b() -> (); rpc e() -> (); }" };
  assert.equal(opcodes(grown, "X"), { a: 0, b: 1, c: 2, e: 3, d: 4 });
});

test("a part that comes along two paths counts once", () => {
  const text =
    "interface A { rpc a() -> (); signal s; session { n: int = 1; } } interface B composes A; interface C composes A; interface X composes B, C { rpc x() -> (); }";
  assert.equal(opcodes({ "x.idl": text }, "X"), { a: 0, x: 1 });
});

test("a damaged lock file is an error, not a fresh start", () => {
  for (const [text, why] of [
    ["{", "it is not JSON"],
    ["{}", 'its "format" is not 1'],
    ['{"format":1,"interfaces":{"A":{}}}', "its entry for A is incomplete"],
  ] as const) {
    const [found] = complaints({ "x.idl": before, [lockPath("x.idl")]: text });
    assert.match(found ?? "", "x.idl.lock:1:1: error: Cannot use the lock file");
    assert.match(found ?? "", why);
  }
});

test.run();
