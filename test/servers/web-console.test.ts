/** The web console without a browser: its protocol, what it sends to whom, and what it does with bad guests. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { createConnection } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import type { WebSocket } from "ws";
import { errorMessage } from "../../base/errors.js";
import { native } from "../../bindings/native.js";
import { passEvents, showCapture } from "../../servers/web-console/console-sources.js";
import { Desk } from "../../servers/web-console/desk.js";
import { Gate, type GateOptions } from "../../servers/web-console/gate.js";
import { LiveScreen } from "../../servers/web-console/live-screen.js";
import { closeCodes } from "../../servers/web-console/page-messages.js";
import { SharedInput } from "../../servers/web-console/shared-input.js";
import { Viewer } from "../../servers/web-console/viewer.js";
import { WebServer } from "../../servers/web-console/web-server.js";
import type { InputEvent } from "../../sessions/event/index.js";
import { ConsoleClient } from "../support/console-client.js";
import { FakeScreen } from "../support/fake-screen.js";
import { LocalParent } from "../support/local-parent.js";
import { eventually } from "../support/running-system.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("web console");

/** A listening socket as a grant is one: a descriptor and nothing else. */
async function listeningDescriptor(host = "127.0.0.1"): Promise<number> {
  const server = createServer();
  server.listen(0, host);
  await once(server, "listening");
  const descriptor = native.duplicateDescriptor((server as unknown as { _handle: { fd: number } })._handle.fd);
  server.close();
  await once(server, "close");
  return descriptor;
}

interface Choices {
  readonly gate?: Partial<GateOptions>;
  readonly viewers?: number;
  readonly submitted?: (events: readonly InputEvent[]) => Promise<void>;
}

async function console_(context: Context, { gate = {}, viewers = 8, submitted }: Choices = {}) {
  const parent = context.use(new LocalParent());
  const events: InputEvent[] = [];
  const screen = new FakeScreen({ width: 300, height: 130 }, (batch) => {
    events.push(...batch);
    return submitted?.(batch);
  });
  await screen.announce(parent.env("screen"));
  const live = new LiveScreen(60, (error) => assert.unreachable(errorMessage(error)));
  const input = new SharedInput();
  const desk = new Desk(undefined, () => Promise.reject(new Error("there are no reports")));
  const sockets: WebSocket[] = [];
  const server = await WebServer.listen({
    descriptor: await listeningDescriptor(),
    gate: new Gate({ token: undefined, encrypted: false, names: [], ...gate }),
    encryption: undefined,
    files: { html: "<p>page</p>", style: "p {}", script: "0" },
    mostViewers: () => viewers,
    connected: (socket) => {
      sockets.push(socket);
      new Viewer(socket, { screen: live, input, desk, label: "console", reports: () => ["state"] });
    },
  });
  context.defer(() => {
    server.close();
    desk.close();
  });
  const env = parent.env("console");
  for (const connection of [await showCapture(env, live), await passEvents(env, input)]) {
    assert.ok(connection);
    context.use(connection as AsyncDisposable);
  }
  context.defer(() => live.close());
  const client = async (choices: Parameters<typeof ConsoleClient.connect>[1] = {}): Promise<ConsoleClient> =>
    context.use(await ConsoleClient.connect(server.url, choices));
  return { screen, events, server, client, sockets };
}

function same(client: ConsoleClient, screen: FakeScreen): boolean {
  return (
    client.width === screen.area.width &&
    client.height === screen.area.height &&
    Buffer.compare(Buffer.from(client.pixels.buffer), Buffer.from(screen.pixels.buffer)) === 0
  );
}

const noise = (x: number, y: number): number => Math.imul(x * 7919 + y * 104729 + 1, 0x9e3779b1) >>> 8;

test("shows every pixel: of one colour, of few, of many, and at the edges", async (context) => {
  const { screen, client } = await console_(context);
  const whole = { x: 0, y: 0, ...screen.area };
  const browser = await client();
  for (const colour of [
    () => 0x123456,
    (x: number, y: number) => ((x ^ y) & 1) * 0xffffff,
    (x: number, y: number) => ((x * 3 + y) & 0xf) * 0x0f0e0d,
    (x: number) => (x % 200) * 0x010203,
    noise,
  ]) {
    screen.draw(whole, colour);
    await browser.until("the picture is that of the screen", () => same(browser, screen));
  }
  screen.draw({ x: 255, y: 127, width: 45, height: 3 }, (x) => x);
  await browser.until("the picture is that of the screen", () => same(browser, screen));
});

