/**
 * Tries to get out of its sandbox. Its config names attempts; for each it prints `NAME: OUTCOME`, where the outcome is the
 * error's code, or "escaped" and what it got. An attempt that the system answers by ending the component prints nothing.
 */
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import * as fs from "node:fs";
import { connect, createServer } from "node:net";
import { constants } from "node:os";
import { Worker } from "node:worker_threads";
import { component, type Env } from "../../base/index.js";
import { native } from "../../bindings/native.js";
import { Rom } from "../../sessions/rom/index.js";
import { Echo } from "../support/echo.js";

/** ETOOMANYREFS, which node:os does not name. */
const linuxTooManyReferences = 109;

interface Config {
  /** Names of attempts; all of them when absent. */
  readonly attempts?: readonly string[];
  /** How many of the calls that a machine of ordinary speed is tried with: 1 is all. */
  readonly effort?: number;
}

type Attempt = (env: Env, config: Config) => unknown;

function opened(path: string, flags: string): Attempt {
  return () => fs.openSync(path, flags);
}

/** What an event emitter says first: an error is thrown. */
async function outcome(emitter: NodeJS.EventEmitter, success: string): Promise<string> {
  await once(emitter, success);
  return success;
}

/** A descriptor of a ROM dataspace of ours, found the hard way: whatever maps. */
function dataspaces(): number[] {
  const found: number[] = [];
  for (let descriptor = 3; descriptor < 64; ++descriptor) {
    try {
      native.dataspaceBytes(descriptor);
      found.push(descriptor);
    } catch {
      // Something else, or nothing.
    }
  }
  return found;
}

/** As many descriptors under way as the kernel lets this user have, in channels that nobody reads; how to end them. */
async function descriptorsUnderWay(env: Env): Promise<() => void> {
  const kept: number[] = [];
  const end = (): void => {
    for (const descriptor of kept) native.closeDescriptor(descriptor);
  };
  for (let channels = 0; channels < 32; ++channels) {
    const { client, server } = await env.parent.channel();
    kept.push(...client.descriptors, ...server.descriptors);
    let result = 0;
    while (result >= 0) result = native.sendMessage(client.descriptors[0] as number, Uint8Array.of(0), [1, 1, 1, 1]);
    if (result === -linuxTooManyReferences) return end;
    if (result !== -constants.errno.EAGAIN) throw new Error(`sending descriptors ends in ${result}`);
  }
  end();
  throw new Error("no limit");
}

/** Tries `act` on each ROM dataspace: those that cannot be mapped writable. The first success is the way out. */
async function onReadOnly(env: Env, act: (descriptor: number) => unknown): Promise<unknown> {
  const rom = await env.connect(Rom, { label: "config" });
  await rom.text();
  let refusal: unknown = new Error("There is no dataspace for reading only");
  for (const descriptor of dataspaces()) {
    try {
      const { id, buffer } = native.mapDataspace(descriptor, true);
      native.unmapDataspace(id, buffer);
    } catch {
      try {
        return act(descriptor);
      } catch (error) {
        refusal = error;
      }
    }
  }
  throw refusal;
}

