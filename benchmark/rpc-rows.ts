/** Round trips: awake, on one CPU, through a chain, beside busy loops, and the system calls that they make. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { makeChannel } from "./channels.js";
import { Contender, environment, limit, type Placement, placed } from "./processes.js";
import { type Figures, interleave, type Row } from "./row.js";
import { countSystemCalls } from "./system-calls.js";

/** Our own build with the looking of the waiting hook turned off: it sleeps at once. */
const sleeping = { BULKHEAD_SPIN_MICROSECONDS: "0" };

interface Pair extends AsyncDisposable {
  measure(milliseconds: number): Promise<number>;
}

function pairOf(client: Contender, server: Contender, ended?: () => void): Pair {
  return {
    measure: (milliseconds) => client.measure(milliseconds),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      ended?.();
    },
  };
}

/** Two processes of ours with a channel between them. */
async function ours(clientCpus: Placement, serverCpus: Placement, settings: NodeJS.ProcessEnv = {}): Promise<Pair> {
  const channel = makeChannel();
  const server = await Contender.start("rpc", ["server"], {
    asComponent: true,
    cpus: serverCpus,
    descriptors: channel.server,
    environment: settings,
  });
  const client = await Contender.start("rpc", ["client"], {
    asComponent: true,
    cpus: clientCpus,
    descriptors: channel.client,
    environment: settings,
  });
  channel.close();
  return pairOf(client, server);
}

async function sockets(clientCpus: Placement, serverCpus: Placement): Promise<Pair> {
  const folder = mkdtempSync(path.join(tmpdir(), "benchmark-"));
  const at = path.join(folder, "socket");
  const server = await Contender.start("socket-rpc", ["server", at], { cpus: serverCpus });
  const client = await Contender.start("socket-rpc", ["client", at], { cpus: clientCpus });
  return pairOf(client, server, () => rmSync(folder, { recursive: true }));
}

/** Six components in a chain on both CPUs; microseconds a hop. */
async function chain(length: number, settings: NodeJS.ProcessEnv): Promise<Pair> {
  const links = Array.from({ length: length - 1 }, makeChannel);
  const cpus = "0,1";
  const others: Contender[] = [];
  for (let i = length - 1; i > 0; --i) {
    const descriptors = [...(links[i - 1] as (typeof links)[0]).server, ...(links[i]?.client ?? [])];
    others.push(
      await Contender.start("chain", [i === length - 1 ? "tail" : "middle"], {
        asComponent: true,
        cpus,
        descriptors,
        environment: settings,
      }),
    );
  }
  const head = await Contender.start("chain", ["head", String(length - 1)], {
    asComponent: true,
    cpus,
    descriptors: (links[0] as (typeof links)[0]).client,
    environment: settings,
  });
  for (const link of links) link.close();
  return {
    measure: (milliseconds) => head.measure(milliseconds),
    async [Symbol.asyncDispose]() {
      for (const contender of [head, ...others]) await contender[Symbol.asyncDispose]();
    },
  };
}

async function limitTrip(mode: "yield" | "futex", cpus: string, milliseconds: number): Promise<number> {
  const { median = Number.NaN } = await limit("limit-rpc", [
    "--mode",
    mode,
    "--cpus",
    cpus,
    "--milliseconds",
    String(milliseconds),
  ]);
  return median / 1000;
}

async function compare(
  rounds: number,
  milliseconds: number,
  mode: "yield" | "futex",
  client: Placement,
  server: Placement,
): Promise<Figures> {
  await using own = await ours(client, server);
  await using peer = await sockets(client, server);
  const cpus = client === undefined ? "-1,-1" : `${client},${server}`;
  return await interleave(rounds, {
    ours: () => own.measure(milliseconds),
    peer: () => peer.measure(milliseconds),
    limit: () => limitTrip(mode, cpus, milliseconds),
  });
}

/** Keeps a CPU busy for as long as the benchmark lives or until disposed. */
function hog(cpu: number): Disposable {
  const [program, ...args] = placed(
    [
      process.execPath,
      "-e",
      'process.on("disconnect", () => process.exit(0)); const turn = () => { for (const end = Date.now() + 20; Date.now() < end; ); setImmediate(turn); }; turn();',
    ],
    String(cpu),
  );
  const child = spawn(program, args, { env: environment, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  return { [Symbol.dispose]: () => void child.kill("SIGKILL") };
}

const title = "awaited RPC round trip, typed and checked on both sides";

export const rpcRows: readonly Row[] = [
  {
    name: "rpc-awake",
    title: `${title}, on two CPUs`,
    unit: "us",
    better: "lower",
    peerName: "Node unix-socket ping-pong",
    limitName: "C, yield-spinning on shared memory",
    goal: { ofLimit: 10, ofPeer: 1 / 15 },
    async measure({ rounds, milliseconds }) {
      const pinned = await compare(rounds, milliseconds, "yield", "0", "1");
      return { ...pinned, unpinned: await compare(Math.ceil(rounds / 2), milliseconds, "yield", undefined, undefined) };
    },
  },
  {
    name: "rpc-one-cpu",
    title: `${title}, on one CPU`,
    unit: "us",
    better: "lower",
    peerName: "Node unix-socket ping-pong",
    limitName: "C, futex ping-pong",
    goal: { ofLimit: 2.5, ofPeer: 1 / 2 },
    measure: ({ rounds, milliseconds }) => compare(rounds, milliseconds, "futex", "0", "0"),
  },
  {
    name: "rpc-chain-6",
    title: "one hop of a call through six components in a chain, on two CPUs together",
    unit: "us",
    better: "lower",
    peerName: "our own build, polling off",
    goal: { ofPeer: 1 / 3 },
    async measure({ rounds, milliseconds }) {
      await using own = await chain(6, {});
      await using peer = await chain(6, sleeping);
      return await interleave(rounds, {
        ours: () => own.measure(milliseconds),
        peer: () => peer.measure(milliseconds),
      });
    },
  },
  {
    name: "rpc-hogged",
    title: `${title}, on two CPUs with a busy loop on every CPU`,
    unit: "us",
    better: "lower",
    peerName: "our own build, polling off",
    goal: { ofPeer: 1.5 },
    async measure({ rounds, milliseconds }) {
      await using own = await ours("0", "1");
      await using peer = await ours("0", "1", sleeping);
      await using socket = await sockets("0", "1");
      const hogs = Array.from({ length: availableParallelism() }, (_, cpu) => hog(cpu));
      try {
        const figures = await interleave(rounds, {
          ours: () => own.measure(milliseconds),
          peer: () => peer.measure(milliseconds),
          socket: () => socket.measure(milliseconds),
        });
        return { ours: figures.ours, peer: figures.peer, beside: { "Node unix-socket ping-pong": figures.socket } };
      } finally {
        for (const each of hogs) each[Symbol.dispose]();
      }
    },
  },
  {
    name: "rpc-syscalls-awake",
    title: "system calls a round trip and side while both are awake, sched_yield apart",
    unit: "calls",
    better: "lower",
    goal: { figure: 0 },
    measure: () => countSystemCalls({}),
  },
  {
    name: "rpc-syscalls-asleep",
    title: "system calls a round trip and side if each side sleeps before each message",
    unit: "calls",
    better: "lower",
    goal: { figure: 3 },
    measure: () => countSystemCalls(sleeping),
  },
];
