/**
 * What a parked process does while it waits: it acts out the first steps of every component, with itself as parent,
 * server and client, so that V8 has compiled them when they count. Nothing of it is left but that.
 */
import { makeChannel } from "../base/channel-pair.js";
import { Env } from "../base/env.js";
import {
  Parent,
  type ParentHandlers,
  ParentRequestKind,
  type ParentSessionRequest,
} from "../base/parent/parent.generated.js";
import { RpcServer } from "../base/rpc-server.js";
import { s } from "../base/schema.js";
import { native } from "../bindings/native.js";
import { ROM } from "../sessions/rom/rom.generated.js";
import { RomSession } from "../sessions/rom/rom-server.js";
import { ConfigFile } from "./config.js";
import { Document } from "./document.js";

/** How often: functions are compiled at the first, and what they call is known to V8 after some more. */
const times = 4;

/** A parent whose only child serves what it asks for itself. */
class Mirror {
  #next: ((request: ParentSessionRequest) => void) | undefined;
  readonly #queue: ParentSessionRequest[] = [];
  readonly #granted = new Map<number, () => void>();
  #lastId = 0;

  /** What the rehearsal calls, and no more. */
  readonly handlers = {
    announce: () => {},
    nextRequest: () => this.#queue.shift() ?? new Promise((resolve) => (this.#next = resolve)),
    session: async (service, label, args, ram, caps) => {
      const id = ++this.#lastId;
      const { client, server } = makeChannel("rehearsal", true);
      const granted = new Promise<void>((resolve) => this.#granted.set(id, resolve));
      this.#deliver({
        kind: ParentRequestKind.create,
        serverId: id,
        service,
        label,
        args,
        ram,
        caps,
        channel: server,
      });
      await granted;
      return { id, channel: client };
    },
    sessionResponse: (id) => this.#granted.get(id)?.(),
    alloc: (bytes) => ({
      dataspace: { kind: "dataspace", descriptors: [native.createDataspace("rehearsal", bytes)], move: true },
      id: ++this.#lastId,
    }),
    close: (id) =>
      this.#deliver({
        kind: ParentRequestKind.close,
        serverId: id,
        service: ROM.name,
        label: "",
        args: "",
        ram: 0,
        caps: 0,
      }),
  } as Partial<ParentHandlers> as ParentHandlers;

  #deliver(request: ParentSessionRequest): void {
    const next = this.#next;
    this.#next = undefined;
    if (next === undefined) this.#queue.push(request);
    else next(request);
  }
}

/** Resolves when it is over, and everything that it made is closed. */
export async function rehearse(): Promise<void> {
  const { client, server } = makeChannel("rehearsal", true);
  const parent = new RpcServer(server, "").serve(Parent, new Mirror().handlers);
  const name = "rehearsal";
  const over = new Promise<void>((resolve) => {
    const start = { message: { name, label: name, file: name, codeBytes: 0, compiledBytes: 0 }, parent: client };
    const env = new Env(start, { onParentGone: resolve });
    void act(env).finally(() => parent.close());
  });
  await over;
  await emptyYoungSpace();
}

let garbage: unknown;

/** Brings about the collection that would otherwise fall into the start, where it takes milliseconds. */
async function emptyYoungSpace(): Promise<void> {
  // Here, since a process that was not parked does without.
  const { getHeapSpaceStatistics } = await import("node:v8");
  const youngBytes = (): number =>
    getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space")?.space_used_size ?? 0;
  let used = 0;
  for (let before = -1; used > before; used = youngBytes()) {
    before = used;
    for (let count = 0; count < 100; ++count) garbage = new Array(100);
  }
  garbage = undefined;
}

async function act(env: Env): Promise<void> {
  const config = new Document();
  config.publish({ rehearsed: true });
  await env.announce(ROM, (request) => new RomSession(request, config));
  const schema = s.object({ rehearsed: s.boolean({ default: false, doc: "Whether it is." }) });
  for (let count = 0; count < times; ++count) await (await ConfigFile.open(env, schema))[Symbol.asyncDispose]();
  // An empty line, which whoever reads the output drops.
  console.log();
}
