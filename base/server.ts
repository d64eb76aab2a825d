/**
 * Announcing a service and serving its sessions: the parent's session requests become calls of a factory.
 */
import { Dataspace } from "./dataspace.js";
import type { Env } from "./env.js";
import { errorMessage, SessionError } from "./errors.js";
import type { Interface } from "./interface.js";
import type { Capability } from "./message.js";
import {
  type ParentClient,
  ParentOutcome,
  ParentRequestKind,
  type ParentSessionRequest,
} from "./parent/parent.generated.js";
import { RpcServer } from "./rpc-server.js";
import type { Problem } from "./schema.js";
import { sessionCost } from "./session-cost.js";
import { prefixWithin } from "./text.js";

/** A request for a session, as the factory sees it. */
export interface SessionRequest<Args> {
  /** The full label of the client, as the parent vouches for it. Policies match it. */
  readonly label: string;
  /** The session arguments, checked against the interface's schema, defaults filled in. */
  readonly args: Args;
  /** What the client donated, less the channel's cost, and what it has added since. */
  readonly quota: { ram: number; caps: number };
  /** The session's server end; packet streams and signals need it. */
  readonly session: RpcServer;
  /** Makes a dataspace out of the client's donation; mapped writable here, freed with the session. */
  alloc(bytes: number): Promise<Dataspace>;
  /** Frees what `alloc` made, before the session ends: the donation has its bytes again. */
  free(dataspace: Dataspace): void;
}

/**
 * Makes the handlers of one session. It refuses by throwing a SessionError: `Denied`, `InsufficientRam`,
 * `InsufficientCaps`. What it returns may have a `close` method, which runs when the session ends.
 */
export type SessionFactory<Handlers, Args> = (request: SessionRequest<Args>) => Handlers | Promise<Handlers>;

/** A service with the factory of its sessions. */
export interface Service {
  readonly interface: Interface<unknown, unknown, object>;
  readonly factory: SessionFactory<unknown, object>;
}

export function service<Client, Handlers, Args extends object>(
  served: Interface<Client, Handlers, Args>,
  factory: SessionFactory<Handlers, Args>,
): Service {
  return { interface: served as unknown as Service["interface"], factory: factory as unknown as Service["factory"] };
}

/** A create request, as it comes from whoever routes. */
export interface CreateRequest {
  readonly label: string;
  /** Session arguments as JSON text. */
  readonly args: string;
  readonly quota: { ram: number; caps: number };
  readonly channel: Capability;
  readonly alloc: (bytes: number) => Promise<Dataspace>;
  /** Gives back what was paid for a dataspace of `alloc` that is closed. */
  readonly free?: (dataspace: Dataspace) => void;
  /** Ends the session when it fires, also while the factory is at work. */
  readonly signal?: AbortSignal;
}

/** Opens a session of a service on its server end. A refusal closes the channel and is thrown. */
export async function acceptSession(
  { interface: served, factory }: Service,
  request: CreateRequest,
): Promise<RpcServer> {
  const session = new RpcServer(request.channel, request.label);
  const dataspaces = new Set<Dataspace>();
  let handlers: { close?: () => void } | undefined;
  session.onClosed(() => {
    handlers?.close?.();
    // After the handlers: nothing of theirs uses the memory any more.
    for (const dataspace of dataspaces) dataspace.close({ discard: true });
  });
  request.signal?.addEventListener("abort", () => session.close());
  try {
    const args = parseArgs(served, request.args);
    if (request.quota.ram + sessionCost.ram < served.ramQuota)
      throw new SessionError("InsufficientRam", `${served.name} needs ${served.ramQuota} bytes of RAM`);
    if (request.quota.caps + sessionCost.caps < served.capQuota)
      throw new SessionError("InsufficientCaps", `${served.name} needs ${served.capQuota} capabilities`);
    const alloc = async (bytes: number): Promise<Dataspace> => {
      const dataspace = await request.alloc(bytes);
      if (!session.open) {
        dataspace.close();
        throw new SessionError("Disconnected", `Cannot allocate for "${request.label}": its session has ended`);
      }
      dataspaces.add(dataspace);
      return dataspace;
    };
    const free = (dataspace: Dataspace): void => {
      if (!dataspaces.delete(dataspace)) return;
      dataspace.close({ discard: true });
      request.free?.(dataspace);
    };
    handlers = (await factory({ label: request.label, args, quota: request.quota, session, alloc, free })) as {
      close?: () => void;
    };
    // The client may have gone while the factory worked: then nobody else will close what it made.
    if (!session.open) handlers.close?.();
    session.serve(served, handlers);
    return session;
  } catch (error) {
    session.close();
    throw error;
  }
}

/** A session that is served, or whose factory is at work. */
interface Served {
  readonly quota: { ram: number; caps: number };
  readonly end: AbortController;
}

/** What becomes of a parent's session requests. None waits for the end of the one before it. */
export interface SessionRequestHandlers {
  create(request: ParentSessionRequest): void;
  upgrade(request: ParentSessionRequest): void;
  close(serverId: number): void;
}

