/** Arbitrary words, messages and descriptors against both ends: whatever comes, calls settle and nothing stays open. */
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { makeChannel } from "../../base/channel-pair.js";
import { clientSide, type Side, serverSide } from "../../base/layout.js";
import { RpcClient } from "../../base/rpc-client.js";
import { RpcServer } from "../../base/rpc-server.js";
import { native } from "../../bindings/native.js";
import { openDescriptors } from "../support/descriptors.js";
import { Echo } from "../support/echo.js";
import { code } from "../support/error-code.js";
import { type RawMessage, RawPeer } from "../support/raw-peer.js";
import { suite } from "../support/suite.js";

type Step =
  | { readonly do: "message"; readonly message: RawMessage; readonly descriptors: number }
  | { readonly do: "word"; readonly at: number; readonly value: number }
  | { readonly do: "socket"; readonly bytes: Uint8Array; readonly descriptors: number }
  | { readonly do: "publish" }
  | { readonly do: "wait" };

const message: fc.Arbitrary<RawMessage> = fc.record({
  kind: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 1, max: 5 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
  ),
  id: fc.integer({ min: 0, max: 40 }),
  code: fc.integer({ min: 0, max: 5 }),
  object: fc.integer({ min: 0, max: 1 }),
  payload: fc.uint8Array({ maxLength: 200 }),
  count: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 6 }) }),
  kindBits: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }) },
  ),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("message" as const), message, descriptors: fc.integer({ min: 0, max: 4 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("word" as const),
      at: fc.integer({ min: 0, max: 0x200 / 4 }),
      value: fc.integer(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("socket" as const),
      bytes: fc.uint8Array({ maxLength: 12 }),
      descriptors: fc.integer({ min: 0, max: 9 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("publish" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const) }) },
);

const memory = native.createDataspace("test", 4096);

async function play(peer: RawPeer, steps: readonly Step[]): Promise<void> {
  const descriptors = (count: number): number[] => Array.from({ length: count }, () => memory);
  for (const one of steps) {
    if (one.do === "message") {
      if (one.descriptors > 0) peer.sendDescriptors(descriptors(one.descriptors));
      peer.write(one.message);
    } else if (one.do === "word") peer.words[one.at] = one.value;
    else if (one.do === "socket") peer.send(one.bytes, descriptors(one.descriptors));
    else if (one.do === "publish") peer.publish();
    else await delay(0);
  }
  peer.publish();
  await delay(1);
}

const test = suite("arbitrary peers");
const runs = { numRuns: 400 };

test("a server ends the session or goes on, and keeps nothing", { timeout: 30_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const before = openDescriptors().size;
      const { peer, own } = ends(clientSide);
      const server = new RpcServer(own, "hostile").serve(Echo, {
        echo: (bytes) => bytes,
        pass: (given) => ({ ...given, move: true }),
        note: () => {},
      });
      let reason: string | undefined;
      server.onClosed((error) => (reason = error.code));
      await play(peer, steps);
      assert.is(server.open, reason === undefined);
      if (reason !== undefined) assert.is(reason, "Disconnected");
      peer[Symbol.dispose]();
      server.close();
      assert.is(openDescriptors().size, before);
    }),
    runs,
  );
});

test("a client's calls settle, and it keeps nothing", { timeout: 30_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const before = openDescriptors().size;
      const { peer, own } = ends(serverSide);
      const client = new RpcClient(own, "hostile server");
      const echo = Echo.client(client.port());
      const calls = Array.from({ length: 20 }, () => code(echo.echo(Uint8Array.of(1))));
      const passed = echo.pass({ kind: "dataspace", descriptors: [memory] }).then(
        ({ descriptors }) => {
          for (const descriptor of descriptors) native.closeDescriptor(descriptor);
          return "resolved";
        },
        () => "rejected",
      );
      await play(peer, steps);
      peer[Symbol.dispose]();
      client.close();
      const settled = await Promise.all([...calls, passed]);
      assert.is(settled.length, 21);
      assert.not.ok(client.open);
      assert.is(openDescriptors().size, before);
    }),
    runs,
  );
});

function ends(side: Side): { peer: RawPeer; own: ReturnType<typeof makeChannel>["client"] } {
  const { client, server } = makeChannel("test");
  return side === clientSide
    ? { peer: new RawPeer(client, side), own: server }
    : { peer: new RawPeer(server, side), own: client };
}

test.after(() => native.closeDescriptor(memory));
test.run();
