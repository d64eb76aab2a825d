/** The services of children that a nested init offers to its own parent: its sessions are those of the children. */
import type { Env } from "../../base/env.js";
import { errorMessage } from "../../base/errors.js";
import type { Capability } from "../../base/message.js";
import { ParentOutcome, type ParentSessionRequest } from "../../base/parent/parent.generated.js";
import { refusalOutcome, serveSessionRequests, shortened } from "../../base/server.js";
import type { Init } from "./init.js";
import { resolveExport } from "./routing.js";
import type { SessionState } from "./session-state.js";

export class Forwarding {
  readonly #env: Env;
  readonly #init: Init;
  readonly #announced = new Set<string>();
  /** By the parent's number. */
  readonly #sessions = new Map<number, SessionState>();

  constructor(env: Env, init: Init) {
    this.#env = env;
    this.#init = init;
  }

  /** Announces what the newest model offers. */
  async announce(): Promise<void> {
    const first = this.#announced.size === 0;
    const services = [...this.#init.model.services.keys()].filter((service) => !this.#announced.has(service));
    for (const service of services) this.#announced.add(service);
    if (first && services.length > 0)
      void serveSessionRequests(this.#env.parent, {
        create: (request) => this.#create(request),
        upgrade: (request) => void this.#upgrade(request),
        close: (serverId) => this.#close(serverId),
      });
    for (const service of services) await this.#env.parent.announce(service);
  }

  #respond(id: number, outcome: ParentOutcome, reason = ""): void {
    // A parent that does not take the answer has forgotten the session.
    this.#env.parent.sessionResponse(id, outcome, shortened(reason)).catch(() => {});
  }

  #create({ serverId: id, service, label, args, ram, caps, channel }: ParentSessionRequest): void {
    const resolution = resolveExport(this.#init.model, service, label);
    if (resolution.kind === "denied") {
      this.#init.options.log(`Denied: "${label}" asked for ${service}: ${resolution.reason}`);
      return this.#respond(id, ParentOutcome.denied, resolution.reason);
    }
    const { provider, label: shown } = resolution;
    let granted = false;
    const session = this.#init.sessions.open({
      client: undefined,
      service,
      label,
      args,
      ram,
      caps,
      route: { provider, label: shown },
      forwarded: { id, serverEnd: channel as Capability },
      answer: {
        granted: () => {
          granted = true;
          this.#respond(id, ParentOutcome.ok);
        },
        refused: (error) => this.#respond(id, refusalOutcome(error), errorMessage(error)),
      },
    });
    this.#sessions.set(id, session);
    void session.ended.then(() => {
      this.#sessions.delete(id);
      if (granted) this.#respond(id, ParentOutcome.closed);
    });
  }

  async #upgrade({ serverId: id, ram, caps }: ParentSessionRequest): Promise<void> {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    try {
      await this.#init.sessions.upgradeSession(session, ram, caps);
      this.#respond(id, ParentOutcome.ok);
    } catch {
      // It ended meanwhile, which the parent learns as such.
    }
  }

  #close(id: number): void {
    const session = this.#sessions.get(id);
    if (session === undefined) this.#respond(id, ParentOutcome.closed);
    else this.#init.sessions.clientGone(session);
  }
}
