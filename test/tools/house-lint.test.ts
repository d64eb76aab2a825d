/** The rules of the house, each by a source that breaks it and one that does not. */
import path from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../support/suite.js";

type Check = (file: string, text: string) => string[];

const module: string = path.resolve("scripts/lib/house-lint.mjs");
const { importProblems, addonProblems, decodingProblems, formProblems } = (await import(module)) as Record<
  string,
  Check
>;

function accepts(check: Check | undefined, file: string, text: string): void {
  assert.equal(check?.(file, text), [], text);
}

function refuses(check: Check | undefined, file: string, text: string, reason: RegExp): void {
  const problems = check?.(file, text) ?? [];
  assert.is(problems.length, 1, `${text} gives ${JSON.stringify(problems)}`);
  assert.match(problems[0] ?? "", reason);
}

const test = suite("house lint");

test("imports run downwards only", () => {
  accepts(importProblems, "drivers/uart/main.ts", 'import { component } from "../../base/index.js";');
  accepts(importProblems, "base/ring.ts", 'import {\n  a,\n  b,\n} from "../bindings/ring.js";');
  refuses(importProblems, "base/ring.ts", 'import { a } from "../sessions/log/index.js";', /downwards only/);
  refuses(importProblems, "bindings/ring.ts", 'export * from "../base/errors.js";', /downwards only/);
  refuses(importProblems, "lib/font.ts", 'const font = await import("../servers/gui/font.js");', /downwards only/);
  refuses(importProblems, "base/ring.ts", 'import "../test/support/suite.js";', /belongs to no layer/);
});

test("a component imports no other component", () => {
  accepts(importProblems, "servers/init/main.ts", 'import { route } from "./route.js";');
  refuses(importProblems, "servers/init/main.ts", 'import { a } from "../log/main.js";', /no other component/);
  refuses(
    importProblems,
    "drivers/uart/main.ts",
    'import { a } from "../../servers/log/main.js";',
    /no other component/,
  );
});

test("packages are imported only where they are listed", () => {
  accepts(importProblems, "drivers/uart/driver.ts", 'import { SerialPort } from "serialport";');
  accepts(importProblems, "base/env.ts", 'import { readFileSync } from "node:fs";');
  refuses(importProblems, "base/env.ts", 'import { parse } from "jsonc-parser";', /package "jsonc-parser"/);
  refuses(
    importProblems,
    "drivers/block/driver.ts",
    'import { SerialPort } from "serialport";',
    /package "serialport"/,
  );
});

test("only bindings load the addon", () => {
  accepts(addonProblems, "bindings/addon.ts", 'require("../bulkhead.node")');
  refuses(addonProblems, "base/env.ts", 'require("../bulkhead.node")', /only bindings/);
});

test("shared bytes are copied before they are decoded", () => {
  accepts(decodingProblems, "servers/log/main.ts", "const text = shared.copy();");
  accepts(decodingProblems, "servers/log/main.ts", "// private copy: the message\nnew TextDecoder().decode(bytes);");
  accepts(decodingProblems, "base/message.ts", "new TextDecoder()");
  accepts(decodingProblems, "lib/mac.ts", "byte.toString(16)");
  for (const code of [
    "new TextDecoder().decode(bytes);",
    'bytes.toString("utf8");',
    "sharedBytes.toString();",
    "JSON.parse(window.sharedText);",
    "String.fromCharCode(...shared);",
  ]) {
    refuses(decodingProblems, "servers/log/main.ts", code, /copy them first/);
  }
});

test("files have bounded length, kebab-case names and no unfinished work", () => {
  accepts(formProblems, "base/packet-stream.ts", "x\n".repeat(450));
  refuses(formProblems, "base/packet-stream.ts", "x\n".repeat(451), /451 lines/);
  accepts(formProblems, "sessions/log/log.generated.ts", "x\n".repeat(451));
  refuses(formProblems, "base/packetStream.ts", "", /kebab-case/);
  refuses(formProblems, "docs/limits.md", `${"TO"}DO: write`, /line 1 holds unfinished work/);
  refuses(formProblems, "docs/limits.md", `see /${"work"}/notes`, /path of one machine/);
  refuses(formProblems, "lib/wait.ts", `AbortSignal.${"any"}([one, other])`, /never fires/);
});

test.run();
