/** What each end of a channel does when the other breaks the rules of docs/wire-format.md, one rule a test. */
import { spawnSync } from "node:child_process";
import { constants, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { makeChannel } from "../../base/channel-pair.js";
import { Dataspace } from "../../base/dataspace.js";
import type { SessionError } from "../../base/errors.js";
import { clientSide, channel as layout, messageKind, serverSide } from "../../base/layout.js";
import { RpcClient } from "../../base/rpc-client.js";
import { RpcServer } from "../../base/rpc-server.js";
import { native } from "../../bindings/native.js";
import { openDescriptors } from "../support/descriptors.js";
import { Echo, type EchoHandlers, echoOpcode } from "../support/echo.js";
import { code, codeOf } from "../support/error-code.js";
import { RawPeer } from "../support/raw-peer.js";
import { type Context, suite } from "../support/suite.js";

const echoing: EchoHandlers = { echo: (bytes) => bytes, pass: (memory) => ({ ...memory, move: true }), note: () => {} };

/** A server of ours whose client is hostile. */
function attackedServer(
  context: Context,
  handlers: Partial<EchoHandlers> = {},
): { peer: RawPeer; server: RpcServer; ended: Promise<SessionError> } {
  const { client, server } = makeChannel("test");
  const rpc = new RpcServer(server, "hostile").serve(Echo, { ...echoing, ...handlers });
  context.defer(() => rpc.close());
  return {
    peer: context.use(new RawPeer(client, clientSide)),
    server: rpc,
    ended: new Promise((resolve) => rpc.onClosed(resolve)),
  };
}

/** A client of ours whose server is hostile. */
function attackedClient(context: Context): { peer: RawPeer; client: RpcClient; ended: Promise<SessionError> } {
  const { client, server } = makeChannel("test");
  const rpc = new RpcClient(client, "hostile server");
  context.defer(() => rpc.close());
  return {
    peer: context.use(new RawPeer(server, serverSide)),
    client: rpc,
    ended: new Promise((resolve) => rpc.onClosed(resolve)),
  };
}

function newDataspace(): number {
  return native.createDataspace("test", 4096);
}

const test = suite("hostile peer, rule by rule");

const brokenMessages: readonly [string, (peer: RawPeer) => void, RegExp][] = [
  ["kind 0", (peer) => peer.write({ kind: 0 }).publish(), /no kind/],
  ["a kind beyond the last", (peer) => peer.write({ kind: 6 }).publish(), /no kind/],
  [
    "kind bits beyond the count",
    (peer) => peer.write({ kind: messageKind.call, code: echoOpcode.echo, kindBits: 1 }).publish(),
    /no kind/,
  ],
  [
    "an unknown capability kind",
    (peer) => peer.write({ kind: messageKind.call, count: 1, kindBits: 9 }).publish(),
    /not sent/,
  ],
  ["too many capabilities", (peer) => peer.write({ kind: messageKind.call, count: 5 }).publish(), /longer/],
  ["a length over the largest", (peer) => peer.write({ kind: messageKind.call, length: 1025 }).publish(), /longer/],
  [
    "a length over what is published",
    (peer) => peer.write({ kind: messageKind.call, length: 1000 }).publish(1),
    /longer/,
  ],
  ["a head too far ahead", (peer) => peer.publish(layout.slots + 1), /index/],
  ["a head that goes backwards", (peer) => peer.publish(-1), /index/],
  ["an answer to a server", (peer) => peer.write({ kind: messageKind.reply }).publish(), /answer/],
  [
    "capabilities that were not sent",
    (peer) => peer.write({ kind: messageKind.call, count: 1, kindBits: 1 }).publish(),
    /not sent/,
  ],
  ["a socket message of no type", (peer) => void peer.send(Uint8Array.of(7, 7, 7)), /socket/],
  ["a socket message that is too long", (peer) => void peer.send(new Uint8Array(4096)), /socket/],
];

for (const [name, attack, reason] of brokenMessages) {
  test(`ends the session for ${name}`, async (context) => {
    const { peer, ended } = attackedServer(context);
    await delay(1);
    attack(peer);
    const error = await ended;
    assert.is(error.code, "Disconnected");
    assert.match(error.message, reason);
  });
}

test("ends the session for a tail that goes backwards", async (context) => {
  const { peer, client, ended } = attackedClient(context);
  const echo = Echo.client(client.port());
  const calls = [code(echo.echo(new Uint8Array(100))), code(echo.echo(new Uint8Array(100)))];
  Atomics.store(peer.words, peer.own(layout.tail), 4);
  calls.push(code(echo.echo(new Uint8Array(100))));
  Atomics.store(peer.words, peer.own(layout.tail), 2);
  calls.push(code(echo.echo(new Uint8Array(100))));
  assert.match((await ended).message, /index/);
  assert.equal(await Promise.all(calls), ["Disconnected", "Disconnected", "Disconnected", "Disconnected"]);
});

test("an abandoned call that empties the queue withdraws the wish for room", async (context) => {
  const { peer, client } = attackedClient(context);
  const echo = Echo.client(client.port());
  const calls: Promise<string>[] = [];
  // Each echo reserves 16 slots of the reply ring, so 16 are under way and one waits.
  for (let i = 0; i < 16; ++i) calls.push(code(echo.echo(new Uint8Array(1))));
  const abort = new AbortController();
  const waiting = code(echo.echo(new Uint8Array(1), { signal: abort.signal }));
  assert.is(Atomics.load(peer.words, peer.peer(layout.spaceWanted)), 1);
  abort.abort();
  assert.is(await waiting, "Aborted");
  assert.is(Atomics.load(peer.words, peer.peer(layout.spaceWanted)), 0);
  client.close();
  await Promise.all(calls);
});

test("a oneway message that waits for room is refused when the session ends", async (context) => {
  const { client } = attackedClient(context);
  const echo = Echo.client(client.port());
  const notes: Promise<string>[] = [];
  for (let i = 0; i < layout.slots + 1; ++i) notes.push(code(echo.note(i)));
  client.close();
  assert.is(await notes[0], "resolved");
  assert.is(await notes[layout.slots], "Disconnected");
});

test("a handler that throws loses neither messages nor the sessions beside it", async (context) => {
  const thrown: unknown[] = [];
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => thrown.push(error));
  context.defer(() => {
    process.removeAllListeners("uncaughtException");
    for (const listener of listeners) process.on("uncaughtException", listener);
  });
  const { peer, server } = attackedServer(context);
  const other = attackedServer(context);
  const noted: number[] = [];
  other.server.serve(Echo, { ...echoing, note: (number) => void noted.push(number) });
  server.onSignal(0, () => {
    throw new Error("the application's own mistake");
  });
  const note = (number: number) => ({
    kind: messageKind.oneway,
    code: echoOpcode.note,
    payload: new Uint8Array(Uint32Array.of(number).buffer),
  });
  peer.words[layout.signalsWord[clientSide]] = 1;
  peer.write(note(1)).write(note(2)).publish();
  other.peer.write(note(3)).publish();
  await delay(20);
  assert.is(thrown.length, 1);
  assert.equal(noted, [3]);
  assert.ok(server.open);
  assert.is(Atomics.load(peer.words, peer.peer(layout.tail)), 2);
});

