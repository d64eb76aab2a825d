import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SystemModel } from "../../servers/init/config.js";
import { explanationText } from "../../servers/init/explanation.js";
import { explain, resolve, resolveExport } from "../../servers/init/routing.js";
import { readSystemFile } from "../../servers/init/system-file.js";

const test = suite("routing");

function model(text: string): SystemModel {
  const file = readSystemFile(text);
  if (file.model === undefined) throw new Error(file.diagnostics.map(({ message }) => message).join("\n"));
  return file.model;
}

/** A system in which `client` has this route. */
function client(route: string, rest = ""): SystemModel {
  return model(`{ "parentProvides": ["ROM", "LOG"], "alias": { "clock": "timer" },
    "start": { "timer": { "provides": ["Timer"] }, "a": { "provides": ["X", "A"] }, "b": { "provides": ["X"] }, "client": { ${rest} "route": ${route} } } }`);
}

/** Where a request of `client` goes: `child:label`, or the reason of the denial. */
function where(system: SystemModel, service: string, label = ""): string {
  const result = resolve(system, "client", service, label);
  if (result.kind === "denied") return `denied: ${result.reason}`;
  const { provider } = result;
  const name = provider.kind === "child" ? provider.name : provider.kind === "local" ? "init" : "parent";
  return `${name} "${result.label}"`;
}

test("the label that the server sees has the child's name in front", () => {
  const system = client('{ "Timer": "timer" }');
  assert.is(where(system, "Timer"), 'timer "client"');
  assert.is(where(system, "Timer", "fast"), 'timer "client -> fast"');
  assert.is(where(system, "Timer", "sub -> fast"), 'timer "client -> sub -> fast"');
});

test("rules apply in the order written, and targets in theirs", () => {
  const system = client('{ "ROM config": "parent: one", "ROM": "parent: two", "A": "timer | b | a" }');
  assert.is(where(system, "ROM", "config"), 'parent "one"');
  assert.is(where(system, "ROM", "other"), 'parent "two"');
  assert.is(where(system, "A"), 'a "client"', "targets that do not provide the service are passed over");
});

test("selectors see the label as the child gave it; the last element alone; or the full label", () => {
  const system = client(`[
    { "service": "ROM", "label": "client -> x", "to": "parent: wrong" },
    { "service": "ROM", "unscopedLabel": "client -> x", "to": "parent: unscoped" },
    { "service": "ROM", "labelPrefix": "pre", "labelSuffix": "post", "to": "parent: both" },
    { "service": "ROM", "labelLast": "theme", "to": "parent: last" },
    { "service": "ROM", "label": "exact", "to": "parent: exact" } ]`);
  assert.is(where(system, "ROM", "x"), 'parent "unscoped"');
  assert.is(where(system, "ROM", "pre and post"), 'parent "both"');
  assert.match(where(system, "ROM", "pre"), /^denied/);
  assert.is(where(system, "ROM", "deep -> down -> theme"), 'parent "last"');
  assert.is(where(system, "ROM", "theme"), 'parent "last"');
  assert.match(where(system, "ROM", "mytheme"), /^denied/);
  assert.is(where(system, "ROM", "exact"), 'parent "exact"');
});

test("a failing rule for a service denies at once; a failing rule for any service falls through", () => {
  assert.match(where(client('{ "Timer": "a", "*": "timer" }'), "Timer"), /^denied: "a" does not provide "Timer"/);
  assert.is(
    where(client('[{ "service": "any", "to": "a" }, { "service": "any", "to": "timer" }]'), "Timer"),
    'timer "client"',
  );
});

test("the parent serves only what parentProvides lists", () => {
  assert.is(where(client('{ "*": "parent" }'), "LOG"), 'parent "client"');
  assert.match(where(client('{ "*": "parent" }'), "Timer"), /^denied/);
  assert.match(where(client('{ "Timer": "parent" }'), "Timer"), /"parentProvides" does not list "Timer"/);
});

test("any-child finds the only provider; several are an error that ends the search", () => {
  assert.is(where(client('{ "*": "any-child" }'), "Timer"), 'timer "client"');
  assert.match(where(client('{ "*": "any-child" }'), "Y"), /^denied/);
  assert.match(
    where(client('[{ "service": "any", "to": ["any-child", "a"] }, { "service": "any", "to": "a" }]'), "X"),
    /^denied: several children provide "X": "a", "b"/,
  );
  const own = model('{ "start": { "client": { "provides": ["Timer"], "route": { "*": "any-child" } } } }');
  assert.match(where(own, "Timer"), /no rule/, "a component is not its own server");
});

