// emulated
// timeout: 120s
/** The TypeScript ends of channel and packet stream against those in C++, in two processes, over the wire format alone. */
import { type ChildProcess, spawn } from "node:child_process";
import * as assert from "uvu/assert";
import { Channel } from "../../base/channel.js";
import { makeChannel } from "../../base/channel-pair.js";
import type { ChannelUser, Incoming } from "../../base/channel-user.js";
import { Dataspace } from "../../base/dataspace.js";
import { messageKind, serverSide } from "../../base/layout.js";
import { type Capability, type Reader, Writer } from "../../base/message.js";
import { PacketSink, PacketSource, streamBytes } from "../../base/packet-stream.js";
import { RpcClient } from "../../base/rpc-client.js";
import { RpcServer } from "../../base/rpc-server.js";
import { native } from "../../bindings/native.js";
import { Echo, type EchoHandlers } from "../support/echo.js";
import { nativeFixture } from "../support/native-fixture.js";
import { drain, drive, Moved } from "../support/packet-ends.js";
import { ringPacketLayout } from "../support/ring-packet.js";
import { slowness } from "../support/slowness.js";
import { type Context, suite } from "../support/suite.js";

interface Counts {
  readonly end: string;
  readonly calls: number;
  readonly replies: number;
  readonly packets: number;
  readonly failedPackets: number;
  readonly acknowledged: number;
  readonly batches: number;
  readonly doorbellsSent: number;
  readonly doorbellsReceived: number;
}

let program: string;

/** The C++ end, with what it counted when it ended. Takes over the channel end. */
function peer(context: Context, end: Capability, stream: number, words: readonly string[]): Promise<Counts> {
  const [socket, memory] = end.descriptors as [number, number];
  const child: ChildProcess = spawn(program, words, { stdio: ["ignore", "pipe", "inherit", socket, memory, stream] });
  Dataspace.closeDescriptors(end);
  context.defer(() => void child.kill("SIGKILL"));
  let output = "";
  child.stdout?.on("data", (text: Buffer) => (output += text.toString()));
  return new Promise((resolve, reject) => {
    child.once("close", (code, signal) => {
      if (code === 0) resolve(JSON.parse(output) as Counts);
      else reject(new Error(`ring-peer ended with ${code ?? signal}: ${output}`));
    });
  });
}

const geometry = { slots: 256, stride: ringPacketLayout.stride };

function newStream(context: Context): Dataspace {
  const stream = Dataspace.map(native.createDataspace("stream", streamBytes(geometry, 256 * 2048)), { writable: true });
  context.defer(() => stream.close());
  return stream;
}

/** Answers each call with its own payload and capabilities, whatever its interface. */
class EchoingEnd implements ChannelUser {
  readonly channel: Channel;
  readonly #writer = new Writer();
  calls = 0;

  constructor(capability: Capability) {
    this.channel = new Channel(capability, serverSide, this);
  }

  message({ id, kind }: Incoming, reader: Reader): void {
    if (kind !== messageKind.call) return;
    this.calls += 1;
    const writer = this.#writer.reset();
    for (let more = true; more; ) {
      try {
        writer.u8(reader.u8());
      } catch {
        more = false;
      }
    }
    // The reader keeps the descriptors and closes them after this: what is sent is a copy.
    writer.capabilities = reader.unclaimed().map(({ kind: own, descriptors }) => ({ kind: own, descriptors }));
    this.channel.publish(messageKind.reply, id, 0, 0, writer);
  }
  signal(): void {}
  moved(): void {}
  room(): void {}
  closed(): void {}
}

/** An emulated processor has as long for fewer. */
const count = Math.round(70_000 / slowness);
const calls = Math.round(20_000 / slowness);
const rounds = Math.round(300 / slowness);

const echoing: EchoHandlers = { echo: (bytes) => bytes, pass: (memory) => memory, note: () => {} };
const test = suite("TypeScript against C++");
test.before(async () => {
  program = await nativeFixture("test/native/ring-peer.cc");
});

