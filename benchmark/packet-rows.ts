/** Packet streams: small packets touched, frames copied in and out, 64 KiB wholly written and read. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { streamBytes } from "../base/packet-stream.js";
import { native } from "../bindings/native.js";
import { BenchPacket } from "./bench.generated.js";
import { makeChannel } from "./channels.js";
import { payloadStride, type Traffic, traffics } from "./contender/payload.js";
import { Contender, limit, type Placement } from "./processes.js";
import { type Effort, type Goal, interleave, type Measured, type Row } from "./row.js";

async function compare(
  name: string,
  { rounds, milliseconds }: Effort,
  sourceCpus: Placement,
  sinkCpus: Placement,
): Promise<Measured> {
  const traffic = traffics[name] as Traffic;
  const folder = mkdtempSync(path.join(tmpdir(), "benchmark-"));
  try {
    const channel = makeChannel();
    const memory = native.createDataspace(
      "stream",
      streamBytes({ slots: traffic.slots, stride: BenchPacket.stride }, traffic.slots * payloadStride(traffic)),
    );
    await using _sink = await Contender.start("packets", ["sink", name], {
      asComponent: true,
      cpus: sinkCpus,
      descriptors: [...channel.server, memory],
    });
    await using source = await Contender.start("packets", ["source", name], {
      asComponent: true,
      cpus: sourceCpus,
      descriptors: [...channel.client, memory],
    });
    channel.close();
    native.closeDescriptor(memory);
    const socket = path.join(folder, "socket");
    await using _socketSink = await Contender.start("socket-packets", ["sink", socket, name], { cpus: sinkCpus });
    await using socketSource = await Contender.start("socket-packets", ["source", socket, name], { cpus: sourceCpus });
    const corkedSocket = path.join(folder, "corked");
    await using _corkedSink = await Contender.start("socket-packets", ["sink", corkedSocket, name], { cpus: sinkCpus });
    await using corkedSource = await Contender.start("socket-packets", ["source", corkedSocket, name, "corked"], {
      cpus: sourceCpus,
    });
    const cpus = sourceCpus === undefined ? "-1,-1" : `${sourceCpus},${sinkCpus}`;
    const limitArguments = [
      "--mode",
      traffic.touching,
      "--bytes",
      traffic.bytes,
      "--batch",
      traffic.batch,
      "--slots",
      traffic.slots,
      "--cpus",
      cpus,
      "--milliseconds",
      milliseconds,
    ].map(String);
    // Small packets in millions a second, large ones in gigabytes.
    const scale = traffic.touching === "whole" ? traffic.bytes / 1e9 : 1 / 1e6;
    const { corked, ...figures } = await interleave(rounds, {
      ours: async () => (await source.measure(milliseconds)) * scale,
      peer: async () => (await socketSource.measure(milliseconds)) * scale,
      limit: async () => ((await limit("limit-packets", limitArguments)).packetsPerSecond ?? Number.NaN) * scale,
      corked: async () => (await corkedSource.measure(milliseconds)) * scale,
    });
    return { ...figures, beside: { "the peer with its messages corked, a batch at once": corked } };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function row(name: string, title: string, unit: string, goal: Goal): Row {
  return {
    name,
    title,
    unit,
    better: "higher",
    peerName: "Node unix-socket messages with the same touching",
    limitName: "C ring with the same touching",
    goal,
    async measure(effort) {
      const pinned = await compare(name, effort, "0", "1");
      const { beside: _beside, ...unpinned } = await compare(
        name,
        { ...effort, rounds: Math.ceil(effort.rounds / 2) },
        undefined,
        undefined,
      );
      return { ...pinned, unpinned };
    },
  };
}

export const packetRows: readonly Row[] = [
  row(
    "packets-64",
    "packet stream of 64 bytes in batches of 64, every descriptor and one payload word read on both sides",
    "M packets/s",
    { ofLimit: 0.25, ofPeer: 20 },
  ),
  row("packets-1500", "packet stream of 1500 bytes, copied in and out, in batches of 64", "M packets/s", {
    ofLimit: 0.45,
    ofPeer: 5,
  }),
  row("packets-64k", "packet stream of 64 KiB, wholly written and wholly read", "GB/s", { ofLimit: 0.8, ofPeer: 3 }),
];