test("sends the tiles that changed, and nothing else", async (context) => {
  const { screen, client } = await console_(context);
  screen.draw({ x: 0, y: 0, ...screen.area }, noise);
  const browser = await client();
  await browser.until("the picture is there", () => same(browser, screen));
  const before = browser.bytes;
  screen.draw({ x: 70, y: 70, width: 4, height: 4 }, () => 0xffffff);
  await browser.until("the picture is there", () => same(browser, screen));
  assert.ok(browser.bytes - before < 64 * 64 * 3 + 100, `one tile of 15: ${browser.bytes - before} bytes`);
  // What is painted over with itself is no change.
  const pictures = browser.pictures;
  screen.damaged({ x: 0, y: 0, ...screen.area });
  screen.draw({ x: 0, y: 0, width: 1, height: 1 }, () => 0);
  await browser.until("the picture is there", () => same(browser, screen));
  assert.ok(browser.pictures <= pictures + 2);
});

test("rests with the screen", async (context) => {
  const { screen, client } = await console_(context);
  const browser = await client();
  screen.draw({ x: 0, y: 0, width: 9, height: 9 }, () => 0xff);
  await browser.until("the picture is there", () => same(browser, screen));
  await delay(100);
  const { captures } = screen;
  const { pictures, messages } = browser;
  const count = messages.length;
  await delay(300);
  assert.is(screen.captures, captures, "nobody asks for a picture");
  assert.is(browser.pictures, pictures, "none is sent");
  assert.is(browser.messages.length, count, "nor anything else");
});

test("follows a screen that changes its size", async (context) => {
  const { screen, client } = await console_(context);
  const browser = await client();
  await browser.until("the first size is known", () => browser.width === 300);
  screen.resize({ width: 65, height: 257 });
  screen.draw({ x: 0, y: 0, width: 65, height: 257 }, noise);
  await browser.until("the picture is that of the screen", () => same(browser, screen));
});

test("captures once for all browsers", async (context) => {
  const { screen, client } = await console_(context);
  const browsers = [await client(), await client(), await client()];
  for (let round = 0; round < 10; ++round) {
    screen.draw({ x: 10 * round, y: 0, width: 5, height: 5 }, () => 0xff00ff);
    for (const browser of browsers) await browser.until("the picture is there", () => same(browser, screen));
  }
  const most = Math.max(...browsers.map(({ pictures }) => pictures));
  // Each picture is followed by the question whether there is another.
  assert.ok(screen.captures <= 2 * most + 4, `${screen.captures} captures for ${most} pictures`);
});

test("a browser that does not draw gets two pictures, then what it missed, and the others notice nothing", async (context) => {
  const { screen, client } = await console_(context);
  const slow = await client({ acknowledges: false });
  const quick = await client();
  for (let round = 0; round < 30; ++round) {
    screen.draw({ x: 0, y: 0, ...screen.area }, (x, y) => noise(x + round, y));
    await quick.until("the quick one has the picture", () => same(quick, screen));
  }
  assert.ok(quick.pictures >= 30);
  assert.ok(slow.pictures <= 2, `${slow.pictures} pictures`);
  slow.acknowledges = true;
  slow.acknowledge();
  await slow.until("the slow one has the picture", () => same(slow, screen));
  assert.ok(slow.pictures <= 4, "what it missed came as one");
});

test("a browser that stops reading costs two pictures", async (context) => {
  const { screen, client, sockets } = await console_(context);
  screen.resize({ width: 1280, height: 800 });
  const stuck = await client();
  await stuck.until("the size is known", () => stuck.width === 1280);
  const quick = await client();
  stuck.socket.pause();
  for (let round = 0; round < 12; ++round) {
    screen.draw({ x: 0, y: 0, ...screen.area }, (x, y) => noise(x + round, y));
    await quick.until("the quick one has the picture", () => same(quick, screen));
  }
  const waiting = sockets[0]?.bufferedAmount ?? Number.POSITIVE_INFINITY;
  assert.ok(waiting <= 2 * (1280 * 800 * 3 + 10_000), `${waiting} bytes wait`);
  stuck.socket.resume();
  await stuck.until("it has the picture", () => same(stuck, screen));
});

test("takes keys, pointer, wheel and fingers", async (context) => {
  const { events, client } = await console_(context);
  const browser = await client();
  const sent: InputEvent[] = [
    { kind: "press", key: 30 },
    { kind: "release", key: 30 },
    { kind: "press", key: 0, character: 0x1f600 },
    { kind: "absolute-motion", x: 0.25, y: 0.5 },
    { kind: "press", key: 0x110 },
    { kind: "release", key: 0x110 },
    { kind: "wheel", x: 0, y: -1.5 },
    { kind: "touch", id: 0, x: 0.125, y: 1 },
    { kind: "touch-release", id: 0 },
    { kind: "relative-motion", x: -3, y: 4 },
  ];
  browser.send(sent);
  await eventually("they came", () => (events.length >= sent.length ? true : undefined));
  assert.equal(events, sent);
});

