/**
 * A parent for tests of servers and connections in one process: real channels and real memory, no sandbox. Sessions go to
 * whoever announced the service. What a component process adds is tested on the running system.
 */

import { makeChannel } from "../../base/channel-pair.js";
import { Dataspace } from "../../base/dataspace.js";
import { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import type { Call } from "../../base/interface.js";
import type { Capability } from "../../base/message.js";
import {
  Parent,
  type ParentHandlers,
  ParentOutcome,
  ParentRequestKind,
  type ParentSessionRequest,
} from "../../base/parent/parent.generated.js";
import { RpcServer } from "../../base/rpc-server.js";
import { acceptSession, type Service } from "../../base/server.js";
import { native } from "../../bindings/native.js";

const refusals = {
  [ParentOutcome.denied]: "Denied",
  [ParentOutcome.closed]: "Disconnected",
  [ParentOutcome.insufficient_ram]: "InsufficientRam",
  [ParentOutcome.insufficient_caps]: "InsufficientCaps",
};

interface Client {
  readonly queue: ParentSessionRequest[];
  take: ((request: ParentSessionRequest) => void) | undefined;
}

function deliver(server: Client, request: ParentSessionRequest): void {
  const { take } = server;
  server.take = undefined;
  if (take === undefined) server.queue.push(request);
  else take(request);
}

/** Environments whose sessions lead to each other's announced services, and to `services`. */
export class LocalParent implements Disposable {
  readonly #services = new Map<string, Service>();
  readonly #announced = new Map<string, Client>();
  readonly #pending = new Map<number, { granted: () => void; refused: (error: Error) => void }>();
  readonly #ends: RpcServer[] = [];
  readonly #waiting: (() => void)[] = [];
  /** Tells the server of a session that its client closed it. */
  readonly #closers = new Map<number, () => void>();
  /** Tells the server of a session that its client donates more. */
  readonly #upgraders = new Map<number, (ram: number, caps: number) => void>();
  #nextId = 1;

  constructor(services: readonly Service[] = []) {
    for (const service of services) this.#services.set(service.interface.name, service);
  }

  /** A component's env with this name. */
  env(name: string): Env {
    const { client, server } = makeChannel("test");
    const self: Client = { queue: [], take: undefined };
    const rpc = new RpcServer(server, name);
    this.#ends.push(rpc);
    rpc.serve(Parent, this.#handlers(name, self));
    rpc.reference(false);
    return new Env(
      { message: { name, label: name, file: name, codeBytes: 0, compiledBytes: 0 }, parent: client },
      { onParentGone: () => {} },
    );
  }

  #handlers(name: string, self: Client): ParentHandlers {
    return {
      session: (service, label, args, ram, caps, call) =>
        this.#open(service, label === "" ? name : `${name} -> ${label}`, args, ram, caps, call),
      denial: () => "",
      state: () => {},
      upgrade: (id, ram, caps) => this.#upgraders.get(id)?.(ram, caps),
      close: (id) => this.#closers.get(id)?.(),
      announce: (service) => {
        this.#announced.set(service, self);
        for (const retry of this.#waiting.splice(0)) retry();
      },
      nextRequest: () => self.queue.shift() ?? new Promise((resolve) => (self.take = resolve)),
      sessionResponse: (serverId, outcome, reason) => {
        const pending = this.#pending.get(serverId);
        this.#pending.delete(serverId);
        if (outcome === ParentOutcome.ok) pending?.granted();
        else pending?.refused(new SessionError(refusals[outcome], reason));
      },
      alloc: (bytes) => ({
        dataspace: { kind: "dataspace", descriptors: [native.createDataspace(name, bytes)], move: true },
        id: this.#nextId++,
      }),
      free: () => {},
      channel: () => ({ ...makeChannel("test"), id: this.#nextId++ }),
      quota: () => ({ ram: 1 << 30, caps: 1000, usedRam: 0, usedCaps: 0 }),
      resourceRequest: () => {},
      yieldRequest: () => ({ ram: 0, caps: 0 }),
      yieldResponse: () => {},
      heartbeatResponse: () => {},
      flow: () => {},
      exit: () => {},
    };
  }

  async #open(
    service: string,
    label: string,
    args: string,
    ram: number,
    caps: number,
    call: Call,
  ): Promise<{ id: number; channel: Capability }> {
    const id = this.#nextId++;
    const local = this.#services.get(service);
    if (local !== undefined) {
      const { client, server } = makeChannel("test");
      const quota = { ram, caps };
      this.#upgraders.set(id, (moreRam, moreCaps) => {
        quota.ram += moreRam;
        quota.caps += moreCaps;
      });
      const session = await acceptSession(local, {
        label,
        args,
        quota,
        channel: server,
        alloc: async (bytes) => Dataspace.map(native.createDataspace(label, bytes), { writable: true }),
      }).catch((error: unknown) => {
        Dataspace.closeDescriptors(client);
        throw error;
      });
      session.reference(false);
      this.#closers.set(id, () => session.close());
      return { id, channel: { ...client, move: true } };
    }
    while (!this.#announced.has(service)) {
      await new Promise<void>((resolve, reject) => {
        this.#waiting.push(resolve);
        call.signal.addEventListener("abort", () => reject(new SessionError("Aborted", "aborted")));
      });
    }
    const server = this.#announced.get(service) as Client;
    const ends = makeChannel("test");
    const request: ParentSessionRequest = {
      kind: ParentRequestKind.create,
      serverId: id,
      service,
      label,
      args,
      ram,
      caps,
      channel: { ...ends.server, move: true },
    };
    const answered = new Promise<void>((granted, refused) => this.#pending.set(id, { granted, refused }));
    deliver(server, request);
    try {
      await answered;
    } catch (error) {
      Dataspace.closeDescriptors(ends.client);
      throw error;
    }
    this.#upgraders.set(id, (moreRam, moreCaps) =>
      deliver(server, {
        kind: ParentRequestKind.upgrade,
        serverId: id,
        service,
        label,
        args: "",
        ram: moreRam,
        caps: moreCaps,
      }),
    );
    this.#closers.set(id, () => {
      this.#closers.delete(id);
      deliver(server, { kind: ParentRequestKind.close, serverId: id, service, label, args: "", ram: 0, caps: 0 });
    });
    return { id, channel: { ...ends.client, move: true } };
  }

  [Symbol.dispose](): void {
    for (const end of this.#ends) end.close();
  }
}
