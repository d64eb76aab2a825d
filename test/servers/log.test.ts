import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import * as assert from "uvu/assert";
import type { Env } from "../../base/env.js";
import { configSchema } from "../../servers/log/config.js";
import { LogFiles } from "../../servers/log/log-files.js";
import { type LineTarget, LogServer } from "../../servers/log/log-server.js";
import { LOG, Log } from "../../sessions/log/index.js";
import { LocalParent } from "../support/local-parent.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("log");

async function system(context: Context, targets: readonly LineTarget[], config: object = {}) {
  const parent = context.use(new LocalParent());
  const server = new LogServer(configSchema.parse(config, [], []), targets);
  const sessions: { close(): void }[] = [];
  await parent.env("log").announce(LOG, (request) => {
    sessions.push(request.session);
    return server.open(request);
  });
  return { parent, sessions };
}

/** A target that keeps what it gets. */
function memory(): LineTarget & { readonly lines: string[] } {
  const lines: string[] = [];
  return { name: "memory", lines, write: (batch) => void lines.push(...batch) };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** Empty files of the test's own, open for as long as it runs. */
function files(context: Context, count: number): { readonly paths: string[]; readonly descriptors: number[] } {
  const folder = mkdtempSync(join(tmpdir(), "log-"));
  context.defer(() => rmSync(folder, { recursive: true }));
  const paths = Array.from({ length: count }, (_, index) => join(folder, `log-${index}`));
  const descriptors = paths.map((path) => {
    // As a grant makes a file: of its full size, without content.
    writeFileSync(path, Buffer.alloc(8192));
    return openSync(path, "r+");
  });
  context.defer(() => {
    for (const descriptor of descriptors) closeSync(descriptor);
  });
  return { paths, descriptors };
}

async function connect(context: Context, env: Env, label = "") {
  return context.use(await env.connect(Log, { label }));
}

test("puts each client's label before its lines", async (context) => {
  const target = memory();
  const { parent } = await system(context, [target]);
  const a = await connect(context, parent.env("a"));
  const b = await connect(context, parent.env("b"), "part");
  await a.write("one\ntwo\n");
  await b.write("three");
  await until(() => target.lines.length === 3);
  assert.equal([...target.lines].sort(), ["[a] one", "[a] two", "[b -> part] three"]);
});

test("a client cannot forge lines or move a terminal's cursor", async (context) => {
  const target = memory();
  const { parent } = await system(context, [target]);
  const client = await connect(context, parent.env("a"));
  await client.write("before\u001b[2J\r[b] after\ttab");
  await until(() => target.lines.length === 1);
  assert.is(target.lines[0], "[a] before\\u001b[2J\\u000d[b] after\ttab");
});

test("long lines arrive in pieces without loss, whatever their characters", { timeout: 20_000 }, async (context) => {
  const target = memory();
  const { parent } = await system(context, [target]);
  const client = await connect(context, parent.env("a"));
  const character = fc.constantFrom("x", "ä", "日", "\u{1f600}", " ");
  await fc.assert(
    fc.asyncProperty(fc.array(character, { minLength: 1, maxLength: 3000 }), async (characters) => {
      const text = characters.join("");
      target.lines.length = 0;
      await client.write(text);
      const received = (): string => target.lines.map((line) => line.slice("[a] ".length)).join("");
      await until(() => received().length >= text.length);
      assert.is(received(), text);
    }),
    { numRuns: 40 },
  );
});

test("a flood costs its sender lines, which are counted, and nobody else", async (context) => {
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  const lines: string[] = [];
  const slow: LineTarget = {
    name: "slow",
    write: async (batch) => {
      await gate;
      lines.push(...batch);
    },
  };
  const { parent } = await system(context, [slow], { pending: 10 });
  const flooder = await connect(context, parent.env("flooder"));
  const other = await connect(context, parent.env("other"));
  for (let i = 0; i < 500; ++i) await flooder.write(`line ${i}`);
  await other.write("still here");
  await new Promise((resolve) => setTimeout(resolve, 50));
  open();
  await until(() => lines.some((line) => line.includes("dropped")));
  assert.ok(lines.includes("[other] still here"));
  assert.is(lines.filter((line) => line.startsWith("[flooder] line")).length, 10);
  assert.ok(
    lines.some((line) => line.startsWith("[flooder] 490 lines dropped")),
    lines.at(-1),
  );
});

test("a target that fails does not take the others along", async (context) => {
  const target = memory();
  const full: LineTarget = {
    name: "the full disk",
    write: () => {
      throw new Error("no space left");
    },
  };
  const { parent } = await system(context, [full, target]);
  const client = await connect(context, parent.env("a"));
  await client.write("first");
  await until(() => target.lines.length === 2);
  await client.write("second");
  await until(() => target.lines.length === 3);
  assert.equal(target.lines, ["[a] first", "[log] Nothing more goes to the full disk: no space left", "[a] second"]);
});

test("fills its files in turn and empties the oldest", (context) => {
  const { paths, descriptors } = files(context, 3);
  const log = new LogFiles(descriptors, 4096);
  const lines = Array.from({ length: 1000 }, (_, index) => `line ${index} of the log`);
  for (let i = 0; i < lines.length; i += 7) log.write(lines.slice(i, i + 7));
  const contents = paths.map((path) => readFileSync(path, "utf8"));
  for (const content of contents) assert.ok(content.length <= 4096);
  const numbered = contents.map((content) => ({
    number: Number(/^# log file ([0-9]+)\n/.exec(content)?.[1]),
    lines: content.split("\n").slice(1, -1),
  }));
  numbered.sort((a, b) => a.number - b.number);
  const kept = numbered.flatMap((file) => file.lines);
  assert.ok(kept.length >= 250, `${kept.length} lines kept`);
  assert.equal(kept, lines.slice(-kept.length));
});

test("goes on in the newest file after a restart", (context) => {
  const { paths, descriptors } = files(context, 2);
  const first = new LogFiles(descriptors, 4096);
  first.write(Array.from({ length: 150 }, (_, index) => `line ${index} before the restart`));
  const { current } = first;
  const again = new LogFiles(descriptors, 4096);
  assert.is(again.current, current);
  again.write(["after the restart"]);
  const content = readFileSync(paths[current] as string, "utf8");
  assert.match(content, /before the restart\nafter the restart\n$/);
});

test("lines written while the log restarts arrive", async (context) => {
  const target = memory();
  const { parent, sessions } = await system(context, [target]);
  const client = await connect(context, parent.env("a"));
  await client.write("before");
  await until(() => target.lines.length === 1);
  sessions[0]?.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await client.write("after");
  await until(() => target.lines.length === 2);
  assert.equal(target.lines, ["[a] before", "[a] after"]);
});

test.run();