test("a flood of doorbells ends its session, and an honest number of them does not", async (context) => {
  const { peer, server, ended } = attackedServer(context);
  for (let i = 0; i < 200; ++i) peer.bell();
  await delay(10);
  assert.ok(server.open);
  const flood = setInterval(() => {
    for (let i = 0; i < 100; ++i) peer.bell();
  }, 1);
  context.defer(() => clearInterval(flood));
  assert.match((await ended).message, /socket/);
});

test("descriptors that are sent without messages stay with their sender, and end the session", async (context) => {
  const { peer, ended } = attackedServer(context);
  await delay(1);
  const memory = newDataspace();
  context.defer(() => native.closeDescriptor(memory));
  const before = openDescriptors().size;
  for (let i = 0; i < 100; ++i) peer.sendDescriptors([memory, memory, memory, memory], i);
  assert.match((await ended).message, /socket/);
  // The server's socket and memory are closed, and none of the 400 has stayed.
  assert.is(openDescriptors().size, before - 2);
});

test("descriptors of a message that names none are closed with their session", async (context) => {
  const { peer, ended } = attackedServer(context);
  await delay(1);
  const memory = newDataspace();
  context.defer(() => native.closeDescriptor(memory));
  const before = openDescriptors().size;
  peer.sendDescriptors([memory]);
  peer.write({ kind: messageKind.call, code: echoOpcode.echo, payload: Uint8Array.of(0, 0) }).publish();
  assert.match((await ended).message, /no message claims/);
  assert.is(openDescriptors().size, before - 2);
});

