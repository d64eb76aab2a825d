// exclusive
// timeout: 300s
/** A hostile client beside honest ones: only its own sessions end, and the others hardly notice. */
import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { makeChannel } from "../../base/channel-pair.js";
import { Dataspace } from "../../base/dataspace.js";
import type { SessionError } from "../../base/errors.js";
import { RpcClient } from "../../base/rpc-client.js";
import { RpcServer } from "../../base/rpc-server.js";
import { native } from "../../bindings/native.js";
import { openDescriptors, settledNewDescriptors } from "../support/descriptors.js";
import { Echo, type EchoClient, type EchoHandlers } from "../support/echo.js";
import { type Context, suite } from "../support/suite.js";

const program = fileURLToPath(new URL("./attacker.js", import.meta.url));
const echoing: EchoHandlers = { echo: (bytes) => bytes, pass: (memory) => ({ ...memory, move: true }), note: () => {} };

const orders = { rest: 0, attack: 1, compute: 2 } as const;

/** A process that attacks a server of ours, and gets a new session whenever it has lost one. */
class Attacker implements AsyncDisposable {
  readonly endings = new Map<string, number>();
  readonly #socket: number;
  readonly #control: Dataspace;
  readonly #words: Int32Array;
  readonly #exited: Promise<unknown>;
  #session: RpcServer | undefined;
  #open = true;
  #reopening: NodeJS.Timeout | undefined;

