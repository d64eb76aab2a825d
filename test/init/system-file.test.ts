import { createRequire } from "node:module";
import { build } from "esbuild";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { s, undocumented } from "../../base/schema.js";
import { systemSchema } from "../../servers/init/config.js";
import { lintRules } from "../../servers/init/finding.js";
import { ruleText } from "../../servers/init/route.js";
import { diagnosticText, readDocument, readSystemFile, type SystemFile } from "../../servers/init/system-file.js";

const test = suite("system file");

const sample = `{
  // A terminal over a serial line, with a clock.
  "parentProvides": ["ROM", "LOG"],
  "default": { "ram": "4M", "caps": 50 },
  "defaultRoute": { "LOG": "parent", "ROM": "parent", "*": "any-child" },
  "heartbeat": { "rate": "500ms" },
  "report": { "ids": true },
  "alias": { "clock": "timer" },
  "start": {
    "timer": { "provides": ["Timer"] },
    "uart": {
      "binary": "uart-driver",
      "provides": ["Terminal"],
      "heartbeat": { "restartAfterSkipped": 3 },
      "grants": { "line": [{ "tty": "/dev/ttyUSB0" }, { "pty": true, "link": "run/uart" }] },
    },
    "shell": {
      "ram": "16M",
      "version": 2,
      "config": { "prompt": "> ", },
      "route": {
        "Timer": "clock",
        "Terminal": "uart: shell -> *",
        "ROM * -> theme": "parent: * -> dark",
        "*": "default",
      },
    },
  },
}
`;

/** Messages as they are printed, without the file's name. */
function messages(text: string): string[] {
  return readSystemFile(text).diagnostics.map((diagnostic) => diagnosticText("", diagnostic));
}

function rulesFound(file: SystemFile): string[] {
  return file.diagnostics.map(({ rule }) => rule);
}

test("a pleasant file has no problems and one normal form", () => {
  const { model, diagnostics } = readSystemFile(sample);
  assert.equal(diagnostics, []);
  const shell = model?.start.get("shell");
  assert.equal(shell?.route.map(ruleText), [
    "Timer: clock",
    "Terminal: uart: shell -> *",
    "ROM * -> theme: parent: * -> dark",
    "LOG: parent",
    "ROM: parent",
    "*: any-child",
  ]);
  assert.is(shell?.binary, "shell");
  assert.is(shell?.ram, 16 * 2 ** 20);
  assert.is(shell?.caps, 50);
  assert.is(shell?.version, "2");
  assert.equal(shell?.restart, { mode: "on-crash", limit: 5, within: 60_000, backoff: { initial: 100, max: 10_000 } });
  assert.equal(model?.start.get("uart")?.grants, { line: [{ tty: "/dev/ttyUSB0" }, { pty: true, link: "run/uart" }] });
  assert.equal([...(model?.start.keys() ?? [])], ["timer", "uart", "shell"]);
  assert.is(model?.heartbeat?.rate, 500);
});

test("short and long form of a route are the same rules", () => {
  const short = `{ "start": { "a": { "route": {
    "Timer": "t", "ROM config": "parent", "ROM x -> *": "t", "ROM *.png": "t | any-child",
    "ROM * -> b": "parent: * -> c", "LOG": "parent: me -> *", "Report": "parent: whole -> label", "*": "parent | any-child" } } } }`;
  const long = `{ "start": { "a": { "route": [
    { "service": "Timer", "to": { "child": "t" } },
    { "service": "ROM", "label": "config", "to": [{ "parent": true }] },
    { "service": "ROM", "labelPrefix": "x -> ", "to": "t" },
    { "service": "ROM", "labelSuffix": ".png", "to": ["t", { "anyChild": true }] },
    { "service": "ROM", "labelLast": "b", "to": { "parent": true, "resource": "c" } },
    { "service": "LOG", "to": { "parent": true, "identity": "me" } },
    { "service": "Report", "to": { "parent": true, "label": "whole -> label" } },
    { "service": "any", "to": "parent | any-child" } ] } } }`;
  const rules = (text: string) =>
    readSystemFile(text)
      .model?.start.get("a")
      ?.route.map(({ service, selectors, to }) => ({ service, selectors, to }));
  assert.is(rules(short)?.length, 8);
  assert.equal(rules(short), rules(long));
});

test("an unknown key names the nearest known one, with line and column", () => {
  assert.equal(messages(`{\n  "start": {\n    "uart": { "proivdes": [] }\n  }\n}`), [
    ':3:15: Unknown key "proivdes"; did you mean "provides"?',
  ]);
  assert.equal(messages('{ "start": { "a": { "ram": "4 M" } } }'), [
    ':1:28: "4 M" is not a size: write whole bytes, or a number with K, M, G or T (binary multiples) such as "128K"',
  ]);
});

test("a duplicate key is an error at its second place, and yields no model", () => {
  const file = readSystemFile(
    '{\n "parentProvides": ["ROM"],\n "start": { "a": { "route": { "ROM": "parent" } },\n  "a": {} } }',
  );
  assert.equal(
    file.diagnostics.map((one) => diagnosticText("f", one)),
    ['f:4:3: Duplicate key "a": first given in line 3'],
  );
  assert.is(file.model, undefined);
});

