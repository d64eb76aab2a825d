import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect as connectSocket, createServer, type Server, type Socket } from "node:net";
import * as assert from "uvu/assert";
import { native } from "../../bindings/native.js";
import { configSchema } from "../../servers/tcp-terminal/config.js";
import { OpenSocketPool } from "../../servers/tcp-terminal/open-socket.js";
import { TcpTerminalServer } from "../../servers/tcp-terminal/tcp-terminal-server.js";
import { Terminal, type TerminalConnection, TerminalInterface } from "../../sessions/terminal/index.js";
import { LocalParent } from "../support/local-parent.js";
import { type Context, suite } from "../support/suite.js";
import { receive } from "../support/terminal.js";

const test = suite("tcp terminal");

/** A listening socket as a grant is one: a descriptor and nothing else. */
async function listen(): Promise<{ descriptor: number; port: number }> {
  const server: Server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const descriptor = native.duplicateDescriptor((server as unknown as { _handle: { fd: number } })._handle.fd);
  server.close();
  await once(server, "close");
  return { descriptor, port };
}

async function system(context: Context, options: { readonly waiting?: number } = {}) {
  const parent = context.use(new LocalParent());
  const main = await listen();
  const other = await listen();
  const pool = new OpenSocketPool();
  const config = configSchema.parse(
    {
      ...options,
      policies: [
        { labelPrefix: "client", listener: "main" },
        { label: "client -> other", listener: "other" },
      ],
    },
    [],
    [],
  );
  const server = await TcpTerminalServer.start(
    config,
    pool,
    async (name) => (name === "main" ? main : other).descriptor,
  );
  context.defer(() => server.close());
  await parent.env("server").announce(TerminalInterface, (request) => server.open(request));
  const env = parent.env("client");
  const peer = async (port = main.port): Promise<Socket> => {
    const socket = connectSocket(port, "127.0.0.1");
    context.defer(async () => {
      if (socket.closed) return;
      socket.destroy();
      await once(socket, "close");
    });
    socket.on("error", () => {});
    await once(socket, "connect");
    return socket;
  };
  return {
    parent,
    server,
    env,
    pool,
    peer,
    otherPort: other.port,
    connect: async (label = "") => context.use(await env.connect(Terminal, { label })),
  };
}

async function collect(socket: Socket, bytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    pieces.push(piece);
    length += piece.length;
    if (length >= bytes) break;
  }
  return Buffer.concat(pieces);
}

function noise(bytes: number): Buffer {
  const data = Buffer.alloc(bytes);
  for (let i = 0, state = 7; i < bytes; ++i) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state >>> 24;
  }
  return data;
}

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

test("talks with a TCP peer, and tells when it comes and goes", async (context) => {
  const { connect, peer, pool } = await system(context);
  const terminal = await connect();
  assert.not(await terminal.connected());
  const socket = await peer();
  await terminal.whenConnected();
  assert.equal(
    [...pool].map(({ label, peer: far }) => [label, far]),
    [["client", `127.0.0.1:${socket.localPort}`]],
  );
  socket.write("hello");
  assert.is(String(await receive(terminal, 5)), "hello");
  await terminal.write("and back");
  assert.is(String(await collect(socket, 8)), "and back");
  const left = new Promise<void>((resolve) => terminal.onConnectedChange(resolve));
  socket.end("bye");
  assert.is(String(await receive(terminal, 3)), "bye");
  await left;
  assert.not(await terminal.connected());
  assert.is(pool.size, 0);
});

test("the next peer gets the terminal when the first is gone; a write waits for one", async (context) => {
  const { connect, peer } = await system(context);
  const terminal = await connect();
  const writing = terminal.write("welcome");
  const first = await peer();
  await writing;
  assert.is(String(await collect(first, 7)), "welcome");
  first.destroy();
  const second = await peer();
  second.write("2");
  assert.is(String(await receive(terminal, 1)), "2");
});