test("capabilities of a call that the interface does not know are closed, and the session goes on", async (context) => {
  const { peer, server } = attackedServer(context);
  const memory = newDataspace();
  context.defer(() => native.closeDescriptor(memory));
  const before = openDescriptors().size;
  peer.sendDescriptors([memory]);
  peer.write({ kind: messageKind.call, code: 99, count: 1, kindBits: 1 }).publish();
  await delay(10);
  assert.ok(server.open);
  assert.is(openDescriptors().size, before);
});

test("sixty-four calls with capabilities at once arrive in order", async (context) => {
  const { client, server } = makeChannel("test");
  const rpc = new RpcServer(server, "honest").serve(Echo, echoing);
  const caller = new RpcClient(client, "server");
  context.defer(() => caller.close());
  context.defer(() => rpc.close());
  const echo = Echo.client(caller.port());
  const sizes = await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const memory = native.createDataspace("test", 4096 * (i + 1));
      const back = await echo.pass({ kind: "dataspace", descriptors: [memory], move: true });
      const size = native.dataspaceBytes(back.descriptors[0] as number);
      Dataspace.closeDescriptors(back);
      return size;
    }),
  );
  assert.equal(
    sizes,
    Array.from({ length: 200 }, (_, i) => 4096 * (i + 1)),
  );
});

test("a peer that does not read its socket loses the session, not the messages' order", async (context) => {
  const { peer, client, ended } = attackedClient(context);
  const echo = Echo.client(client.port());
  const memory = newDataspace();
  context.defer(() => native.closeDescriptor(memory));
  const results: Promise<string>[] = [];
  let sent = 0;
  // It gives room in the ring, so that only its socket holds the sender up.
  while (client.open && sent < 2000) {
    results.push(code(echo.pass({ kind: "dataspace", descriptors: [memory] })));
    sent += 1;
    const head = Atomics.load(peer.words, peer.peer(layout.head));
    Atomics.store(peer.words, peer.own(layout.tail), head);
    peer.write({ kind: messageKind.error, id: sent, code: 12, payload: new Uint8Array(4) });
    if (sent % 16 === 0) {
      peer.publish();
      await delay(0);
    }
  }
  assert.is((await ended).message.replace(/.*protocol, /, ""), "it does not take the descriptors that are sent to it");
  assert.ok(sent > layout.slots, `a full ring's descriptors fit, but only ${sent} did`);
  const answers = new Set(await Promise.all(results));
  assert.equal(
    [...answers].filter((answer) => answer !== "Internal" && answer !== "Disconnected"),
    [],
  );
});

test("a peer that closed its socket but goes on writing does not hold the loop", async (context) => {
  let calls = 0;
  const note = { kind: messageKind.oneway, code: echoOpcode.note, payload: new Uint8Array(4) };
  const { peer, ended } = attackedServer(context, {
    // Every message that is taken makes room for one more, which is there at once.
    note: () => {
      calls += 1;
      if (calls < 100_000) Atomics.store(peer.words, peer.own(layout.head), peer.write(note).head | 0);
    },
  });
  await delay(1);
  for (let i = 0; i < 100; ++i) peer.write(note);
  peer.publish();
  // A zero-length packet is what end-of-file looks like.
  peer.send(new Uint8Array());
  await ended;
  assert.ok(calls <= 2 * layout.slots, `${calls} messages were taken after the end`);
});

