/** The sessions of init's children: routed, paid, opened at their servers, upgraded, ended. */
import { Dataspace } from "../../base/dataspace.js";
import { type DenialStep, denied } from "../../base/denial.js";
import { SessionError } from "../../base/errors.js";
import type { Call } from "../../base/interface.js";
import { labelProblem, prefixed } from "../../base/label.js";
import type { Capability } from "../../base/message.js";
import { ParentOutcome, ParentRequestKind } from "../../base/parent/parent.generated.js";
import type { Child } from "./child.js";
import type { Init } from "./init.js";
import { Opening } from "./opening.js";
import { resolve } from "./routing.js";
import { type SessionOrder, SessionState } from "./session-state.js";

/** How long a server may take to confirm the end of a session, in milliseconds. */
const closeTimeout = 2000;

/** How often a session that ended before it was open is asked for. */
const mostAttempts = 5;

/** A session as its client gets it. */
export interface GrantedSession {
  readonly id: number;
  readonly channel: Capability;
}

/** The part of this init in a denial. */
interface Refused extends Pick<DenialStep, "stage" | "component" | "reason"> {
  readonly rule: string | undefined;
}

export class Sessions {
  readonly #init: Init;
  readonly #byId = new Map<number, SessionState>();
  readonly #byServerId = new Map<number, SessionState>();

  readonly #opening: Opening;

  constructor(init: Init) {
    this.#init = init;
    this.#opening = new Opening(init);
  }

  /** All sessions that are not closed, oldest first. */
  values(): IterableIterator<SessionState> {
    return this.#byId.values();
  }

  /** The session of this number, if it is this child's. */
  ofClient(name: string, id: number): SessionState | undefined {
    const session = this.#byId.get(id);
    return session?.client === name ? session : undefined;
  }

  /** A session that the instance serves, by the number under which it knows it. */
  served(child: Child, serverId: number): SessionState | undefined {
    const session = this.#byServerId.get(serverId);
    return session?.server === child.name && this.serverOf(session) === child ? session : undefined;
  }

  // What clients ask for

  /** Opens a session for a child. Resolves when the server has it, which may take until the server has started. */
  request(
    child: Child,
    service: string,
    label: string,
    args: string,
    ram: number,
    caps: number,
    call: Call,
  ): Promise<GrantedSession> {
    assertLabel(label);
    const resolution = resolve(this.#init.model, child.name, service, label);
    if (resolution.kind === "denied") {
      child.noteDenied({ service, label }, false);
      this.#init.options.log(`Denied: "${prefixed(child.name, label)}" asked for ${service}: ${resolution.reason}`);
      throw this.#denied(service, prefixed(child.name, label), [this.#step(resolution)]);
    }
    const { provider, label: shown } = resolution;
    assertLabel(shown);
    return new Promise((resolved, refused) => {
      const session: SessionState = this.open({
        client: child.name,
        service,
        label,
        args,
        ram,
        caps,
        route: { provider, label: shown },
        rule: resolution.rule,
        answer: { granted: (channel) => resolved({ id: session.id, channel: channel as Capability }), refused },
      });
      call.signal.addEventListener("abort", () => {
        if (session.answer !== undefined) this.clientGone(session);
      });
    });
  }

  /** Enters a session and sends it to its server. A refusal may come before this returns. */
  open(order: SessionOrder): SessionState {
    const session = new SessionState(order);
    this.#byId.set(session.id, session);
    this.#byServerId.set(session.serverId, session);
    if (this.#init.model.verbose) {
      this.#init.options.log(
        `${session.service} "${session.fullLabel}" goes to ${session.providerName} with the label "${session.route.label}"`,
      );
    }
    this.#opening.send(session);
    return session;
  }

  /** Donates more to a session. Resolves when the server knows. */
  async upgrade(child: Child, id: number, ram: number, caps: number): Promise<void> {
    const session = this.ofClient(child.name, id);
    if (session === undefined)
      throw new SessionError("NotFound", `Cannot upgrade session ${id}: "${child.name}" has none of that number`);
    await this.upgradeSession(session, ram, caps);
  }

  async upgradeSession(session: SessionState, ram: number, caps: number): Promise<void> {
    const { account, phase } = session;
    if (account === undefined || (phase !== "open" && phase !== "upgrading")) {
      throw new SessionError(
        "Unavailable",
        `Cannot upgrade the session ${session.service} of "${session.client ?? "the parent"}": it is not open (${phase})`,
      );
    }
    this.#init.ledger.upgrade(account, { ram, caps });
    session.ram += ram;
    session.caps += caps;
    this.#init.options.stateChanged();
    if (session.server === undefined) return session.outside?.upgrade(ram, caps);
    const server = this.serverOf(session) as Child;
    session.phase = "upgrading";
    const confirmed = new Promise<void>((resolved, failed) => session.upgrades.push({ confirmed: resolved, failed }));
    // A client that died with its session awaits nothing any more.
    confirmed.catch(() => {});
    server.request(session.message(ParentRequestKind.upgrade, ram, caps));
    return confirmed;
  }

