/**
 * Our packet stream: `packets.js source|sink ROW`, with one end of a channel in descriptors 4 and 5 and the stream's
 * dataspace in 6. Measures packets a second, there and acknowledged.
 */
import { Dataspace } from "../../base/dataspace.js";
import { PacketSink, PacketSource } from "../../base/packet-stream.js";
import { RpcClient } from "../../base/rpc-client.js";
import { RpcServer } from "../../base/rpc-server.js";
import { BenchPacket } from "../bench.generated.js";
import { measured, present } from "./measured.js";
import { fillWhole, payloadStride, sumWhole, type Traffic, traffics } from "./payload.js";

const [, , role, row = ""] = process.argv;
const traffic = traffics[row] as Traffic;
const { touching, bytes, slots, batch } = traffic;
const stride = payloadStride(traffic);
const geometry = { slots, stride: BenchPacket.stride };
const channel = { kind: "channel", descriptors: [4, 5] } as const;
const dataspace = Dataspace.map(6, { writable: true });
const own = new Uint8Array(bytes).fill(7);

/** What was read must have been read. */
let kept = 0;

function sink(): void {
  const server = new RpcServer(channel, "benchmark");
  const stream = new PacketSink(dataspace, geometry, BenchPacket, server);
  const words = new Int32Array(stream.bulk.buffer, stream.bulk.byteOffset);
  const longWords = new Float64Array(stream.bulk.buffer, stream.bulk.byteOffset);
  const answer = { offset: 0, length: 0, sequence: 0, result: 0 };
  server.onMoved = () => {
    let taken = 0;
    for (let packet = stream.take(); packet !== undefined; packet = stream.take()) {
      if (!stream.valid(packet)) throw new Error("A packet lies outside the bulk area");
      if (touching === "touch") kept ^= words[packet.offset >>> 2] as number;
      else if (touching === "copy") own.set(stream.content(packet));
      else kept += sumWhole(longWords, packet.offset >>> 3, bytes >>> 3);
      answer.offset = packet.offset;
      answer.length = packet.length;
      answer.sequence = packet.sequence;
      answer.result = packet.sequence;
      stream.acknowledge(answer);
      if (++taken % batch === 0) stream.wakeup();
    }
    stream.wakeup();
  };
  present();
}

function source(): void {
  const client = new RpcClient(channel, "benchmark");
  const stream = new PacketSource(dataspace, geometry, BenchPacket, client);
  const words = new Int32Array(stream.bulk.buffer, stream.bulk.byteOffset);
  const longWords = new Float64Array(stream.bulk.buffer, stream.bulk.byteOffset);
  const packet = { offset: 0, length: bytes, sequence: 0, result: 0 };
  let expected = 0;
  const acknowledged = (answer: BenchPacket): void => {
    if (answer.result !== expected) throw new Error(`Packet ${expected} was answered ${answer.result}`);
    expected = (expected + 1) >>> 0;
    if (touching === "touch") kept ^= words[answer.offset >>> 2] as number;
  };
  let next = 0;
  const submitBatch = (): void => {
    for (let i = 0; i < batch; ++i) {
      const offset = (next & (slots - 1)) * stride;
      if (touching === "touch") words[offset >>> 2] = next;
      else if (touching === "copy") stream.bulk.set(own, offset);
      else fillWhole(longWords, offset >>> 3, bytes >>> 3, next);
      packet.offset = offset;
      packet.sequence = next;
      stream.submit(packet);
      next = (next + 1) >>> 0;
    }
    stream.wakeup();
  };
  measured(
    (milliseconds) =>
      new Promise<number>((resolve) => {
        const start = performance.now();
        const end = start + milliseconds;
        let count = 0;
        const turn = (): void => {
          let now = 0;
          for (let answered = -1; answered !== 0; ) {
            now = performance.now();
            if (now < end) while (slots - stream.underWay >= batch) submitBatch();
            answered = stream.acknowledged(acknowledged);
            count += answered;
          }
          stream.wakeup();
          if (now >= end && stream.underWay === 0) {
            client.onMoved = undefined;
            resolve((count / (now - start)) * 1000);
          }
        };
        client.onMoved = turn;
        turn();
      }),
  );
}

if (role === "sink") sink();
else source();