/** Hands over the parent's session requests, in order, until the parent is gone, and with it everything else. */
export async function serveSessionRequests(
  parent: Pick<ParentClient, "nextRequest">,
  handlers: SessionRequestHandlers,
): Promise<void> {
  for (;;) {
    let request: ParentSessionRequest;
    try {
      request = await parent.nextRequest();
    } catch {
      return;
    }
    if (request.kind === ParentRequestKind.create) handlers.create(request);
    else if (request.kind === ParentRequestKind.upgrade) handlers.upgrade(request);
    else handlers.close(request.serverId);
  }
}

/**
 * The server half of a component's env: one loop over the parent's session requests. Requests are taken up in the order
 * in which the parent made them; a factory that takes its time holds up its own session and no other.
 */
export class SessionRequests {
  readonly #env: Env;
  readonly #services = new Map<string, Service>();
  readonly #sessions = new Map<number, Served>();
  #running = false;

  constructor(env: Env) {
    this.#env = env;
  }

  async announce<Client, Handlers, Args extends object>(
    served: Interface<Client, Handlers, Args>,
    factory: SessionFactory<Handlers, Args>,
  ): Promise<void> {
    this.#services.set(served.name, service(served, factory));
    if (!this.#running) {
      this.#running = true;
      void serveSessionRequests(this.#env.parent, {
        create: (request) => void this.#create(request),
        upgrade: (request) => this.#upgrade(request),
        close: (serverId) => this.#close(serverId),
      });
    }
    await this.#env.parent.announce(served.name);
  }

  #respond(serverId: number, outcome: ParentOutcome, reason = ""): void {
    // A parent that does not take the answer is gone, or has forgotten the session.
    this.#env.parent.sessionResponse(serverId, outcome, shortened(reason)).catch(() => {});
  }

  async #create({ serverId, service: name, label, args, ram, caps, channel }: ParentSessionRequest): Promise<void> {
    const announced = this.#services.get(name);
    if (announced === undefined || channel === undefined)
      return this.#respond(serverId, ParentOutcome.denied, `No service "${name}" here`);
    const quota = { ram, caps };
    const served: Served = { quota, end: new AbortController() };
    this.#sessions.set(serverId, served);
    const allocations = new Map<Dataspace, number>();
    const alloc = async (bytes: number): Promise<Dataspace> => {
      const { dataspace, id } = await this.#env.parent.alloc(bytes, serverId);
      const mapped = Dataspace.of(dataspace, { writable: true });
      allocations.set(mapped, id);
      return mapped;
    };
    const free = (dataspace: Dataspace): void => {
      const id = allocations.get(dataspace);
      allocations.delete(dataspace);
      if (id !== undefined) this.#env.parent.free(id).catch(() => {});
    };
    try {
      const { signal } = served.end;
      const session = await acceptSession(announced, { label, args, quota, channel, alloc, free, signal });
      session.onClosed(() => {
        if (this.#sessions.delete(serverId)) this.#respond(serverId, ParentOutcome.closed);
      });
      if (session.open) this.#respond(serverId, ParentOutcome.ok);
    } catch (error) {
      this.#sessions.delete(serverId);
      this.#respond(
        serverId,
        served.end.signal.aborted ? ParentOutcome.closed : refusalOutcome(error),
        errorMessage(error),
      );
    }
  }

  #upgrade({ serverId, ram, caps }: ParentSessionRequest): void {
    const served = this.#sessions.get(serverId);
    if (served === undefined) return;
    served.quota.ram += ram;
    served.quota.caps += caps;
    this.#respond(serverId, ParentOutcome.ok);
  }

  #close(serverId: number): void {
    const served = this.#sessions.get(serverId);
    if (served === undefined) return this.#respond(serverId, ParentOutcome.closed);
    served.end.abort(); // the session's onClosed answers, or its factory when it is done
  }
}

/**
 * How a refusal is said on the wire. The server's own lack of room for the session is the client's to fill. One whose own
 * server died meanwhile has refused nothing: the parent may ask again.
 */
export function refusalOutcome(error: unknown): ParentOutcome {
  const code = error instanceof SessionError ? error.code : "";
  if (code === "Disconnected" || code === "Aborted") return ParentOutcome.closed;
  if (code === "InsufficientRam" || code === "OutOfRam") return ParentOutcome.insufficient_ram;
  if (code === "InsufficientCaps" || code === "OutOfCaps") return ParentOutcome.insufficient_caps;
  return ParentOutcome.denied;
}

/** The most bytes of a reason that the parent interface carries. */
const reasonBytes = 200;

/** The reason, cut to what the parent interface carries. */
export function shortened(reason: string): string {
  if (Buffer.byteLength(reason) <= reasonBytes) return reason;
  return `${prefixWithin(reason, reasonBytes - Buffer.byteLength("…"))}…`;
}

function parseArgs(served: Service["interface"], text: string): object {
  const problems: Problem[] = [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SessionError("Denied", `Cannot open a ${served.name} session: its arguments are not JSON`);
  }
  const args = served.args.parse(value, [], problems);
  const first = problems[0];
  if (first !== undefined)
    throw new SessionError("Denied", `Argument ${first.path.join(".") || "list"} of ${served.name}: ${first.message}`);
  return args;
}
