// smoke
import fc from "fast-check";
import * as assert from "uvu/assert";
import { Dataspace } from "../../base/dataspace.js";
import { PacketSource } from "../../base/packet-stream.js";
import type { SessionRequest } from "../../base/server.js";
import { formatMacAddress } from "../../lib/mac-address.js";
import { configSchema } from "../../servers/nic-loopback/config.js";
import { Loopback } from "../../servers/nic-loopback/loopback.js";
import { Nic, NicInterface } from "../../sessions/nic/index.js";
import { NicFrame, nicSlots } from "../../sessions/nic/nic.generated.js";
import { LocalParent } from "../support/local-parent.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("nic-loopback");

async function system(context: Context) {
  const parent = context.use(new LocalParent());
  const loopback = new Loopback(configSchema.parse({}, [], []));
  const sessions: SessionRequest<object>[] = [];
  await parent.env("loopback").announce(NicInterface, (request) => {
    sessions.push(request);
    return loopback.open(request);
  });
  return { env: parent.env("client"), sessions, loopback };
}

/** Waits for a condition that frames bring about; the test's own time-out bounds it. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

test("returns 14 frames of patterns, one after another", async (context) => {
  const { env } = await system(context);
  const nic = context.use(await env.connect(Nic));
  const received: Uint8Array[] = [];
  nic.onFrame((frame) => received.push(frame));
  for (let round = 0; round < 14; ++round) {
    const frame = new Uint8Array(64 + round * 112).map((_, index) => (index * (round + 1)) & 0xff);
    assert.ok(nic.send(frame));
    await until(() => received.length === round + 1);
    assert.equal(received[round], frame);
  }
});

test("counts addresses from 02:00:00:00:00:01, and the link is up", async (context) => {
  const { env } = await system(context);
  const addresses: string[] = [];
  for (let i = 0; i < 3; ++i) {
    const nic = context.use(await env.connect(Nic));
    addresses.push(formatMacAddress(await nic.macAddress()));
    assert.ok(await nic.linkState());
    assert.not(nic.offloads);
  }
  assert.equal(addresses, ["02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03"]);
});

test("counts on from another address for the sessions that come", async (context) => {
  const { env, loopback } = await system(context);
  const first = context.use(await env.connect(Nic));
  loopback.configure(configSchema.parse({ macPrefix: "02:00:00:00:07:00" }, [], []));
  const second = context.use(await env.connect(Nic));
  assert.equal([...(await first.macAddress())], [2, 0, 0, 0, 0, 1]);
  assert.equal([...(await second.macAddress())], [2, 0, 0, 0, 7, 2]);
});

test("a batch of 1000 frames comes back whole, in order, with few wake-ups", async (context) => {
  const { env } = await system(context);
  const nic = context.use(await env.connect(Nic));
  const received: number[] = [];
  nic.onFrame((frame) => received.push(new DataView(frame.buffer).getUint32(0)));
  const frame = new Uint8Array(1000);
  for (let i = 0; i < 1000; ++i) {
    new DataView(frame.buffer).setUint32(0, i);
    assert.ok(nic.send(frame), `frame ${i}`);
  }
  await until(() => received.length === 1000);
  assert.equal(
    received,
    Array.from({ length: 1000 }, (_, index) => index),
  );
  const { framesSent, framesReceived, framesDropped, wakeups } = nic.counters;
  assert.equal([framesSent, framesReceived, framesDropped], [1000, 1000, 0]);
  assert.ok(wakeups < 100, `${wakeups} wake-ups`);
});

test("drops and counts what finds no room, and goes on", async (context) => {
  const { env } = await system(context);
  const nic = context.use(await env.connect(Nic, { txBufferSize: "16K", rxBufferSize: "16K" }));
  let received = 0;
  nic.onFrame(() => ++received);
  const sent = Array.from({ length: 100 }, () => nic.send(new Uint8Array(1500))).filter(Boolean).length;
  assert.is(sent, 10);
  assert.is(nic.counters.framesDropped, 90);
  await until(() => received === 10);
  assert.ok(nic.send(new Uint8Array(1500)));
  await until(() => received === 11);
});

test("any frames come back as they were", { timeout: 20_000 }, async (context) => {
  const { env } = await system(context);
  const nic = context.use(await env.connect(Nic));
  let received: Uint8Array[] = [];
  nic.onFrame((frame) => received.push(frame));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 1514 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 60 }),
      async (frames, batch) => {
        received = [];
        for (const [index, frame] of frames.entries()) {
          assert.ok(nic.send(frame));
          if (index % batch === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        await until(() => received.length === frames.length);
        assert.equal(received, frames);
      },
    ),
    { numRuns: 40 },
  );
});

test("descriptors that point outside are counted, and harm nobody", async (context) => {
  const { env } = await system(context);
  const other = context.use(await env.connect(Nic));
  let returned = 0;
  other.onFrame(() => ++returned);
  const session = context.use(await env.session(NicInterface, {}, { ram: "4M" }));
  const memory = context.use(Dataspace.of(await session.client.txStream(), { writable: true }));
  const source = new PacketSource(memory, { slots: nicSlots, stride: NicFrame.stride }, NicFrame, session.rpc);
  const wrong = [
    { offset: 0xffff_ffff, length: 64 },
    { offset: 64, length: 0xffff_ffc0 },
    { offset: source.bulk.length, length: 1 },
    { offset: 0, length: source.bulk.length + 1 },
    { offset: 0, length: 0 },
  ];
  for (const frame of wrong) source.submit(frame);
  source.wakeup();
  let acknowledged = 0;
  await until(() => {
    acknowledged += source.acknowledged(() => {});
    return acknowledged === wrong.length;
  });
  assert.ok(session.rpc.open);
  other.send(new Uint8Array(100));
  await until(() => returned === 1);
});

test("goes on when the server restarts; what was under way is counted as dropped", async (context) => {
  const { env, sessions } = await system(context);
  const nic = context.use(await env.connect(Nic));
  let received = 0;
  let changes = 0;
  nic.onFrame(() => ++received);
  nic.onLinkChange(() => ++changes);
  nic.send(new Uint8Array(100));
  await until(() => received === 1);
  sessions[0]?.session.close();
  await until(() => changes === 1);
  assert.is(sessions.length, 2);
  let attempts = 0;
  while (!nic.send(new Uint8Array(200))) ++attempts;
  await until(() => received === 2);
  assert.equal([nic.counters.framesReceived, nic.counters.framesDropped], [2, attempts]);
});

test("refuses streams without room for a frame", async (context) => {
  const { env } = await system(context);
  const code = await env.connect(Nic, { txBufferSize: 100 }).then(
    () => "granted",
    (error: { code?: string }) => error.code,
  );
  assert.is(code, "Denied");
});

test.run();