  /** Ends a session of a child. Resolves when what was donated is back. */
  close(child: Child, id: number): Promise<void> {
    const session = this.ofClient(child.name, id);
    return session === undefined ? Promise.resolve() : this.end(session);
  }

  // What servers say

  announced(child: Child, service: string): void {
    const state = this.#init.children.get(child.name);
    if (state?.node.provides.includes(service) !== true) {
      this.#init.options.log(`"${child.name}" announces ${service}, which its "provides" does not list`);
    }
    for (const session of this.values()) {
      if (session.phase === "waiting" && session.service === service && session.server === child.name)
        this.#opening.send(session);
    }
    this.#init.options.stateChanged();
  }

  responded(child: Child, serverId: number, outcome: ParentOutcome, reason: string): void {
    const session = this.served(child, serverId);
    if (session === undefined) return;
    if (outcome === ParentOutcome.closed) {
      if (session.answer === undefined) this.ended(session);
      else this.#again(session, child);
    } else if (session.phase === "upgrading" && outcome === ParentOutcome.ok) {
      session.upgrades.shift()?.confirmed();
      if (session.upgrades.length === 0) session.phase = "open";
      this.#init.options.stateChanged();
    } else if (session.phase === "creating") {
      if (outcome === ParentOutcome.ok) this.#opening.granted(session);
      else if (outcome === ParentOutcome.denied) this.refuse(session, this.denial(session, "server", reason));
      else
        this.refuse(
          session,
          new SessionError(outcome === ParentOutcome.insufficient_ram ? "InsufficientRam" : "InsufficientCaps", reason),
        );
    }
  }

  // What follows from the fate of a component

  /** The instance is gone: its sessions end, and those that it served wait for the next instance or end too. */
  instanceGone(child: Child, reason: string): void {
    for (const session of [...this.values()]) {
      if (session.client === child.name) this.clientGone(session);
      else if (session.server === child.name && session.phase !== "waiting") this.#serverGone(session, child, reason);
    }
  }

  clientGone(session: SessionState): void {
    const { answer } = session;
    session.answer = undefined;
    void this.end(session);
    answer?.refused(new SessionError("Aborted", `Session ${session.service} was not waited for any more`));
  }

  #serverGone(session: SessionState, server: Child, reason: string): void {
    const { answer } = session;
    // Nobody has seen the session yet: the next instance serves it, on another channel. That of a forwarded session
    // is its client's parent's to make.
    if (answer !== undefined && !this.#init.ending && session.payer === 0) return this.#wait(session, server);
    session.answer = undefined;
    this.ended(session, server);
    answer?.refused(new SessionError("Disconnected", `"${session.providerName}" ${reason}`));
  }