test("each session has one connection; more wait, and beyond those are refused", async (context) => {
  const { connect, peer, pool } = await system(context, { waiting: 1 });
  const [a, b] = [await connect(), await connect()];
  const first = await peer();
  await a.whenConnected();
  const second = await peer();
  await b.whenConnected();
  assert.is(pool.size, 2);
  const waiting = await peer();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const refused = await peer();
  assert.match(String(await collect(refused, 10)), "in use");
  first.write("a");
  second.write("b");
  assert.is(String(await receive(a, 1)), "a");
  assert.is(String(await receive(b, 1)), "b");
  waiting.write("waited");
  second.end();
  assert.is(String(await receive(b, 6)), "waited");
});

test("a policy decides whose connections a client gets", async (context) => {
  const { parent, connect, peer, otherPort } = await system(context);
  const [main, other] = [await connect(), await connect("other")];
  const [there, elsewhere] = [await peer(), await peer(otherPort)];
  there.write("main");
  elsewhere.write("other");
  assert.is(String(await receive(main, 4)), "main");
  assert.is(String(await receive(other, 5)), "other");
  const code = await parent
    .env("stranger")
    .connect(Terminal)
    .then(
      () => "granted",
      (error: { code?: string }) => error.code,
    );
  assert.is(code, "Denied");
});

test("another policy lets in a client that comes, and those who are there keep their connections", async (context) => {
  const { parent, server, connect, peer, otherPort } = await system(context);
  const terminal = await connect();
  const there = await peer();
  there.write("before");
  assert.is(String(await receive(terminal, 6)), "before");
  const stranger = (): Promise<TerminalConnection> => parent.env("stranger").connect(Terminal, { reconnect: false });
  assert.is(
    await stranger().then(
      () => "granted",
      (error: { code?: string }) => error.code,
    ),
    "Denied",
  );
  await server.configure(configSchema.parse({ policies: [{ labelPrefix: "stranger", listener: "other" }] }, [], []));
  const come = context.use(await stranger());
  (await peer(otherPort)).write("here");
  assert.is(String(await receive(come, 4)), "here");
  there.write("after");
  assert.is(String(await receive(terminal, 5)), "after");
  assert.is(
    await connect().then(
      () => "granted",
      (error: { code?: string }) => error.code,
    ),
    "Denied",
  );
});

test("a peer that does not read holds the writer up at a bounded size", async (context) => {
  const { connect, peer } = await system(context);
  const terminal = await connect();
  const socket = await peer();
  socket.pause();
  await terminal.whenConnected();
  const data = noise(24 * 2 ** 20);
  let done = false;
  const before = process.memoryUsage().external;
  const writing = terminal.write(data).then(() => (done = true));
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.not(done, "the kernel and the server hold less than 24 MiB");
  assert.ok(process.memoryUsage().external - before < 4 * 2 ** 20, "nothing piles up in the server");
  const busy = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const used = process.cpuUsage(busy);
  assert.ok(used.user + used.system < 100_000, `${(used.user + used.system) / 1000} ms of CPU time while waiting`);
  socket.resume();
  const received = await collect(socket, data.length);
  await writing;
  assert.is(digest(received), digest(data));
});

test("a client that does not read holds the peer up, and loses nothing", async (context) => {
  const { connect, peer } = await system(context);
  const terminal = await connect();
  const socket = await peer();
  await terminal.whenConnected();
  const data = noise(8 * 2 ** 20);
  const before = process.memoryUsage().external;
  socket.end(data);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.ok(process.memoryUsage().external - before < 4 * 2 ** 20, "nothing piles up in the server");
  const received = await receive(terminal, data.length);
  assert.is(digest(received), digest(data));
});

test("a peer sees the end of its session", async (context) => {
  const { env, peer, pool } = await system(context);
  const terminal = await env.connect(Terminal);
  const socket = await peer();
  await terminal.whenConnected();
  await terminal.write("last words");
  await terminal.close();
  assert.is(String(await collect(socket, 100)), "last words");
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.is(pool.size, 0);
});

test.run();