test("syntax errors have a place and no consequences", () => {
  assert.equal(messages('{\n  "start": {\n    "a": { "ram" "4M" }\n  }\n}'), [':3:18: Expected ":" after the key']);
  assert.equal(messages(""), [":1:1: The file is empty: expected an object"]);
  assert.equal(messages("[".repeat(100_000)), [":1:1: A document nests at most 200 levels"]);
  assert.equal(messages('{ "$schema": "]]]]]]" }'), []);
});

test("the reader works in a bundle, as init runs it", async () => {
  const entry = 'export { readDocument } from "./dist/servers/init/system-file.js";';
  // The UMD build of the JSONC parser cannot be bundled: its ES modules come first.
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: process.cwd() },
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    mainFields: ["module", "main"],
    logLevel: "silent",
  });
  const bundle = { exports: {} as { readDocument: typeof readDocument } };
  new Function("module", "exports", "require", outputFiles[0]?.text ?? "")(
    bundle,
    bundle.exports,
    createRequire(import.meta.url),
  );
  assert.equal(bundle.exports.readDocument('{ "a": [1, /* two */ 2,] }').value, { a: [1, 2] });
});

test("hostile keys are refused", () => {
  assert.match(messages('{ "start": { "__proto__": {} } }').join("\n"), /not permitted/);
  assert.match(messages('{ "start": { "../x": {} } }').join("\n"), /Expected a key that matches/);
  assert.match(messages('{ "start": { "parent": {} } }').join("\n"), /another meaning/);
  assert.match(messages('{ "start": { "7": {} } }').join("\n"), /needs a letter/);
});

test("routes refuse what has no meaning", () => {
  const rule = (text: string) => messages(`{ "start": { "a": { "route": ${text} } } }`).join("\n");
  assert.match(rule('{ "ROM a*b": "parent" }'), /at most one "\*"/);
  assert.match(rule('{ "1x": "parent" }'), /Expected a service name/);
  assert.match(rule('{ "ROM": "default" }'), /Only "\*" can take over/);
  assert.match(rule('{ "ROM": "a b" }'), /name of a child/);
  assert.match(rule('{ "ROM": "parent: x -> * -> y" }'), /Expected one "\*"/);
  assert.match(rule('[{ "service": "ROM", "label": "a", "unscopedLabel": "b", "to": "parent" }]'), /no other selector/);
  assert.match(
    rule('[{ "service": "ROM", "to": { "parent": true, "label": "a", "resource": "b" } }]'),
    /cannot stand beside/,
  );
  assert.match(messages('{ "defaultRoute": { "*": "default" } }').join("\n"), /cannot take over itself/);
  assert.match(messages('{ "prioLevels": 3 }').join("\n"), /power of two/);
});

/** A file with a component that has its binary, and what else the case needs. */
function system(extra: string, start: string): string {
  return `{ "parentProvides": ["ROM", "LOG"], "defaultRoute": { "ROM": "parent" }${extra === "" ? "" : `, ${extra}`}, "start": { ${start} } }`;
}
const needsRom = '"ROM": "parent"';