  /**
   * A server lost what it was to serve the session with: as a parent the component, or its own server. It may find it anew.
   * Of a forwarded session, whose channel went, that is the client's parent's to ask for.
   */
  #again(session: SessionState, server: Child): void {
    if (session.payer !== 0)
      return this.refuse(session, new SessionError("Disconnected", `"${server.name}" ended it before it was open`));
    session.attempts += 1;
    if (session.attempts > mostAttempts)
      return this.refuse(
        session,
        this.denial(session, "server", `"${server.name}" ended it again and again before it was open`),
      );
    this.#wait(session, server);
    this.#opening.send(session);
  }

  #wait(session: SessionState, server: Child): void {
    this.#release(session, server);
    session.phase = "waiting";
  }

  /** The server offers the service no more. */
  closeProvided(name: string, service: string, reason: string): void {
    for (const session of [...this.values()]) {
      if (session.service === service && session.server === name) this.revoke(session.id, reason);
    }
  }

  /** Ends a session that the routes do not permit any more. */
  revoke(id: number, reason: string): void {
    const session = this.#byId.get(id);
    if (session === undefined) return;
    if (session.answer !== undefined) this.refuse(session, this.denial(session, "route", reason));
    else void this.end(session);
  }

  /** Refuses the requests that wait for a server that will not come. */
  refuseWaiting(name: string, reason: string): void {
    for (const session of [...this.values()]) {
      if (session.phase === "waiting" && session.server === name)
        this.refuse(session, this.denial(session, "server", `"${name}": ${reason}`));
    }
  }

  /** Sends waiting requests by the routes of a new model. */
  reroute(): void {
    for (const session of [...this.values()]) {
      if (session.phase !== "waiting" || session.client === undefined) continue;
      const resolution = resolve(this.#init.model, session.client, session.service, session.label);
      if (resolution.kind === "denied") {
        this.#init.children.get(session.client)?.instance?.noteDenied(session, false);
        this.refuse(session, this.#denied(session.service, session.fullLabel, [this.#step(resolution)]));
      } else {
        session.route = { provider: resolution.provider, label: resolution.label };
        session.rule = resolution.rule;
        this.#opening.send(session);
      }
    }
  }

  /** Asks the server to end a session. Resolves when what was donated is back. */
  end(session: SessionState): Promise<void> {
    if (session.phase === "closed" || session.phase === "closing") return session.ended;
    const server = this.serverOf(session);
    if (session.phase === "waiting" || server === undefined) {
      session.outside?.close();
      this.ended(session);
    } else {
      session.phase = "closing";
      this.#dropEnds(session);
      server.request(session.message(ParentRequestKind.close, 0, 0));
      // A server that does not confirm does not keep the client's donation.
      session.closeTimer = setTimeout(() => this.ended(session), closeTimeout);
      this.#init.options.stateChanged();
    }
    return session.ended;
  }

  refuse(session: SessionState, error: Error): void {
    const { answer } = session;
    session.answer = undefined;
    this.ended(session);
    if (error instanceof SessionError && error.code === "Denied") this.#init.options.log(error.message);
    answer?.refused(error);
  }

  /** A refusal by whoever serves the session, or is to serve it. */
  denial(session: SessionState, stage: DenialStep["stage"], reason: string): SessionError {
    const step = this.#step({ stage, rule: session.rule, component: session.providerName, reason });
    return this.#denied(session.service, session.fullLabel, [step]);
  }

  /** A refusal by a parent above, to which the routes here lead. */
  denialAbove(session: SessionState, above: readonly DenialStep[]): SessionError {
    const component = session.client ?? session.label;
    const reason = `goes to the parent with the label "${session.route.label}"`;
    const step = this.#step({ stage: "route", rule: session.rule, component, reason });
    return this.#denied(session.service, session.fullLabel, [step, ...above]);
  }

  #step({ stage, rule, component, reason }: Refused): DenialStep {
    return { init: this.#init.options.label, stage, rule: rule ?? null, component, reason };
  }

  #denied(service: string, label: string, steps: readonly DenialStep[]): SessionError {
    const { init, reason } = steps.at(-1) as DenialStep;
    const by = steps.length === 1 ? "" : init === "" ? " by the root" : ` by init "${init}"`;
    return denied(`Session ${service} "${label}" denied${by}: ${reason}`, steps);
  }

  /** The running instance that serves it; undefined when none runs, and for a session of the parent's. */
  serverOf(session: SessionState): Child | undefined {
    return session.server === undefined ? undefined : this.#init.children.get(session.server)?.instance;
  }

  /** Nothing of the session is left, neither here nor, as far as anybody knows, at the server. */
  ended(session: SessionState, server = this.serverOf(session)): void {
    if (session.phase === "closed") return;
    this.#release(session, server);
    session.phase = "closed";
    this.#byId.delete(session.id);
    this.#byServerId.delete(session.serverId);
    session.end();
    this.#init.options.stateChanged();
  }

  #release(session: SessionState, server: Child | undefined): void {
    clearTimeout(session.closeTimer);
    session.withdraw?.();
    session.withdraw = undefined;
    this.#dropEnds(session);
    if (session.account !== undefined) this.#init.quotas.close(session.account, server);
    session.account = undefined;
    session.freeChannel?.();
    session.freeChannel = undefined;
    session.outside = undefined;
    const lost = session.upgrades.splice(0);
    for (const { failed } of lost)
      failed(new SessionError("Unavailable", `Session ${session.service} ended before it was upgraded`));
    this.#init.quotas.settle();
  }

  #dropEnds(session: SessionState): void {
    if (session.clientEnd !== undefined) Dataspace.closeDescriptors(session.clientEnd);
    if (session.serverEnd !== undefined) Dataspace.closeDescriptors(session.serverEnd);
    session.clientEnd = undefined;
    session.serverEnd = undefined;
  }
}

/** A label is shown in logs and state reports, and compared in policies: it must be what it seems. */
function assertLabel(label: string): void {
  const problem = labelProblem(label);
  if (problem !== undefined)
    throw new SessionError("InvalidArgument", `Cannot use ${JSON.stringify(label)} as a label: ${problem}`);
}