test("aliases stand for children", () => {
  assert.is(where(client('{ "Timer": "clock" }'), "Timer"), 'timer "client"');
});

test("targets rewrite the label", () => {
  const system = client(`[
    { "service": "ROM", "label": "all", "to": { "parent": true, "label": "some -> thing" } },
    { "service": "ROM", "labelLast": "id", "to": { "parent": true, "identity": "other" } },
    { "service": "ROM", "labelLast": "anonymous", "to": { "parent": true, "identity": "" } },
    { "service": "ROM", "labelLast": "res", "to": { "parent": true, "resource": "file" } },
    { "service": "ROM", "labelLast": "both", "to": { "parent": true, "identity": "other", "resource": "file" } },
    { "service": "ROM", "labelPrefix": "/", "to": { "parent": true, "prependResource": "/home" } },
    { "service": "LOG", "to": { "parent": true, "resource": "file" } } ]`);
  assert.is(where(system, "ROM", "all"), 'parent "some -> thing"');
  assert.is(where(system, "ROM", "x -> id"), 'parent "other -> id"');
  assert.is(where(system, "ROM", "anonymous"), 'parent "anonymous"');
  assert.is(where(system, "ROM", "x -> res"), 'parent "client -> x -> file"');
  assert.is(where(system, "ROM", "x -> both"), 'parent "other -> file"');
  assert.is(where(system, "ROM", "/docs/"), 'parent "client -> /home/docs/"');
  assert.is(where(system, "LOG"), 'parent "client -> file"', "without a label the child's name is the identity");
});

test("init serves the inline config before any rule", () => {
  const route = '{ "ROM": "parent" }';
  assert.is(where(client(route, '"config": {},'), "ROM", "config"), 'init "client -> config"');
  assert.is(where(client(route), "ROM", "config"), 'parent "client -> config"');
  assert.is(where(client(route, '"config": {},'), "ROM", "sub -> config"), 'parent "client -> sub -> config"');
});

test("the binary is looked for by its own name", () => {
  const system = client('{ "ROM tool": "parent: tool-1.0" }', '"binary": "tool",');
  assert.is(where(system, "ROM", "client"), 'parent "tool-1.0"');
});

test("a denial carries stage, rule, component and reason", () => {
  const denial = resolve(client('{ "Timer": "nobody" }'), "client", "Timer", "");
  assert.equal(denial, {
    kind: "denied",
    stage: "route",
    rule: "Timer: nobody",
    path: ["start", "client", "route", "Timer"],
    component: "client",
    reason: 'there is no child "nobody"',
  });
  const without = resolve(client("{}"), "client", "Timer", "");
  assert.equal(without.kind === "denied" && [without.rule, without.reason], [undefined, '"client" has no route']);
});

test("explain shows every rule looked at, and why it matched or not", () => {
  const explanation = explain(
    client('{ "LOG": "parent", "Timer fast": "timer", "*": "a | timer" }'),
    "client",
    "Timer",
    "slow",
  );
  assert.equal(
    explanation.steps.map(({ rule, outcome, reason }) => [rule, outcome, reason]),
    [
      ["LOG: parent", "skipped", 'it is for "LOG"'],
      ["Timer fast: timer", "skipped", 'the label is "slow", not "fast"'],
      ["*: a | timer", "taken", "any service"],
    ],
  );
  assert.equal(
    explanation.steps[2]?.targets.map(({ target, taken }) => [target, taken]),
    [
      ["a", false],
      ["timer", true],
    ],
  );
  assert.match(explanationText(explanation), 'goes to child "timer" with the label "client -> slow"');
});

test("exported services are chosen by policy", () => {
  const system =
    model(`{ "services": { "Timer": { "policies": [{ "labelPrefix": "shell ->", "to": "a: renamed" }, { "label": "gone", "to": "nobody" }] }, "Free": "b" },
    "start": { "a": { "provides": ["Timer"] }, "b": { "provides": ["Free"] } } }`);
  const serve = (service: string, label: string) => {
    const result = resolveExport(system, service, label);
    return result.kind === "denied"
      ? `${result.stage}: ${result.reason}`
      : `${result.provider.kind === "child" ? result.provider.name : ""} "${result.label}"`;
  };
  assert.is(serve("Timer", "shell -> x"), 'a "renamed"');
  assert.is(serve("Free", "any"), 'b "any"');
  assert.is(serve("Timer", "other"), "export: no policy matches, and there is no default policy");
  assert.is(serve("Timer", "gone"), 'export: there is no child "nobody"');
  assert.match(serve("Block", "x"), /"services" does not list it/);
});

test.run();
