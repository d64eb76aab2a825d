// timeout: 120s
/** Two processes of ours under random sleeps: nothing is lost, nothing stalls, and a batch costs one wake-up at most. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { makeChannel } from "../../base/channel-pair.js";
import { Dataspace } from "../../base/dataspace.js";
import { PacketSource, streamBytes } from "../../base/packet-stream.js";
import { RpcClient } from "../../base/rpc-client.js";
import { native } from "../../bindings/native.js";
import { Echo } from "../support/echo.js";
import { drive, Moved } from "../support/packet-ends.js";
import { ringPacketLayout } from "../support/ring-packet.js";
import { Sleeper } from "../support/sleeper.js";
import { type Context, suite } from "../support/suite.js";

const program = fileURLToPath(new URL("./stress-end.js", import.meta.url));
const geometry = { slots: 256, stride: ringPacketLayout.stride };

interface Counts {
  readonly calls: number;
  readonly notes: number;
  readonly packets: number;
  readonly wakeups: number;
  readonly batches: number;
  readonly wakes: number;
}

interface FarEnd {
  readonly rpc: RpcClient;
  readonly source: PacketSource<ReturnType<typeof ringPacketLayout.read>>;
  readonly moved: Moved;
  readonly counts: Promise<Counts>;
}

function farEnd(context: Context, seed: number, environment: Readonly<Record<string, string>> = {}): FarEnd {
  const { client, server } = makeChannel("test");
  const stream = Dataspace.map(native.createDataspace("stream", streamBytes(geometry, 256 * 1024)), { writable: true });
  context.defer(() => stream.close());
  const [socket, memory] = server.descriptors as [number, number];
  const child = spawn(process.execPath, [program, String(seed)], {
    stdio: ["ignore", "pipe", "inherit", socket, memory, stream.descriptor],
    env: { ...process.env, ...environment },
  });
  Dataspace.closeDescriptors(server);
  context.defer(() => void child.kill("SIGKILL"));
  let output = "";
  child.stdout?.on("data", (text: Buffer) => (output += text.toString()));
  const counts = new Promise<Counts>((resolve, reject) =>
    child.once("close", (code) =>
      code === 0 ? resolve(JSON.parse(output) as Counts) : reject(new Error(`The far end ended with ${code}`)),
    ),
  );
  const rpc = new RpcClient(client, "far end");
  context.defer(() => rpc.close());
  const moved = new Moved();
  rpc.onMoved = moved.handler;
  return { rpc, moved, counts, source: new PacketSource(stream, geometry, ringPacketLayout, rpc) };
}

const test = suite("stress");

// The looking window hides races of falling asleep: without it every pause is a sleep.
for (const [name, environment] of [
  ["looking before it sleeps", {}],
  ["sleeping at once", { BULKHEAD_SPIN_MICROSECONDS: "0" }],
] as const) {
  test(`packets to a far end ${name}`, { timeout: 60_000 }, async (context) => {
    const seed = 1 + Math.floor(Math.random() * 1e9);
    const sleeper = new Sleeper(seed);
    const { rpc, source, moved, counts } = farEnd(context, seed, environment);
    const count = 100_000;
    const batches = await drive(source, moved, {
      count,
      batch: 1 + sleeper.random(64),
      pause: () => {
        sleeper.block();
        return sleeper.rest();
      },
    });
    rpc.close();
    const far = await counts;
    assert.is(far.packets, count, `seed ${seed}`);
    assert.ok(source.counters.wakeups <= batches, `${source.counters.wakeups} wake-ups for ${batches} batches`);
    assert.ok(far.wakeups <= far.batches, `${far.wakeups} wake-ups for ${far.batches} batches`);
    // One doorbell a wake-up at most; its start and its end wake it as well.
    assert.ok(
      far.wakes <= source.counters.wakeups + 10,
      `woken ${far.wakes} times by ${source.counters.wakeups} wake-ups`,
    );
  });

  test(`calls and oneways to a far end ${name}`, { timeout: 60_000 }, async (context) => {
    const seed = 1 + Math.floor(Math.random() * 1e9);
    const sleeper = new Sleeper(seed);
    const { rpc, counts } = farEnd(context, seed, environment);
    const echo = Echo.client(rpc.port());
    let raised = 0;
    rpc.onSignal(0, (times) => (raised += times));
    const each = 500;
    // Callers of their own pace share the session, so that answers and requests meet in every order.
    await Promise.all(
      Array.from({ length: 20 }, async (_, caller) => {
        for (let i = 0; i < each; ++i) {
          const bytes = Uint8Array.from({ length: (caller * 53 + i) % 600 }, (_value, at) => caller + i + at);
          if (i % 4 === 0) void echo.note(i);
          assert.equal(await echo.echo(bytes), bytes, `seed ${seed}`);
          await sleeper.rest();
        }
      }),
    );
    const notes = (20 * each) / 4;
    // The far end raises one signal for 64 notes, all of which came before the answers above.
    for (let i = 0; raised < Math.floor(notes / 64) && i < 1000; ++i)
      await new Promise((resolve) => setTimeout(resolve, 1));
    assert.is(raised, Math.floor(notes / 64), `seed ${seed}`);
    rpc.close();
    const far = await counts;
    assert.is(far.calls, 20 * each, `seed ${seed}`);
    assert.is(far.notes, notes, `seed ${seed}`);
  });
}

test.run();
