import { createHash } from "node:crypto";
import fc from "fast-check";
import * as assert from "uvu/assert";
import type { Env } from "../../base/env.js";
import type { SessionRequest } from "../../base/server.js";
import { configSchema } from "../../servers/terminal-crosslink/config.js";
import { Crosslink } from "../../servers/terminal-crosslink/crosslink.js";
import { Terminal, type TerminalConnection, TerminalInterface } from "../../sessions/terminal/index.js";
import { LocalParent } from "../support/local-parent.js";
import { type Context, suite } from "../support/suite.js";
import { receive } from "../support/terminal.js";

const test = suite("terminal crosslink");

interface System {
  readonly env: Env;
  readonly sessions: SessionRequest<object>[];
  readonly crosslink: Crosslink;
  connect(): Promise<TerminalConnection>;
}

async function system(context: Context, config: object = {}): Promise<System> {
  const parent = context.use(new LocalParent());
  const crosslink = new Crosslink(configSchema.parse(config, [], []));
  const sessions: SessionRequest<object>[] = [];
  await parent.env("crosslink").announce(TerminalInterface, (request) => {
    sessions.push(request);
    return crosslink.open(request);
  });
  const env = parent.env("client");
  return { env, sessions, crosslink, connect: async () => context.use(await env.connect(Terminal)) };
}

test("carries one byte more than the buffer holds", async (context) => {
  const { connect } = await system(context);
  const [a, b] = [await connect(), await connect()];
  const message = Buffer.from(Array.from({ length: 4097 }, (_, index) => index % 251));
  let taken = false;
  const writing = a.write(message).then(() => (taken = true));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.not(taken, "a write resolves when everything is taken");
  assert.equal(await receive(b, 4097), message);
  await writing;
});

test("carries UTF-8 whose characters fall across pieces", async (context) => {
  const { connect } = await system(context, { buffer: 7 });
  const [a, b] = [await connect(), await connect()];
  const texts = ["Grüße aus Dresden", "日本語のテキスト", "\u{1f600}\u{1f680} fin"];
  const writing = a.write(texts.map((text) => `${text}\r\n`).join(""));
  const received: string[] = [];
  for await (const line of b.lines()) {
    received.push(line);
    if (received.length === texts.length) break;
  }
  await writing;
  assert.equal(received, texts);
});

test("carries 1 MiB through 4 KiB without polling", { timeout: 20_000 }, async (context) => {
  const { connect } = await system(context);
  const [a, b] = [await connect(), await connect()];
  const data = Buffer.alloc(2 ** 20);
  for (let i = 0, state = 1; i < data.length; ++i) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state >>> 24;
  }
  const before = process.cpuUsage();
  const writing = a.write(data);
  const received = await receive(b, data.length);
  await writing;
  const used = process.cpuUsage(before);
  const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
  assert.is(digest(received), digest(data));
  assert.ok(used.user + used.system < 3_000_000, `${(used.user + used.system) / 1000} ms of CPU time`);
});

test("a writer that waits for room costs no CPU time", async (context) => {
  const { connect } = await system(context);
  const [a, b] = [await connect(), await connect()];
  const writing = a.write(new Uint8Array(10_000));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 400));
  const used = process.cpuUsage(before);
  assert.ok(used.user + used.system < 100_000, `${(used.user + used.system) / 1000} ms of CPU time in 400 ms`);
  await receive(b, 10_000);
  await writing;
});

test("tells when the other end comes and goes, and refuses a third", async (context) => {
  const { connect, env } = await system(context);
  const a = await connect();
  assert.not(await a.connected());
  const arrived = a.whenConnected();
  const b = await connect();
  await arrived;
  try {
    await env.connect(Terminal);
    assert.unreachable("a third session was granted");
  } catch (error) {
    assert.is((error as { code?: string }).code, "Denied");
    assert.match((error as Error).message, "both of its ends are taken");
  }
  const left = new Promise<void>((resolve) => a.onConnectedChange(resolve));
  await b.close();
  await left;
  assert.not(await a.connected());
});

test("another buffer takes its place when nobody is there, and never what waits", async (context) => {
  const { crosslink, env } = await system(context, { buffer: "4K" });
  const room = async (): Promise<number> => {
    const [writer, reader] = [await env.connect(Terminal), await env.connect(Terminal)];
    const text = Buffer.alloc(100_000, "x");
    const stop = AbortSignal.timeout(300);
    await writer.write(text, { signal: stop }).catch(() => {});
    crosslink.configure(configSchema.parse({ buffer: "16K" }, [], []));
    let waiting = 0;
    const quiet = (): Promise<Uint8Array | undefined> =>
      reader.read({ signal: AbortSignal.timeout(100) }).catch(() => undefined);
    for (let piece = await quiet(); piece !== undefined; piece = await quiet()) waiting += piece.length;
    await writer.close();
    await reader.close();
    return waiting;
  };
  assert.is(await room(), 4096);
  assert.is(await room(), 16_384);
});

test("an aborted read takes nothing", async (context) => {
  const { connect } = await system(context);
  const [a, b] = [await connect(), await connect()];
  const abort = new AbortController();
  const reading = b.read({ signal: abort.signal }).then(
    () => "read",
    (error: { code?: string }) => error.code,
  );
  await new Promise((resolve) => setTimeout(resolve, 10));
  abort.abort();
  assert.is(await reading, "Aborted");
  await a.write("kept");
  assert.is(String(await receive(b, 4)), "kept");
});

test("loses and repeats no byte for any pieces on either side", { timeout: 20_000 }, async (context) => {
  const { connect } = await system(context, { buffer: 64 });
  const [a, b] = [await connect(), await connect()];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 }), async (pieces) => {
      const sent = Buffer.concat(pieces);
      const receiving = receive(b, sent.length);
      await Promise.all(pieces.map((piece) => a.write(piece)));
      assert.equal(await receiving, sent);
    }),
    { numRuns: 40 },
  );
});

test("output in progress goes on when the session is opened anew", async (context) => {
  const { connect, sessions } = await system(context);
  const [a, b] = [await connect(), await connect()];
  const data = Buffer.from(Array.from({ length: 20_000 }, (_, index) => index % 253));
  const writing = a.write(data);
  const first = await receive(b, 4096);
  // The client of the writing end loses its session, as when the server dies; the line's content stays here.
  sessions[0]?.session.close();
  const rest = await receive(b, data.length - first.length);
  await writing;
  assert.equal(Buffer.concat([first, rest]), data);
  assert.is(sessions.length, 3);
});

test.run();