test("a key is down as long as one browser holds it, and no longer", async (context) => {
  const { events, client } = await console_(context);
  const [one, other] = [await client(), await client()];
  const count = (wanted: number): Promise<true> =>
    eventually(`${wanted} events came`, () => (events.length >= wanted ? true : undefined));
  one.send([
    { kind: "press", key: 42 },
    { kind: "press", key: 42 },
    { kind: "touch", id: 3, x: 0, y: 0 },
  ]);
  await count(2);
  other.send([
    { kind: "press", key: 42 },
    { kind: "release", key: 99 },
    { kind: "touch", id: 3, x: 1, y: 1 },
  ]);
  await count(3);
  await one[Symbol.asyncDispose]();
  await count(4);
  other.send([{ kind: "release", key: 42 }]);
  await count(5);
  assert.equal(events, [
    { kind: "press", key: 42 },
    { kind: "touch", id: 0, x: 0, y: 0 },
    { kind: "touch", id: 1, x: 1, y: 1 },
    { kind: "touch-release", id: 0 },
    { kind: "release", key: 42 },
  ]);
});

test("when nobody takes events, what is held is released and the rest forgotten", async (context) => {
  let blocked = Promise.resolve();
  let unblock = (): void => {};
  const { events, client } = await console_(context, { submitted: () => blocked });
  const browser = await client();
  browser.send([{ kind: "press", key: 29 }]);
  await eventually("the key came", () => (events.length === 1 ? true : undefined));
  blocked = new Promise((resolve) => {
    unblock = resolve;
  });
  const flood = Array.from({ length: 1200 }, (_, index): InputEvent[] => [
    { kind: "press", key: 30 + (index % 10) },
    { kind: "release", key: 30 + (index % 10) },
  ]).flat();
  browser.send(flood);
  browser.send([{ kind: "press", key: 57 }]);
  await delay(100);
  unblock();
  blocked = Promise.resolve();
  const down = (): number[] => {
    const keys = new Set<number>();
    for (const event of events) {
      if (event.kind === "press") keys.add(event.key);
      else if (event.kind === "release") keys.delete(event.key);
    }
    return [...keys];
  };
  await eventually("no key but the last is down", () => (JSON.stringify(down()) === "[57]" ? true : undefined));
  assert.ok(events.length < flood.length, "the flood was not kept");
});

const garbage: readonly (readonly [what: string, message: string | Buffer, code: number])[] = [
  ["half an event", Buffer.alloc(15), closeCodes.malformed],
  ["no event", Buffer.alloc(16), closeCodes.malformed],
  ["what only a GUI server says", Buffer.from([6, ...Buffer.alloc(15)]), closeCodes.malformed],
  [
    "a picture that was never sent",
    Buffer.from([11, 0, 0, 0, 255, 255, 255, 255, ...Buffer.alloc(8)]),
    closeCodes.malformed,
  ],
  ["a key beyond all keys", Buffer.from([1, 0, 0, 0, 0, 3, 0, 0, ...Buffer.alloc(8)]), closeCodes.malformed],
  [
    "a position beside the screen",
    Buffer.from([4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 0]),
    closeCodes.malformed,
  ],
  ["noise", randomBytes(1600), closeCodes.malformed],
  ["no JSON", "{", closeCodes.malformed],
  ["no request", "null", closeCodes.malformed],
  ["a request that is none", '{"type":"constructor","id":1}', closeCodes.malformed],
  ["a request without what it needs", '{"type":"kill","id":1}', closeCodes.malformed],
  ["topics that are none", '{"type":"follow","topics":["state","passwords"]}', closeCodes.malformed],
  [
    "a flood of events",
    Buffer.concat(Array.from({ length: 5000 }, () => Buffer.from([5, ...Buffer.alloc(15)]))),
    closeCodes.tooMuch,
  ],
  ["a message that is too long", " ".repeat(800 * 1024), 1009],
];
for (const [what, message, code] of garbage)
  test(`ends the connection of who sends ${what}, and of nobody else`, async (context) => {
    const { screen, events, client } = await console_(context);
    const [offender, honest] = [await client(), await client()];
    offender.send([{ kind: "press", key: 17 }]);
    offender.socket.send(message);
    await offender.until("it is closed", () => offender.closed !== undefined);
    assert.is(offender.closed?.code, code);
    await eventually("its key is released", () => (events.at(-1)?.kind === "release" ? true : undefined));
    screen.draw({ x: 0, y: 0, width: 300, height: 130 }, noise);
    await honest.until("the picture is there", () => same(honest, screen));
  });

