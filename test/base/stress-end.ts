/**
 * The far end of test/base/stress.test.ts, in a process of its own: node stress-end.js SEED. Descriptors: 3 and 4 the
 * channel's server end, 5 the stream. Echoes calls and acknowledges packets, and sleeps at random moments, so that its peer
 * meets it in every phase of falling asleep. Ends with its session; prints one JSON line of counts.
 */
import { setTimeout as delay } from "node:timers/promises";
import { Dataspace } from "../../base/dataspace.js";
import { PacketSink } from "../../base/packet-stream.js";
import { RpcServer } from "../../base/rpc-server.js";
import { native } from "../../bindings/native.js";
import { Echo } from "../support/echo.js";
import { drain } from "../support/packet-ends.js";
import { ringPacketLayout } from "../support/ring-packet.js";
import { Sleeper } from "../support/sleeper.js";

const sleeper = new Sleeper(Number(process.argv[2]));
const server = new RpcServer({ kind: "channel", descriptors: [3, 4] }, "stress");
const stream = Dataspace.map(5, { writable: true });
const sink = new PacketSink(stream, { slots: 256, stride: ringPacketLayout.stride }, ringPacketLayout, server);
let calls = 0;
let notes = 0;
let batches = 0;

server.serve(Echo, {
  echo: (bytes) => {
    calls += 1;
    sleeper.block();
    // Some answers come later, out of order.
    return bytes.length % 5 === 0 ? delay(bytes.length % 3, bytes) : bytes;
  },
  pass: (memory) => ({ ...memory, move: true }),
  note: () => {
    notes += 1;
    if (notes % 64 === 0) server.raise(0);
  },
});
server.onMoved = () => {
  sleeper.block();
  if (drain(sink) > 0) batches += 1;
};
server.onClosed(() => {
  console.log(
    JSON.stringify({
      calls,
      notes,
      packets: sink.counters.packets,
      wakeups: sink.counters.wakeups,
      batches,
      wakes: native.waitingCounters().wakes,
    }),
  );
  process.exit(0);
});
