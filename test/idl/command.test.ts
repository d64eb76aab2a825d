import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformSync } from "esbuild";
import * as assert from "uvu/assert";
import { idl } from "../../idl/main.js";
import { suite } from "../support/suite.js";

const test = suite("bulkhead idl", { keepsDescriptors: "the bundler is a service process that stays" });

/** The exit code and what was printed. */
async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const printed = { out: "", err: "" };
  const { write: writeOut } = process.stdout;
  const { write: writeErr } = process.stderr;
  const keep =
    (stream: keyof typeof printed) =>
    (text: string): true => {
      printed[stream] += text;
      return true;
    };
  process.stdout.write = keep("out") as typeof writeOut;
  process.stderr.write = keep("err") as typeof writeErr;
  try {
    return { code: await idl(args), ...printed };
  } finally {
    process.stdout.write = writeOut;
    process.stderr.write = writeErr;
  }
}

let folder: string;

/** A test with a folder of its own. */
function testInFolder(name: string, body: () => Promise<void>): void {
  test(name, (context) => {
    folder = mkdtempSync(join(tmpdir(), "bulkhead-idl-"));
    context.defer(() => rmSync(folder, { recursive: true, force: true }));
    return body();
  });
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const calc =
  "/// Adds.\ninterface Calc { error Overflow; struct Pair { left: int; right: int; } void add(in Pair pair, out int result) throws Overflow; signal ready; packet Job { kind: uint8; } const MAX: int = 3; };\n";

testInFolder("gen writes code and lock once; a second run changes nothing", async () => {
  const path = file("calc.idl", calc);
  assert.is((await run("check", path)).code, 0);
  const first = JSON.parse((await run("gen", "--json", path)).out);
  assert.equal(
    [first.version, first.ok, first.written],
    [1, true, [join(folder, "calc.generated.ts"), `${path}.lock`]],
  );
  const second = JSON.parse((await run("gen", "--json", path)).out);
  assert.equal(second.written, []);
  assert.match(readFileSync(join(folder, "calc.generated.ts"), "utf8"), 'from "bulkhead"');
});

testInFolder("gen --check writes nothing and fails while output is stale", async () => {
  const path = file("calc.idl", calc);
  const missing = await run("gen", "--check", path);
  assert.is(missing.code, 1);
  assert.match(missing.err, `calc.generated.ts: error: This file is stale`);
  assert.throws(() => readFileSync(`${path}.lock`));
  await run("gen", path);
  assert.is((await run("gen", "--check", path)).code, 0);
  file("calc.idl", calc.replace("throws Overflow;", "throws Overflow; void subtract(out int y);"));
  assert.is((await run("gen", "--check", path)).code, 1);
  await run("gen", path);
  assert.is((await run("gen", "--check", path)).code, 0);
});

testInFolder("mistakes are printed with their place, and nothing is written", async () => {
  const path = file("calc.idl", calc.replace("in Pair", "in Piar"));
  const { code, err } = await run("gen", path);
  assert.is(code, 1);
  assert.is(err, `${path}:2:85: error: Unknown type "Piar"; did you mean "Pair"?\n`);
  assert.throws(() => readFileSync(join(folder, "calc.generated.ts")));
  const { diagnostics } = JSON.parse((await run("check", "--json", path)).out);
  assert.equal(diagnostics, [
    { file: path, line: 2, column: 85, message: 'Unknown type "Piar"; did you mean "Pair"?' },
  ]);
});

testInFolder("a compound that renumbers a part is allowed, with a warning", async () => {
  const path = file("calc.idl", "interface A { void a(); };\ninterface B { void b(); };\ninterface C composes A, B;");
  const { code, err } = await run("check", path);
  assert.is(code, 0);
  assert.is(
    err,
    `${path}:3:11: warning: Operation b has opcode 1 in C and 0 in B: a client that knows only B cannot use C; give one of the parts explicit opcodes\n`,
  );
});

testInFolder("include takes a pattern", async () => {
  file("one.idl", "struct One { x: int; }");
  file("two.idl", "struct Two { x: int; }");
  const path = file("user.idl.idl", 'include "*o.idl"; include "o*.idl"; namespace n { oneway f(a: One, b: Two); }');
  assert.equal(await run("check", path), { code: 0, out: "", err: "" });
});

testInFolder("skeleton prints a server that says what it lacks", async () => {
  const path = file("calc.idl", calc);
  const { code, out } = await run("skeleton", "--runtime", "framework", path);
  assert.is(code, 0);
  assert.match(out, 'import type { CalcHandlers, CalcPair } from "./calc.generated.js";');
  assert.match(out, 'import { SessionError } from "framework";');
  assert.match(out, "add(pair: CalcPair, _call: Call): number | Promise<number>");
  assert.match(transformSync(out, { loader: "ts" }).code, "class CalcSession");
});

testInFolder("docs writes one page an interface", async () => {
  const path = file("calc.idl", `${calc}interface CalcToo composes Calc;`);
  assert.is((await run("docs", "--out", join(folder, "pages"), path)).code, 0);
  const page = readFileSync(join(folder, "pages", "calc.md"), "utf8");
  for (const part of [
    "# Calc",
    "Adds.",
    "rpc add(pair: Calc.Pair) -> (result: int)",
    "Opcode 0; request up to 8 bytes, reply up to 4 bytes.",
    "Throws `Overflow`.",
    "| `Overflow` | 64 |",
    "### CalcPair",
    "| `ready` | 0 |",
    "One slot has 16 bytes.",
    "| `kind` | 8 | `uint8` | `number` |",
    "| `calcMax` | `int` | `3` |",
  ])
    assert.match(page, part);
  assert.match(readFileSync(join(folder, "pages", "calc-too.md"), "utf8"), "Composes [Calc](calc.md).");
  assert.is((await run("docs", "--check", "--out", join(folder, "pages"), path)).code, 0);
  writeFileSync(join(folder, "pages", "calc.md"), "changed");
  assert.is((await run("docs", "--check", "--out", join(folder, "pages"), path)).code, 1);
});

testInFolder("what cannot be written is named, with the reason", async () => {
  const path = file("calc.idl", calc);
  mkdirSync(`${path}.lock`);
  const { code, err } = await run("gen", path);
  assert.is(code, 1);
  assert.is(err, `Cannot read "${path}.lock": illegal operation on a directory\n`);
});

testInFolder("misuse is exit code 2, with the nearest command", async () => {
  for (const args of [[], ["chek", "x.idl"], ["gen"], ["gen", "x.txt"], ["gen", "--wrong", "x.idl"]])
    assert.is((await run(...args)).code, 2, args.join(" "));
  assert.match((await run("chek", "x.idl")).err, 'did you mean "check"?');
  assert.is((await run("--help")).code, 0);
  assert.is((await run("check", join(folder, "missing.idl"))).code, 1);
});

test.run();