const mistakes: readonly (readonly [rule: keyof typeof lintRules, text: string, message: RegExp])[] = [
  [
    "dangling-target",
    system("", `"timer": {}, "a": { "route": { ${needsRom}, "Timer": "timr" } }`),
    /no child "timr"; did you mean "timer"/,
  ],
  [
    "unprovided-service",
    system("", `"timer": { "provides": ["Timer"] }, "a": { "route": { ${needsRom}, "Time": "timer" } }`),
    /"timer" does not provide "Time"; did you mean "Timer"/,
  ],
  ["parent-lacks-service", system("", `"a": { "route": { ${needsRom}, "Log": "parent" } }`), /did you mean "LOG"/],
  [
    "unreachable-rule",
    system("", `"a": { "route": { ${needsRom}, "ROM config": "parent" } }`),
    /"ROM: parent" before it decides/,
  ],
  [
    "unreachable-rule",
    system("", `"a": { "route": { "ROM x*": "parent", "ROM xy": "parent", ${needsRom} } }`),
    /"ROM x\*: parent"/,
  ],
  ["alias-collision", system('"alias": { "a": "a" }', '"a": {}'), /child already/],
  [
    "dangling-target",
    system('"alias": { "b": "c", "c": "a" }', `"a": {}, "d": { "route": { ${needsRom}, "*": "c" } }`),
    /not for another alias/,
  ],
  ["unused-alias", system('"alias": { "b": "a" }', '"a": {}'), /No route mentions/],
  [
    "start-cycle",
    system(
      "",
      `"a": { "provides": ["A"], "route": { ${needsRom}, "B": "b" } }, "b": { "provides": ["B"], "route": { ${needsRom}, "A": "a" } }`,
    ),
    /"a" -> "b" -> "a"/,
  ],
  [
    "start-cycle",
    system(
      "",
      `"a": { "provides": ["A"], "route": { ${needsRom}, "B": "any-child" } }, "b": { "provides": ["B"], "route": { ${needsRom}, "A": "a" } }`,
    ),
    /"a" -> "b" -> "a"/,
  ],
  ["self-route", system("", `"a": { "provides": ["A"], "route": { ${needsRom}, "A": "a" } }`), /its own server/],
  [
    "ambiguous-provider",
    system(
      "",
      `"a": { "provides": ["A"] }, "b": { "provides": ["A"] }, "c": { "route": { ${needsRom}, "A": "any-child" } }`,
    ),
    /"a" and "b" provide it/,
  ],
  ["unroutable-binary", system("", '"a": { "route": { "LOG": "parent" } }'), /cannot get its binary "a"/],
  [
    "unused-policy",
    system('"services": { "A": { "policies": [{ "to": "a" }] } }', '"a": { "provides": ["A"] }'),
    /no selector/,
  ],
  [
    "unused-policy",
    system(
      '"services": { "A": { "policies": [{ "labelPrefix": "x", "to": "a" }, { "labelPrefix": "x ", "to": "a" }] } }',
      '"a": { "provides": ["A"] }',
    ),
    /same selectors/,
  ],
  ["useless-heartbeat", system("", '"a": { "heartbeat": {} }'), /not probed/],
  [
    "affinity-outside",
    system('"affinitySpace": { "width": 2 }', '"a": { "affinity": { "x": 2 } }'),
    /exceeds the space of 2 by 1/,
  ],
  ["priority-outside", system('"prioLevels": 2', '"a": { "priority": -2 }'), /counts as -1/],
  [
    "contended-grant",
    system(
      "",
      '"a": { "grants": { "x": { "tty": "/dev/ttyS0" } } }, "b": { "grants": { "x": { "tty": "/dev/ttyS0" } } }',
    ),
    /only one can hold it/,
  ],
  ["unknown-grant", system("", '"a": { "grants": { "x": { "grant": "disk" } } }'), /defines no grant "disk"/],
];

for (const [rule, text, message] of mistakes) {
  test(`lint finds ${rule}: ${message.source}`, () => {
    const file = readSystemFile(text);
    assert.equal([...new Set(rulesFound(file))], [rule], JSON.stringify(file.diagnostics));
    assert.match(file.diagnostics[0]?.message ?? "", message);
    assert.ok(file.model, "the model stays usable");
  });
}

test("over-committed quota is found when what there is is known", () => {
  const text = system('"resources": { "ram": { "preserve": "1M" } }', '"a": { "ram": "2M", "caps": 10 }');
  assert.equal(rulesFound(readSystemFile(text, { available: { ram: 3 * 2 ** 20, caps: 30 } })), []);
  assert.equal(rulesFound(readSystemFile(text, { available: { ram: 3 * 2 ** 20 - 1, caps: 30 } })), [
    "over-committed-quota",
  ]);
  assert.equal(rulesFound(readSystemFile(text, { available: { ram: 3 * 2 ** 20, caps: 29 } })), [
    "over-committed-quota",
  ]);
});

test("an inline config is checked against its component's schema, at its line in the system file", () => {
  const configParser = (binary: string) =>
    binary === "uart-driver" ? s.object({ baud: s.integer({ default: 115200 }) }) : undefined;
  const text = system(
    "",
    '"a": { "binary": "uart-driver",\n"config": { "buad": 9600 } }, "b": { "config": { "buad": 1 } }',
  );
  assert.equal(
    readSystemFile(text, { configParser }).diagnostics.map((one) => diagnosticText("f", one)),
    ['f:2:13: Unknown key "buad"; did you mean "baud"?'],
  );
});

test("every lint rule has a case above", () => {
  const covered = new Set<string>([...mistakes.map(([rule]) => rule), "over-committed-quota", "component-config"]);
  assert.equal(
    Object.keys(lintRules).filter((rule) => !covered.has(rule)),
    [],
  );
});

test("every option is documented", () => {
  assert.equal(undocumented(systemSchema), []);
});

test("property: any JSON text reads as JSON.parse reads it, and no text throws", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const { value, diagnostics } = readDocument(text);
      if (diagnostics.length === 0) assert.equal(value, JSON.parse(text));
    }),
  );
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("{", "}", "[", "]", '"', ":", ",", "a", "/", "*", "\n", "1", "\\") }),
      (text) => {
        for (const { line, column } of readSystemFile(text).diagnostics) assert.ok(line >= 1 && column >= 1);
      },
    ),
  );
});

test("property: damage to one character of a good file never throws and never goes by unplaced", () => {
  const lines = sample.split("\n").length;
  fc.assert(
    fc.property(fc.nat(sample.length - 1), fc.constantFrom("", '"', "x", "}", "[", "\\", "é"), (at, damage) => {
      const { model, diagnostics } = readSystemFile(sample.slice(0, at) + damage + sample.slice(at + 1));
      if (model === undefined) assert.ok(diagnostics.length > 0);
      for (const { line } of diagnostics) assert.ok(line <= lines);
    }),
  );
});

test.run();
