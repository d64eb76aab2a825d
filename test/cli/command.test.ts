/** The commands by themselves: help, exit codes, mistakes. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { commands } from "../../cli/table.js";
import { bulkhead } from "../support/running-system.js";
import { suite } from "../support/suite.js";

const test = suite("bulkhead");

let folder = "";
test.before((context) => {
  folder = mkdtempSync(join(tmpdir(), "bulkhead-cli-"));
  context.defer(() => rmSync(folder, { recursive: true, force: true }));
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("help shows examples before anything else", async () => {
  const { code, output } = await bulkhead(["--help"]);
  assert.is(code, 0);
  assert.ok(output.indexOf("Examples") < output.indexOf("Commands"));
  for (const { name, summary } of commands) assert.ok(output.includes(name) && output.includes(summary), name);
  const about = await bulkhead(["logs", "--help"]);
  assert.is(about.code, 0);
  assert.ok(about.output.indexOf("Examples") < about.output.indexOf("--follow"));
});

test("mistakes are named, with the nearest right word, and exit code 2", async () => {
  for (const [args, expected] of [
    [["stauts"], 'did you mean "status"'],
    [["status", "--wach"], 'did you mean "watch"'],
    [["restart"], "Usage: bulkhead restart COMPONENT"],
    [["logs", "-n", "many"], "whole number"],
    [["config", "chek"], '"check", "show" or "reload"'],
  ] as const) {
    const { code, errors, output } = await bulkhead(args);
    assert.is(code, 2, args.join(" "));
    assert.match(errors, expected);
    assert.is(output, "");
  }
});

test("without a running system the exit code is 4", async () => {
  for (const name of ["status", "down", "top", "logs", "sessions"]) {
    const { code, errors } = await bulkhead([name, "--socket", join(folder, "none.sock")]);
    assert.is(code, 4, name);
    assert.match(errors, "No system runs");
  }
});

test("a system file with mistakes is exit code 3, with line and column", async () => {
  const path = file("broken.jsonc", '{\n  "start": {\n    "a": { "binray": "test/hello" }\n  }\n}\n');
  for (const args of [
    ["up", path, "--socket", join(folder, "broken.sock")],
    ["config", "show", path],
  ]) {
    const { code, errors } = await bulkhead(args);
    assert.is(code, 3);
    assert.match(errors, /broken\.jsonc:3:12: .*did you mean "binary"/);
  }
  const { code, output } = await bulkhead(["config", "check", path, "--json"]);
  assert.is(code, 3);
  const { diagnostics } = JSON.parse(output) as { diagnostics: { line: number; column: number }[] };
  assert.is(diagnostics[0]?.line, 3);
  assert.is((await bulkhead(["up", join(folder, "absent.jsonc")])).code, 3);
  const inside = file(
    "inside.jsonc",
    '{\n  "start": {\n    "timer": {\n      "config": { "shortestPeriod": "soon" }\n    }\n  }\n}\n',
  );
  assert.match(
    (await bulkhead(["config", "check", inside])).output,
    /inside\.jsonc:4:37: /,
    "in a component's own part",
  );
});

test("up --once tells a system that starts from one that does not", { timeout: 60_000 }, async () => {
  const good = file(
    "good.jsonc",
    '{ "parentProvides": ["ROM"], "defaultRoute": { "ROM": "parent" }, "start": { "hello": { "binary": "test/hello" } } }',
  );
  const well = await bulkhead(["up", good, "--once", "--json", "--socket", join(folder, "once.sock")]);
  assert.is(well.code, 0, well.errors);
  const { state } = JSON.parse(well.output) as { state: { children: Record<string, { state: string }> } };
  assert.is(state.children["hello"]?.state, "alive");
  const bad = file(
    "bad.jsonc",
    '{ "parentProvides": ["ROM"], "defaultRoute": { "ROM": "parent" }, "start": { "hello": { "binary": "test/no-such", "restart": { "limit": 0 } } } }',
  );
  const ill = await bulkhead(["up", bad, "--once", "--socket", join(folder, "once.sock")]);
  assert.is(ill.code, 1);
  assert.match(ill.errors, 'There is no component "test/no-such"');
});

test("doctor tries each isolation level", { timeout: 30_000 }, async () => {
  const { code, output } = await bulkhead(["doctor", "--json"]);
  const { version, healthy, checks } = JSON.parse(output) as {
    version: number;
    healthy: boolean;
    checks: { name: string; outcome: string; facts: string; fix?: string }[];
  };
  assert.is(version, 1);
  assert.is(code, healthy ? 0 : 5);
  for (const level of ["full", "no-namespaces", "seccomp"]) {
    const check = checks.find(({ name }) => name === `isolation "${level}"`);
    assert.ok(check, level);
    assert.ok(check.outcome !== "missing" || check.fix !== undefined, "what is missing has a fix");
  }
});

test("version and idl answer", async () => {
  const { output } = await bulkhead(["version", "--json"]);
  assert.is((JSON.parse(output) as { version: number }).version, 1);
  const path = file("calc.idl", "interface Calc { rpc add(int32 a, ");
  const { code, errors } = await bulkhead(["idl", "check", path]);
  assert.is.not(code, 0);
  assert.match(errors, "calc.idl:1:");
});

test.run();
