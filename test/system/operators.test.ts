/** The System session: what a console sees, what it may do, and who says so. */
import { readFileSync, writeFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { SessionError } from "../../base/errors.js";
import { systemService } from "../../root/system-service.js";
import type { ChildrenDocument } from "../../servers/init/state-report.js";
import { System, type SystemConnection } from "../../sessions/system/index.js";
import { LocalParent } from "../support/local-parent.js";
import { eventually } from "../support/running-system.js";
import { type Context, suite } from "../support/suite.js";
import { type SystemDocument, TestSystem, uses } from "../support/system.js";

const test = suite("operators");

const document: SystemDocument = {
  operators: {
    policies: [
      { label: "watcher", rights: "watch" },
      { label: "editor", rights: "edit" },
    ],
  },
  start: { hello: { binary: "test/hello" } },
};

async function operator(context: Context, name: string) {
  const running = context.use(TestSystem.start(document));
  const parent = context.use(new LocalParent([systemService(running.root)]));
  const system: SystemConnection = context.use(await parent.env(name).connect(System));
  // What it says once it runs, so that nothing of it comes among the lines that a test writes.
  await running.untilLogged("hello", /^hello from/);
  return { running, system };
}

async function failure(doing: Promise<unknown>): Promise<SessionError> {
  const error = await doing.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, SessionError);
  return error as SessionError;
}

test("who may watch sees everything, and touches nothing", async (context) => {
  const { running, system } = await operator(context, "watcher");
  assert.ok(((await system.state()) as { children: object }).children);
  const text = await system.systemFile();
  assert.is(text, readFileSync(running.root.file, "utf8"));
  const before = running.id("hello");
  for (const doing of [() => system.restart("hello"), () => system.kill("hello"), () => system.apply(text, text)]) {
    const { code, message } = await failure(doing());
    assert.is(code, "Denied");
    assert.match(message, '"watcher" may not');
  }
  assert.is(running.id("hello"), before);
});

test("without a policy one may restart, and not edit", async (context) => {
  const { running, system } = await operator(context, "console");
  const before = running.id("hello");
  await system.restart("hello");
  await running.untilChild("hello", "has started again", ({ id = 0 }) => id > before);
  const text = await system.systemFile();
  const { code, message } = await failure(system.apply(text.replace("hello", "other"), text));
  assert.is(code, "Denied");
  assert.match(message, '"rights": "edit"');
  assert.is(readFileSync(running.root.file, "utf8"), text);
});

test("an editor replaces the system file, and the system follows", async (context) => {
  const { running, system } = await operator(context, "editor");
  const text = await system.systemFile();
  const next = text.replace('"hello":', '"second":{"binary":"test/hello"},"hello":');
  assert.equal(
    (await system.check(next)).filter(({ severity }) => severity === "error"),
    [],
  );
  await system.apply(next, text);
  assert.ok(running.state().children["second"]);
  assert.is(readFileSync(running.root.file, "utf8"), next);
  // One that was made from the first text would undo what is in force.
  const late = await failure(system.apply(text.replace("hello", "third"), text));
  assert.is(late.code, "Rejected");
  assert.match(late.message, "has changed since it was read");
});

test("a system file with mistakes changes nothing, and every mistake is told with its place", async (context) => {
  const { running, system } = await operator(context, "editor");
  const text = await system.systemFile();
  for (const [wrong, rule] of [
    [text.replace('"start"', '"strat"'), "schema"],
    [text.slice(0, -2), "syntax"],
    ["", "syntax"],
    [text.replace('"*":"parent', '"*":"nobody | parent'), "dangling-target"],
  ] as const) {
    const findings = await system.check(wrong);
    assert.ok(
      findings.some((finding) => finding.severity === "error" && finding.rule === rule && finding.line >= 1),
      `${rule}: ${JSON.stringify(findings)}`,
    );
    assert.is((await failure(system.apply(wrong, text))).code, "Rejected");
  }
  assert.is(readFileSync(running.root.file, "utf8"), text);
  assert.is(running.child("hello").state !== undefined, true);
});

test("the log is told as it is written, each line once", async (context) => {
  const { running, system } = await operator(context, "console");
  let told = 0;
  system.onLogged(() => {
    told += 1;
  });
  running.root.console.line("witness", "before");
  const { last, lines } = await system.logAfter(0, 1000);
  assert.is(lines.at(-1)?.text, "before");
  running.root.console.line("witness", "one");
  running.root.console.line("witness", "two");
  await eventually("it is told", () => (told > 0 ? true : undefined));
  const next = await system.logAfter(last, 1000);
  assert.equal(
    next.lines.map(({ text }) => text),
    ["one", "two"],
  );
  assert.is(next.last, last + 2);
  assert.equal((await system.logAfter(next.last, 1000)).lines, []);
  for (let line = 0; line < 2500; ++line) running.root.console.line("witness", String(line));
  const flood = await system.logAfter(next.last, 10);
  assert.equal(
    flood.lines.map(({ text }) => text),
    Array.from({ length: 10 }, (_, place) => String(2490 + place)),
  );
  assert.is(flood.last, next.last + 2500);
});