test("ends the connection of who asks without end", async (context) => {
  const { client } = await console_(context);
  const browser = await client();
  for (let id = 0; id < 100; ++id) browser.ask({ type: "kill", id, component: "x" });
  await browser.until("it is closed", () => browser.closed !== undefined);
  assert.is(browser.closed?.code, closeCodes.tooMuch);
});

function status(url: string, headers: Readonly<Record<string, string>>, method = "GET"): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { headers, method, agent: false }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode as number));
    })
      .on("error", reject)
      .end();
  });
}

async function refusal(connecting: Promise<ConsoleClient>): Promise<string> {
  return await connecting.then(
    () => "connected",
    (error: Error) => error.message,
  );
}

test("answers to its own names only, and to its own page", async (context) => {
  const { server, client } = await console_(context, { gate: { names: ["bench.local"] } });
  const { port } = new URL(server.url);
  assert.is(await status(server.url, {}), 200);
  assert.is(await status(server.url, { host: `localhost:${port}` }), 200);
  assert.is(await status(server.url, { host: `[::1]:${port}` }), 200);
  assert.is(await status(server.url, { host: "BENCH.local" }), 200);
  assert.is(await status(server.url, { host: "evil.example" }), 403);
  assert.is(await status(server.url, { host: "127.0.0.1.evil.example" }), 403);
  assert.is(await status(`${server.url}../../etc/passwd`, {}), 404);
  assert.is(await status(server.url, {}, "POST"), 405);
  const from = (headers: Readonly<Record<string, string>>): Promise<string> =>
    refusal(client({ options: { headers, origin: headers["origin"] ?? "" } }));
  assert.is(await from({ origin: "http://evil.example" }), "refused with 403");
  assert.is(await from({ origin: "null" }), "refused with 403");
  assert.is(await from({ origin: `http://localhost:${port}` }), "refused with 403", "another name is another origin");
  assert.is(await from({ origin: "http://evil.example", host: "evil.example" }), "refused with 403");
  assert.is(await refusal(client()), "connected");
});

test("lets in who knows the token", async (context) => {
  const token = "correct-horse-battery-staple";
  const { server, client } = await console_(context, { gate: { token } });
  assert.is(await refusal(client()), "refused with 401");
  assert.is(await refusal(client({ token: "wrong-horse" })), "refused with 401");
  assert.is(await refusal(client({ token: `${token}x` })), "refused with 401");
  assert.is(await refusal(client({ token })), "connected");
  assert.is(await status(`${server.url}token`, {}), 401);
  assert.is(await status(`${server.url}token`, { authorization: `Bearer ${token}` }), 204);
});

test("has room for so many browsers", async (context) => {
  const { client } = await console_(context, { viewers: 2 });
  const first = await client();
  await client();
  assert.is(await refusal(client()), "refused with 503");
  await first[Symbol.asyncDispose]();
  await eventually("there is room again", async () => ((await refusal(client())) === "connected" ? true : undefined));
});

test("those who connect and say nothing keep nobody out for long", async (context) => {
  const { server, client, screen } = await console_(context, { viewers: 2 });
  server.limit();
  const present = await client();
  const { port } = new URL(server.url);
  const silent = Array.from({ length: 40 }, () => createConnection(Number(port), "127.0.0.1"));
  for (const socket of silent) socket.on("error", () => {});
  context.defer(async () => {
    for (const socket of silent) {
      if (socket.closed) continue;
      socket.destroy();
      await once(socket, "close");
    }
  });
  screen.draw({ x: 0, y: 0, width: 50, height: 50 }, noise);
  await present.until("who is there goes on", () => same(present, screen));
  await eventually("another comes in", async () => ((await refusal(client())) === "connected" ? true : undefined));
});

test("serves nobody but this machine without token and encryption", async () => {
  for (const [token, encryption] of [
    [undefined, undefined],
    ["correct-horse-battery-staple", undefined],
  ] as const) {
    const descriptor = await listeningDescriptor("0.0.0.0");
    const started = WebServer.listen({
      descriptor,
      gate: new Gate({ token, encrypted: false, names: [] }),
      encryption,
      files: { html: "", style: "", script: "" },
      mostViewers: () => 1,
      connected: () => assert.unreachable(),
    });
    assert.match(await started.then(String, errorMessage), "not this machine alone");
  }
});

test.run();