test("calls from TypeScript: payloads of every length, and dataspaces, come back", {
  timeout: 30_000,
}, async (context) => {
  const { client, server } = makeChannel("test");
  const counts = peer(context, server, 2, ["echo"]);
  const rpc = new RpcClient(client, "ring-peer");
  context.defer(() => rpc.close());
  const echo = Echo.client(rpc.port());
  let made = 0;
  // Several under way, in batches of all sizes, so that requests wrap around the ring in every way.
  for (let round = 0; round < rounds; ++round) {
    await Promise.all(
      Array.from({ length: 1 + (round % 40) }, async (_, i) => {
        const bytes = Uint8Array.from({ length: (round * 37 + i * 11) % 1001 }, (_value, at) => round + i + at);
        made += 1;
        assert.equal(await echo.echo(bytes), bytes);
      }),
    );
    const memory = native.createDataspace("passed", 4096 * (1 + round));
    const back = await echo.pass({ kind: "dataspace", descriptors: [memory], move: true });
    made += 1;
    assert.is(native.dataspaceBytes(back.descriptors[0] as number), 4096 * (1 + round));
    Dataspace.closeDescriptors(back);
  }
  rpc.close();
  const { end, calls: counted } = await counts;
  assert.is(end, "closed");
  assert.is(counted, made);
});

test("calls from C++: each reply has the payload and the capabilities of its call", {
  timeout: 30_000,
}, async (context) => {
  const { client, server } = makeChannel("test");
  const end = new EchoingEnd(server);
  context.defer(() => end.channel.close());
  const counts = await peer(context, client, 2, ["--client", "--count", String(calls), "caller"]);
  assert.is(counts.end, "done");
  assert.is(counts.replies, calls);
  assert.is(end.calls, calls);
});

for (const batch of [1, 16, 256]) {
  test(`packets from TypeScript to C++ in batches of ${batch}`, { timeout: 60_000 }, async (context) => {
    const { client, server } = makeChannel("test");
    const stream = newStream(context);
    const counts = peer(context, server, stream.descriptor, ["--slots", "256", "sink"]);
    const rpc = new RpcClient(client, "ring-peer");
    context.defer(() => rpc.close());
    const moved = new Moved();
    rpc.onMoved = moved.handler;
    const source = new PacketSource(stream, geometry, ringPacketLayout, rpc);
    const batches = await drive(source, moved, { count, batch });
    rpc.close();
    const { packets, failedPackets, doorbellsReceived } = await counts;
    assert.is(packets, count);
    assert.is(failedPackets, 0);
    assert.is(source.counters.packets, count);
    assert.ok(source.counters.wakeups <= batches, `${source.counters.wakeups} wake-ups for ${batches} batches`);
    assert.ok(
      doorbellsReceived <= source.counters.wakeups,
      `${doorbellsReceived} doorbells for ${source.counters.wakeups} wake-ups`,
    );
  });

  test(`packets from C++ to TypeScript in batches of ${batch}`, { timeout: 60_000 }, async (context) => {
    const { client, server } = makeChannel("test");
    const stream = newStream(context);
    const rpc = new RpcServer(server, "ring-peer").serve(Echo, echoing);
    context.defer(() => rpc.close());
    const sink = new PacketSink(stream, geometry, ringPacketLayout, rpc);
    let drains = 0;
    rpc.onMoved = () => {
      if (drain(sink) > 0) drains += 1;
    };
    const wakesBefore = native.waitingCounters().wakes;
    const counts = await peer(context, client, stream.descriptor, [
      "--client",
      "--slots",
      "256",
      "--count",
      String(count),
      "--batch",
      String(batch),
      "source",
    ]);
    assert.is(counts.end, "done");
    assert.is(counts.acknowledged, count);
    assert.is(sink.counters.packets, count);
    assert.ok(sink.counters.wakeups <= drains, `${sink.counters.wakeups} wake-ups for ${drains} batches`);
    assert.ok(
      counts.doorbellsSent <= counts.batches,
      `${counts.doorbellsSent} doorbells for ${counts.batches} batches`,
    );
    assert.ok(
      counts.doorbellsReceived <= sink.counters.wakeups,
      `${counts.doorbellsReceived} doorbells for ${sink.counters.wakeups} wake-ups`,
    );
    // Its death and its output wake this process as well.
    assert.ok(native.waitingCounters().wakes - wakesBefore <= counts.doorbellsSent + 50);
  });
}

test("packets and calls share one bell", { timeout: 30_000 }, async (context) => {
  const { client, server } = makeChannel("test");
  const stream = newStream(context);
  const end = new EchoingEnd(server);
  context.defer(() => end.channel.close());
  const sink = new PacketSink(stream, geometry, ringPacketLayout, end.channel);
  end.moved = () => void drain(sink);
  const counts = await peer(context, client, stream.descriptor, [
    "--client",
    "--count",
    "20000",
    "caller",
    "source",
    "--batch",
    "3",
  ]);
  assert.is(counts.replies, 20_000);
  assert.is(counts.acknowledged, 20_000);
});

test.run();