const attempts: Readonly<Record<string, Attempt>> = {
  "open a device": opened("/dev/mem", "r"),
  "open the terminal": opened("/dev/tty", "r+"),
  "open a file of the host": opened("/etc/passwd", "r"),
  "open its own program for writing": opened("/app/node", "r+"),
  "make a file": opened("/tmp/escaped", "w"),
  "list the root": () => fs.readdirSync("/"),
  "read the environment of process 1": opened("/proc/1/environ", "r"),
  "write its own memory": opened("/proc/self/mem", "r+"),
  "reopen a descriptor": opened("/proc/self/fd/1", "w"),
  "load another library": () => process.dlopen({ exports: {} }, "/usr/lib/escape.node"),
  listen: () => outcome(createServer().listen(0), "listening"),
  "listen on a path": () => outcome(createServer().listen("/tmp/escape.sock"), "listening"),
  "connect to the host": () => outcome(connect(22, "127.0.0.1"), "connect"),
  "send a datagram": async () => {
    const socket = createSocket("udp4");
    socket.bind(0);
    return outcome(socket, "listening");
  },
  "run a program": () => execFileSync("/app/node", ["--version"]),
  "signal its parent": () => process.kill(process.ppid === 0 ? 1 : process.ppid, 0),
  "signal another process": () => process.kill(2, "SIGKILL"),
  "become root": () => process.setuid?.(0),
  "make a socket pair": () => native.socketPair(),
  "make a ring of io_uring": () => {
    if (native.reserveIoRing()) return "a ring";
    throw Object.assign(new Error("no ring"), { code: "no ring" });
  },
  "map read-only memory writable": (env) => onReadOnly(env, (descriptor) => native.mapDataspace(descriptor, true)),
  "write to read-only memory": (env) => onReadOnly(env, (descriptor) => fs.writeSync(descriptor, "x")),
  "truncate memory under its reader": (env) => onReadOnly(env, (descriptor) => fs.ftruncateSync(descriptor, 0)),
  "open a service that is not routed": (env) =>
    env.session(
      {
        ...{
          name: "Platform",
          version: 1,
          ramQuota: 0,
          capQuota: 0,
          args: { parse: () => ({}) },
          errors: [],
          signals: [],
          operations: new Map(),
        },
        client: (port: unknown) => port,
      } as never,
      {},
      {},
    ),
  "close sessions of others by guessed numbers": async (env, { effort = 1 }) => {
    // Without effect on anybody, whatever the parent answers; the honest pair is the witness.
    await Promise.all(Array.from({ length: 500 * effort }, (_, id) => env.parent.close(id).catch(() => {})));
    throw Object.assign(new Error("nothing closed"), { code: "harmless" });
  },
  "allocate beyond its quota": async (env) => {
    for (;;)
      await env.parent
        .alloc(1 << 20, 0)
        .then(({ dataspace }) => native.closeDescriptor(dataspace.descriptors[0] as number));
  },
  "make channels beyond its quota": async (env) => {
    for (;;) {
      const { client, server } = await env.parent.channel();
      for (const descriptor of [...client.descriptors, ...server.descriptors]) native.closeDescriptor(descriptor);
    }
  },
  "keep memory after giving it back": async (env) => {
    const { dataspace, id } = await env.parent.alloc(1 << 20, 0);
    const kept = new Uint8Array(native.mapDataspace(dataspace.descriptors[0] as number, true).buffer);
    kept.fill(1);
    await env.parent.free(id);
    // What is left is mapped, but no page of it: everything reads as zero.
    if (kept.some((byte) => byte !== 0)) return "its pages";
    throw Object.assign(new Error("its pages are gone"), { code: "emptied" });
  },
  "have more descriptors under way than it may": async (env) => {
    const session = await env.session(Echo, {}, { label: "hostile", reconnect: false });
    const { dataspace } = await env.alloc(4096);
    const pass = async (): Promise<void> => {
      for (const descriptor of (await session.client.pass(dataspace.capability)).descriptors)
        native.closeDescriptor(descriptor);
    };
    await pass();
    const ends: (() => void)[] = [];
    let refusal: unknown;
    // Those of an ordinary user's other programs count too, and may have arrived meanwhile.
    for (let tries = 0; refusal === undefined && tries < 5; ++tries) {
      ends.push(await descriptorsUnderWay(env));
      refusal = await pass().catch((error: unknown) => error);
    }
    if (refusal === undefined) return "one more";
    // Others have the time to be harmed.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    for (const end of ends) end();
    // The session has lost nothing by it.
    await pass();
    throw refusal;
  },
  "open descriptors without end": () => {
    for (;;) native.duplicateDescriptor(1);
  },
  "flood its parent with calls": async (env, { effort = 1 }) => {
    for (let calls = 0; calls < 100_000 * effort; calls += 500)
      await Promise.all(Array.from({ length: 500 }, () => env.parent.quota()));
    throw Object.assign(new Error("all answered"), { code: "answered" });
  },
  // From here on the system may end the component.
  "start threads": async () => {
    const workers: Worker[] = [];
    for (let i = 0; i < 200; ++i) {
      const worker = new Worker("setInterval(() => {}, 1000)", { eval: true });
      workers.push(worker);
      await outcome(worker, "online");
    }
    return `${workers.length} threads`;
  },
  "allocate memory without end": () => {
    const kept: Buffer[] = [];
    for (;;) kept.push(Buffer.alloc(8 << 20, kept.length + 1));
  },
  "send descriptors that no message claims": () => {
    const tag = Uint8Array.of(1, 4, 0, 0, 0, 0, 0, 0);
    for (let descriptor = 3; descriptor < 64; ++descriptor)
      for (let i = 0; i < 300; ++i) native.sendMessage(descriptor, tag, [1, 1, 1, 1]);
    return new Promise((resolve) => setTimeout(resolve, 3000, "three seconds more"));
  },
  "ring its parent without end": () => {
    const bell = Uint8Array.of(0);
    // Only the sockets: a call for every number between would make the ringing slow enough to be honest.
    const sockets = [];
    for (let descriptor = 3; descriptor < 64; ++descriptor)
      if (native.sendMessage(descriptor, bell, []) > 0) sockets.push(descriptor);
    const end = Date.now() + 3000;
    while (Date.now() < end) for (const socket of sockets) native.sendMessage(socket, bell, []);
    return new Promise((resolve) => setTimeout(resolve, 3000, "three seconds more"));
  },
};

process.on("uncaughtException", (error) => console.log(`uncaught: ${error.message}`));

component(async (env) => {
  const rom = await env.connect(Rom, { label: "config" });
  const config = (await rom.json()) as Config;
  for (const name of config.attempts ?? Object.keys(attempts)) {
    const attempt = attempts[name];
    if (attempt === undefined) throw new Error(`There is no attempt "${name}"`);
    try {
      const got = await attempt(env, config);
      console.log(`${name}: escaped with ${String(got)}`);
    } catch (error) {
      console.log(`${name}: ${(error as { code?: string }).code ?? (error as Error).message}`);
    }
  }
  console.log("attempts are over");
});
