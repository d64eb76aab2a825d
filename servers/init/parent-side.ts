/**
 * The services that init routes to its own parent: for the root those that the root process serves itself, for a
 * nested init those of the parent above; and, at every level, the `config` ROM of each child.
 */
import { Dataspace } from "../../base/dataspace.js";
import { requestSession } from "../../base/denial.js";
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import type { Capability } from "../../base/message.js";
import type { Amount } from "../../base/quota.js";
import { acceptSession, type Service } from "../../base/server.js";
import { sessionCost } from "../../base/session-cost.js";
import { romService } from "../../sessions/rom/rom-server.js";
import type { Code } from "./code.js";
import type { Init } from "./init.js";
import type { SessionState } from "./session-state.js";

export interface OutsideRequest {
  readonly init: Init;
  readonly session: SessionState;
  /** As the server sees it. */
  readonly label: string;
  /** The donation. */
  readonly quota: { ram: number; caps: number };
  /** Fires when nobody waits for the session any more. */
  readonly signal: AbortSignal;
  /** Charges the client's donation. */
  readonly charge: (amount: Amount) => void;
}

export interface OutsideSession {
  /** The client's end. */
  readonly channel: Capability;
  /** What the parent above calls it; absent for a service of this process. */
  readonly id?: number;
  close(): void;
  upgrade(ram: number, caps: number): Promise<void>;
  onClosed(handler: () => void): void;
}

export interface ParentSide {
  open(request: OutsideRequest): Promise<OutsideSession>;
  /** The code behind a ROM session with this label, without the session; absent where code comes through sessions only. */
  code?(label: string): Promise<Code>;
}

/** Opens a session of a service in this very process. */
async function openHere(
  service: Service,
  { init, session, label, quota, charge }: OutsideRequest,
): Promise<OutsideSession> {
  const { core } = init.options;
  const left = { ram: quota.ram - sessionCost.ram, caps: quota.caps - sessionCost.caps };
  if (left.ram < 0)
    throw new SessionError("InsufficientRam", `A session costs ${sessionCost.ram} bytes for its channel`);
  if (left.caps < 0)
    throw new SessionError("InsufficientCaps", `A session costs ${sessionCost.caps} capabilities for its channel`);
  charge(sessionCost);
  const { client, server, free } = await core.channel();
  const frees = [free];
  const alloc = async (bytes: number): Promise<Dataspace> => {
    charge({ ram: bytes, caps: 1 });
    const made = await core.dataspace(label, bytes);
    frees.push(made.free);
    return Dataspace.of(made.dataspace, { writable: true });
  };
  try {
    const accepted = await acceptSession(service, { label, args: session.args, quota: left, channel: server, alloc });
    accepted.onClosed(() => {
      for (const one of frees) one();
    });
    return {
      channel: client,
      close: () => accepted.close(),
      upgrade: async (ram, caps) => {
        left.ram += ram;
        left.caps += caps;
      },
      onClosed: (handler) => accepted.onClosed(handler),
    };
  } catch (error) {
    Dataspace.closeDescriptors(client);
    for (const one of frees) one();
    throw error;
  }
}

/** Serves what init serves itself; everything else is `other`'s. */
export class LocalSide implements ParentSide {
  readonly #other: ParentSide;
  readonly code?: NonNullable<ParentSide["code"]>;

  constructor(other: ParentSide) {
    this.#other = other;
    if (other.code !== undefined) this.code = other.code.bind(other);
  }

  open(request: OutsideRequest): Promise<OutsideSession> {
    if (request.session.route.provider.kind !== "local") return this.#other.open(request);
    const client = request.session.client;
    const state = client === undefined ? undefined : request.init.children.get(client);
    if (state === undefined)
      throw new SessionError("Denied", `Init itself serves only its children, not "${request.session.label}"`);
    return openHere(
      romService(() => state.config),
      request,
    );
  }
}

/** Services of the root process. */
export class ServicesSide implements ParentSide {
  readonly #services = new Map<string, Service>();
  readonly code: NonNullable<ParentSide["code"]>;

  constructor(services: readonly Service[], code: NonNullable<ParentSide["code"]>) {
    this.code = code;
    for (const service of services) this.#services.set(service.interface.name, service);
  }

  get names(): string[] {
    return [...this.#services.keys()];
  }

  open(request: OutsideRequest): Promise<OutsideSession> {
    const service = this.#services.get(request.session.service);
    if (service === undefined)
      throw new SessionError(
        "Denied",
        `The root has no service "${request.session.service}": it has ${this.names.join(", ")}`,
      );
    return openHere(service, request);
  }
}

/** The parent above a nested init. */
export class EnvSide implements ParentSide {
  readonly #env: Env;

  constructor(env: Env) {
    this.#env = env;
  }

  async open({ session, label, quota, signal }: OutsideRequest): Promise<OutsideSession> {
    const { parent } = this.#env;
    const { id, channel } = await requestSession(parent, session.service, label, session.args, quota, { signal });
    return {
      channel,
      id,
      close: () => void parent.close(id).catch(() => {}),
      upgrade: (ram, caps) => parent.upgrade(id, ram, caps),
      // The client has the only end and sees for itself when it closes.
      onClosed: () => {},
    };
  }
}
