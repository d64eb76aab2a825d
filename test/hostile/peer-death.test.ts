// timeout: 60s
/** SIGKILL of either side of a session under load: the other hears of it at once, and nothing of the dead one stays. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { makeChannel } from "../../base/channel-pair.js";
import { Dataspace } from "../../base/dataspace.js";
import type { SessionError } from "../../base/errors.js";
import { PacketSink, PacketSource, streamBytes } from "../../base/packet-stream.js";
import { RpcClient } from "../../base/rpc-client.js";
import { RpcServer } from "../../base/rpc-server.js";
import { native } from "../../bindings/native.js";
import { openDescriptors } from "../support/descriptors.js";
import { Echo } from "../support/echo.js";
import { code } from "../support/error-code.js";
import { nativeFixture } from "../support/native-fixture.js";
import { drain, drive, Moved } from "../support/packet-ends.js";
import { ringPacketLayout } from "../support/ring-packet.js";
import { type Context, suite } from "../support/suite.js";

const farEnd = fileURLToPath(new URL("../base/stress-end.js", import.meta.url));
const geometry = { slots: 256, stride: ringPacketLayout.stride };
const bulkBytes = 16 << 20;

/** Mappings of memory files in this process. */
function mappings(): number {
  return readFileSync("/proc/self/maps", "utf8")
    .split("\n")
    .filter((line) => line.includes("/memfd:")).length;
}

function newStream(): Dataspace {
  return Dataspace.map(native.createDataspace("stream", streamBytes(geometry, bulkBytes)), { writable: true });
}

/** A process on these descriptors, from 3 on; the caller's copies are closed. */
function start(
  context: Context,
  command: readonly string[],
  descriptors: readonly number[],
  keep: number,
): { kill(): Promise<void> } {
  const [first, ...rest] = command as [string, ...string[]];
  const child = spawn(first, rest, { stdio: ["ignore", "ignore", "inherit", ...descriptors, keep] });
  for (const descriptor of descriptors) native.closeDescriptor(descriptor);
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  context.defer(() => void child.kill("SIGKILL"));
  const kill = (): Promise<void> => {
    child.kill("SIGKILL");
    return gone;
  };
  return { kill };
}

let ringPeer: string;
const test = suite("death under load");
test.before(async () => {
  ringPeer = await nativeFixture("test/native/ring-peer.cc");
});

test("a killed server ends its client's calls and stream within 100 ms, and leaves nothing", {
  timeout: 30_000,
}, async (context) => {
  // What a first start opens for good is open from here on.
  await oneClient(context);
  const descriptors = openDescriptors().size;
  const mapped = mappings();
  for (let round = 0; round < 3; ++round) await oneClient(context);
  assert.is(openDescriptors().size, descriptors);
  assert.is(mappings(), mapped);
});

async function oneClient(context: Context): Promise<void> {
  const { client, server } = makeChannel("test");
  const stream = newStream();
  const far = start(context, [process.execPath, farEnd, "7"], server.descriptors, stream.descriptor);
  const rpc = new RpcClient(client, "far end");
  const ended = new Promise<SessionError>((resolve) => rpc.onClosed(resolve));
  const moved = new Moved();
  rpc.onMoved = moved.handler;
  const source = new PacketSource(stream, geometry, ringPacketLayout, rpc);
  // It never gets to its end; the bell after the session's end is what it would wait for.
  void drive(source, moved, {
    count: 1 << 30,
    batch: 32,
    pause: () => (rpc.open ? delay(0) : new Promise(() => {})),
  }).catch(() => {});
  const echo = Echo.client(rpc.port());
  while (source.counters.packets < 5000) await echo.echo(Uint8Array.of(1));
  const calls = Array.from({ length: 50 }, () => code(echo.echo(new Uint8Array(100))));
  const killed = far.kill();
  const begin = performance.now();
  const reason = await ended;
  assert.ok(performance.now() - begin < 100, `it took ${performance.now() - begin} ms to hear of it`);
  assert.is(reason.code, "Disconnected");
  for (const outcome of await Promise.all(calls))
    assert.ok(outcome === "Disconnected" || outcome === "resolved", outcome);
  assert.is(await code(echo.echo(new Uint8Array(1))), "Disconnected");
  await killed;
  stream.close({ discard: true });
}

test("a killed client ends its session at the server, which keeps nothing of it", {
  timeout: 30_000,
}, async (context) => {
  await oneServer(context);
  const descriptors = openDescriptors().size;
  const mapped = mappings();
  for (let round = 0; round < 3; ++round) await oneServer(context);
  assert.is(openDescriptors().size, descriptors);
  assert.is(mappings(), mapped);
});

async function oneServer(context: Context): Promise<void> {
  const { client, server } = makeChannel("test");
  const stream = newStream();
  const far = start(
    context,
    [ringPeer, "--client", "--slots", "256", "--count", "1000000000", "caller", "source"],
    client.descriptors,
    stream.descriptor,
  );
  const rpc = new RpcServer(server, "dying client");
  const ended = new Promise<SessionError>((resolve) => rpc.onClosed(resolve));
  const sink = new PacketSink(stream, geometry, ringPacketLayout, rpc);
  let killed: Promise<void> | undefined;
  let since = 0;
  rpc.onMoved = () => {
    drain(sink);
    if (killed === undefined && sink.counters.packets > 5000) {
      since = performance.now();
      killed = far.kill();
    }
  };
  const reason = await ended;
  assert.is(reason.code, "Disconnected");
  assert.ok(killed !== undefined, reason.message);
  assert.ok(performance.now() - since < 100, `it took ${performance.now() - since} ms to hear of it`);
  await killed;
  stream.close({ discard: true });
}

test("memory that was discarded is gone, though a peer keeps it mapped", (context) => {
  const shared = newStream();
  const peer = Dataspace.map(native.duplicateDescriptor(shared.descriptor), { writable: true });
  context.defer(() => peer.close());
  shared.bytes.array.fill(1);
  shared.close({ discard: true });
  // Resident pages of the peer's mapping, from the kernel's own count.
  const maps = readFileSync("/proc/self/smaps", "utf8").split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  const resident = maps
    .filter((map) => map.includes("/memfd:stream"))
    .map((map) => Number(/^Rss:\s+(\d+)/m.exec(map)?.[1]));
  assert.equal(resident, [0]);
});

test.run();