test("what components say of components of their own keeps nobody from seeing the others", async (context) => {
  const boaster = (config: object) => ({ binary: "test/boaster", config: { count: 0, length: 0, ...config } });
  const running = context.use(
    TestSystem.start({
      start: {
        ...Object.fromEntries([1, 2, 3].map((number) => [`proud${number}`, boaster({ count: 100, length: 1000 })])),
        prouder: boaster({ count: 100, length: 2000 }),
        liar: boaster({ text: '{"\u001b[2J":{"binary":"x","state":"alive"}}' }),
      },
    }),
  );
  await running.untilLogged("init", /^"prouder": .*more than \d+ characters/);
  await running.untilLogged("init", /^"liar": .*not a state report/);
  const parent = context.use(new LocalParent([systemService(running.root)]));
  const system = context.use(await parent.env("console").connect(System));
  const wide = context.use(await parent.env("wide").connect(System, { bufferSize: "1M" }));
  const counts = async (of: SystemConnection) =>
    Object.entries(((await of.state()) as { children: ChildrenDocument }).children).map(
      ([name, { children }]) => `${name} ${Object.keys(children ?? {}).length}`,
    );
  const all = ["proud1 100", "proud2 100", "proud3 100", "prouder 0", "liar 0"];
  await eventually("what was told is heard", async () =>
    (await counts(wide)).join() === all.join() ? true : undefined,
  );
  assert.equal(await counts(system), ["proud1 0", "proud2 0", "proud3 0", "prouder 0", "liar 0"]);
});

test("use is counted", async (context) => {
  const running = context.use(TestSystem.start({ start: { counter: { binary: "test/counter" } } }));
  const parent = context.use(new LocalParent([systemService(running.root)]));
  const system = context.use(await parent.env("console").connect(System));
  await running.untilChild("counter", "is alive", ({ state }) => state === "alive");
  const { components } = await system.usage();
  assert.equal(
    components.map(({ name }) => name),
    ["counter"],
  );
  assert.ok((components[0]?.cpuTime ?? 0) > 0);
});

const reader = { binary: "benchmark/block-reader", ram: "16M", config: { depth: 4 } };
const lab = {
  binary: "init",
  ram: "64M",
  caps: 1000,
  route: { Block: "block", "*": "parent" },
  config: {
    parentProvides: ["ROM", "LOG", "Spawner", "Block"],
    defaultRoute: { "*": "parent" },
    start: { reader },
  },
};

for (const [where, start, client, child] of [
  ["by their clients", { reader }, "reader", "reader"],
  ["by clients inside of a nested init", { lab }, "lab -> reader", "lab"],
] as const) {
  test(`what goes through sessions is counted ${where}`, async (context) => {
    const block = {
      provides: ["Block"],
      ram: "16M",
      grants: { disk: { ram: "1M" } },
      config: { defaultPolicy: { writeable: true } },
    };
    const running = context.use(
      TestSystem.start({ defaultRoute: { Block: "block", "*": "parent" }, start: { block, ...start } }),
    );
    const parent = context.use(new LocalParent([systemService(running.root)]));
    const system = context.use(await parent.env("console").connect(System));
    await running.untilChild(child, "reads", (one) => uses(one, "Block"));
    const read = async () => (await system.flow()).find(({ service }) => service === "Block");
    const first = await eventually("packets go through", async () => {
      const flow = await read();
      return (flow?.packets ?? 0) > 10 ? flow : undefined;
    });
    assert.is(first.server, "block");
    assert.ok(first.sent > 0 && first.received > 0, "the session was opened by messages");
    const later = await eventually("more packets go through", async () => {
      const flow = await read();
      return (flow?.packets ?? 0) > first.packets ? flow : undefined;
    });
    assert.ok(later.packetBytes > first.packetBytes);
    await eventually("it is known whose they are", async () => ((await read())?.client === client ? true : undefined));
  });
}

test("a link to the system file stays a link", async (context) => {
  const { running, system } = await operator(context, "editor");
  const text = await system.systemFile();
  const longest = "x".repeat(300 * 1024);
  assert.is((await failure(system.apply(longest, text))).code, "TooLarge");
  writeFileSync(running.root.file, `${text}\n`);
  assert.is(await system.systemFile(), `${text}\n`);
});

test.run();