test("a channel capability that is none is refused, and its descriptors are closed", () => {
  const wrong: [string, () => [number, number]][] = [
    ["a pipe for memory", () => [native.socketPair()[0], native.makePipe()[0]]],
    ["memory that is too small", () => [native.socketPair()[0], newDataspace()]],
    ["memory for a socket", () => [newDataspace(), native.createDataspace("test", layout.bytes)]],
  ];
  for (const [name, make] of wrong) {
    const before = openDescriptors();
    const descriptors = make();
    assert.is(
      codeOf(() => new RpcServer({ kind: "channel", descriptors }, name)),
      "Malformed",
      name,
    );
    const open = [...openDescriptors().keys()];
    assert.equal(
      open.filter((descriptor) => descriptors.includes(descriptor)),
      [],
      name,
    );
    // The far ends of pipe and socket pair.
    for (const descriptor of open) if (!before.has(descriptor)) native.closeDescriptor(descriptor);
  }
});

test("a dataspace that is shared for reading is not mapped writable, and its descriptor is closed", () => {
  const before = openDescriptors().size;
  const own = Dataspace.map(newDataspace(), { writable: true });
  own.sealWrites();
  const shared = native.duplicateDescriptor(own.descriptor);
  assert.is(
    codeOf(() => Dataspace.map(shared, { writable: true })),
    "Denied",
  );
  const readable = Dataspace.map(native.duplicateDescriptor(own.descriptor), { writable: false });
  own.bytes.write(Uint8Array.of(42));
  assert.is(readable.bytes.array[0], 42);
  readable.close();
  own.close();
  assert.is(openDescriptors().size, before);
});

test("an end whose flags somebody else changes never blocks its owner", async (context) => {
  const { client, server } = makeChannel("test");
  const [socket] = server.descriptors as [number, number];
  const flags = (): number =>
    Number.parseInt(/^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${socket}`, "utf8"))?.[1] ?? "0", 8);
  const rpc = new RpcServer(server, "client").serve(Echo, echoing);
  const caller = new RpcClient(client, "server");
  context.defer(() => caller.close());
  context.defer(() => rpc.close());
  const echo = Echo.client(caller.port());
  await echo.echo(Uint8Array.of(1));
  assert.ok((flags() & constants.O_NONBLOCK) !== 0);
  // A copy of the descriptor is the same open file: a child's standard input is made blocking, and so is ours.
  assert.is(spawnSync("true", { stdio: [socket, "ignore", "ignore"] }).status, 0);
  assert.is(flags() & constants.O_NONBLOCK, 0);
  for (let i = 0; i < 20; ++i) {
    assert.equal([...(await echo.echo(Uint8Array.of(i)))], [i]);
    const memory = await echo.pass({ kind: "dataspace", descriptors: [newDataspace()], move: true });
    Dataspace.closeDescriptors(memory);
    await delay(1);
  }
});

test("an answer that comes after its client has gone closes what it was to move", async (context) => {
  let finish: () => void = () => {};
  const waiting = new Promise<void>((resolve) => (finish = resolve));
  const { client, server } = makeChannel("test");
  const rpc = new RpcServer(server, "client").serve(Echo, {
    ...echoing,
    pass: async (memory) => {
      await waiting;
      return { ...memory, move: true };
    },
  });
  context.defer(() => rpc.close());
  const caller = new RpcClient(client, "server");
  const before = openDescriptors().size;
  const call = code(Echo.client(caller.port()).pass({ kind: "dataspace", descriptors: [newDataspace()], move: true }));
  await delay(10);
  caller.close();
  assert.is(await call, "Disconnected");
  finish();
  await delay(20);
  assert.is(openDescriptors().size, before - 4);
});

test.run();