  constructor(kind: string, seed: number) {
    const [own, other] = native.socketPair();
    this.#socket = own;
    this.#control = Dataspace.map(native.createDataspace("control", 4096), { writable: true });
    this.#words = new Int32Array(this.#control.buffer);
    const child = spawn(process.execPath, [program, kind, String(seed)], {
      stdio: ["ignore", "inherit", "inherit", other, this.#control.descriptor],
    });
    this.#exited = new Promise((resolve) => child.once("exit", resolve));
    native.closeDescriptor(other);
    this.#openSession();
  }

  #openSession(): void {
    if (!this.#open) return;
    const { client, server } = makeChannel("test");
    this.#session = new RpcServer(server, "hostile").serve(Echo, echoing);
    this.#session.onClosed((reason) => this.#ended(reason));
    native.sendMessage(this.#socket, new Uint8Array(1), client.descriptors);
    Dataspace.closeDescriptors(client);
  }

  #ended({ code, message }: SessionError): void {
    const ending = `${code}: ${message}`;
    this.endings.set(ending, (this.endings.get(ending) ?? 0) + 1);
    // Its parent would take its time to route a new session, too.
    this.#reopening = setTimeout(() => this.#openSession(), 2);
  }

  /** Descriptors, messages or words tried so far. */
  get attempts(): number {
    return Atomics.load(this.#words, 1);
  }

  /** Attack, rest, or use the processor without attacking. */
  order(what: keyof typeof orders): void {
    Atomics.store(this.#words, 0, orders[what]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open = false;
    clearTimeout(this.#reopening);
    native.closeDescriptor(this.#socket);
    this.#session?.close();
    await this.#exited;
    this.#control.close();
  }
}

interface Honest {
  readonly echo: EchoClient;
  readonly client: RpcClient;
}

function honest(context: Context): Honest {
  const { client, server } = makeChannel("test");
  const rpc = new RpcServer(server, "honest").serve(Echo, echoing);
  const caller = new RpcClient(client, "honest server");
  context.defer(() => caller.close());
  context.defer(() => rpc.close());
  return { echo: Echo.client(caller.port()), client: caller };
}

/** Latencies of calls on the sessions in turn, in microseconds, for so many milliseconds. */
async function latencies(sessions: readonly Honest[], milliseconds: number, into: number[]): Promise<void> {
  const payload = Uint8Array.of(1, 2, 3, 4);
  const end = performance.now() + milliseconds;
  for (let i = 0; ; ++i) {
    const start = performance.now();
    if (start > end) return;
    const answer = await (sessions[i % sessions.length] as Honest).echo.echo(payload);
    if (answer.length !== 4 || answer[3] !== 4) throw new Error("An honest session got a wrong answer");
    into.push((performance.now() - start) * 1000);
    // As honest clients do, these leave the loop time for others.
    if (i % 16 === 0) await delay(0);
  }
}

/** The 99th percentile of calls in one window, in microseconds. */
async function ninetyNinth(sessions: readonly Honest[]): Promise<number> {
  const values: number[] = [];
  await latencies(sessions, 100, values);
  return percentile(values, 0.99);
}

function percentile(values: number[], share: number): number {
  values.sort((a, b) => a - b);
  return values[Math.min(values.length - 1, Math.floor(values.length * share))] as number;
}

const test = suite("hostile client beside honest ones");

/** What one sleep and its wake-up cost a call. Below that, a percentile says who slept when, and not who was delayed. */
const sleepMicroseconds = 140;
/** How many times as long the 99th percentile of others may take under attack as without. */
const bound = 3;
/** Pairs of a window with the attack and one without it, which make a median; and medians, of which one has to be in bounds. */
const pairs = 15;
const attempts = 6;

/** Kinds of attack, and attempts at least: over a million together. */
const attacks: readonly [string, number][] = [
  ["messages", 1_000_000],
  ["headers", 1_000],
  ["words", 50_000],
  ["socket", 2_000],
  ["bells", 20_000],
  ["capabilities", 20_000],
  ["flips", 10_000],
];

for (const [kind, least] of attacks) {
  test(`${kind}: honest sessions go on`, { timeout: 60_000 }, async (context) => {
    const sessions = [honest(context), honest(context)];
    // What libuv and the runtime open at first use is open from here on.
    await latencies(sessions, 100, []);
    const before = openDescriptors();
    const attacker = new Attacker(kind, 1 + Math.floor(Math.random() * 1e9));
    try {
      let calm = 0;
      let attacked = 0;
      let within = false;
      // Whatever else this machine does falls on both windows of a pair alike, and a median forgets the worst of it.
      for (let attempt = 0; attempt < attempts && !(within && attacker.attempts >= least); ++attempt) {
        const calmRounds: number[] = [];
        const attackedRounds: number[] = [];
        for (let pair = 0; pair < pairs; ++pair) {
          attacker.order("attack");
          attackedRounds.push(await ninetyNinth(sessions));
          // Without the attack, but with as many processes for as few processors: the channel is what is compared.
          attacker.order("compute");
          await delay(5);
          calmRounds.push(await ninetyNinth(sessions));
        }
        attacker.order("attack");
        for (let more = 0; more < 20 && attacker.attempts < least; ++more) await ninetyNinth(sessions);
        attacker.order("rest");
        calm = percentile(calmRounds, 0.5);
        attacked = percentile(attackedRounds, 0.5);
        within ||= attacked <= bound * Math.max(calm, sleepMicroseconds);
        process.stdout.write(
          `${kind}: 99th percentile ${calm.toFixed(0)} us, under attack ${attacked.toFixed(0)} us (${attacker.attempts} attempts)\n`,
        );
      }
      assert.ok(attacker.attempts >= least, `${attacker.attempts} attempts were made`);
      assert.ok(
        within,
        `99th percentile ${calm.toFixed(0)} us without the attack, ${attacked.toFixed(0)} us with it, at most ${bound} times as much or as ${sleepMicroseconds} us are to be had`,
      );
      for (const ending of attacker.endings.keys())
        assert.match(
          ending,
          /^Disconnected: Session ended: the peer broke the protocol, |^Disconnected: Session ended: the peer is gone/,
        );
      for (const { client } of sessions) assert.ok(client.open);
    } finally {
      await attacker[Symbol.asyncDispose]();
    }
    assert.equal(await settledNewDescriptors(before), []);
  });
}

test.run();
