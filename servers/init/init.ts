/**
 * The parent of a set of components: starts them, routes their sessions, keeps their quota, restarts them, and follows
 * changes of its system file. The root runs one; a component named in a system file may run another.
 */
import { isDeepStrictEqual } from "node:util";
import { errorMessage, SessionError } from "../../base/errors.js";
import { type Amount, Ledger } from "../../base/quota.js";
import { ChildState } from "./child-state.js";
import type { StartNode, SystemModel } from "./config.js";
import type { Core } from "./core.js";
import { type Action, difference, type LiveChild, type LiveSystem } from "./difference.js";
import { Heartbeat } from "./heartbeat.js";
import { Lifecycle } from "./lifecycle.js";
import type { ParentSide } from "./parent-side.js";
import { Quotas } from "./quotas.js";
import { Sessions } from "./sessions.js";

export interface InitOptions {
  /** Label of this init, before its children's names; "" for the root. */
  readonly label: string;
  readonly core: Core;
  readonly parentSide: ParentSide;
  /** What may be given away in all. */
  readonly quota: Amount;
  /** Something in the state changed; called often. */
  readonly stateChanged: () => void;
  /** Init's own words, a line each. */
  readonly log: (text: string) => void;
  /** The components lack so much more of their quota than before: init itself has too little. */
  readonly lacking?: (amount: Amount) => void;
  /** A line that a component printed. */
  readonly output: (label: string, text: string) => void;
  /** A child with `exit: { propagate: true }` ended. */
  readonly exit: (value: number) => void;
}

export class Init {
  readonly options: InitOptions;
  readonly ledger: Ledger;
  readonly children = new Map<string, ChildState>();
  readonly sessions: Sessions;
  readonly quotas: Quotas;
  readonly lifecycle: Lifecycle;
  readonly #heartbeat: Heartbeat;
  #model: SystemModel;
  #ending = false;
  /** Changes of the model are applied one after another. */
  #applying: Promise<void> = Promise.resolve();

  constructor(model: SystemModel, options: InitOptions) {
    this.options = options;
    this.ledger = new Ledger(options.quota);
    this.sessions = new Sessions(this);
    this.quotas = new Quotas(this);
    this.lifecycle = new Lifecycle(this);
    this.#heartbeat = new Heartbeat(this);
    this.#model = { ...model, start: new Map() };
    this.quotas.preserve(model);
    void this.apply(model);
  }

  /** The system that runs, or that the running one is becoming. */
  get model(): SystemModel {
    return this.#model;
  }

  /** Nothing starts any more. */
  get ending(): boolean {
    return this.#ending;
  }

  /** Resolves when the newest model has been applied: every component of it was started, or could not be. */
  get applied(): Promise<void> {
    return this.#applying.then(() => this.lifecycle.settled());
  }

  /** Brings the running system to a new model, with the least possible restarts. Does not wait for components that start. */
  apply(model: SystemModel): Promise<void> {
    this.#applying = this.#applying
      .then(() => this.#apply(model))
      .catch((error: unknown) => this.options.log(`Cannot apply the system file: ${errorMessage(error)}`));
    return this.#applying;
  }

  /** Restarts a child by hand; it forgets earlier crashes. */
  async restart(name: string): Promise<void> {
    await this.lifecycle.restart(this.lifecycle.known(name), "restarted by hand");
    await this.lifecycle.settled();
  }

  /** Kills the child's process; what then happens is its restart policy's decision. */
  kill(name: string): void {
    const child = this.lifecycle.known(name).instance;
    if (child === undefined) throw new SessionError("Unavailable", `Cannot kill "${name}": it is not running`);
    child.kill();
  }

  /** Ends everything; resolves when no process of ours is left. */
  async end(): Promise<void> {
    this.#ending = true;
    this.#heartbeat.stop();
    const stopAll = (): Promise<unknown> =>
      Promise.all([...this.children.values()].map((state) => this.lifecycle.stop(state, "the system ends")));
    await stopAll();
    // What was just starting has started meanwhile, or never will.
    await this.applied;
    await stopAll();
  }

  async #apply(model: SystemModel): Promise<void> {
    if (this.#ending) return;
    const before = this.#model;
    // Connections open their sessions anew when a server restarts, so a restart spreads to no client.
    const actions = difference(before, model, this.#live(), { restartClients: () => false });
    this.#model = model;
    if (!isDeepStrictEqual(before.resources, model.resources)) this.quotas.preserve(model);
    for (const action of actions) {
      if (this.#ending) return;
      await this.#perform(action);
    }
    for (const state of this.children.values()) {
      const node = model.start.get(state.name);
      if (node !== undefined) state.node = node;
    }
    this.#heartbeat.configure(model);
    this.sessions.reroute();
    this.lifecycle.routesChanged(false);
    this.quotas.tellLack();
    this.quotas.settle();
    this.options.stateChanged();
  }

  #live(): LiveSystem {
    const live = [...this.sessions.values()].filter(({ phase }) => phase !== "closing");
    const children = new Map<string, LiveChild>();
    for (const state of this.children.values()) {
      const sessions = live.filter((session) => session.client === state.name && session.phase !== "waiting");
      children.set(state.name, {
        name: state.name,
        state: liveState(state),
        binary: state.binary,
        sessions: sessions.map(({ service, label, route }) => ({ service, label, route })),
        missing: state.missing,
      });
    }
    const forwarded = live.filter(({ client }) => client === undefined);
    return { children, forwarded: forwarded.map(({ id, service, label, route }) => ({ id, service, label, route })) };
  }

  async #perform(action: Action): Promise<void> {
    switch (action.kind) {
      case "create": {
        const state = new ChildState(this.#node(action.child));
        this.children.set(state.name, state);
        void this.lifecycle.start(state);
        break;
      }
      case "destroy":
        await this.#destroy(action.child);
        break;
      case "stick": {
        const state = this.children.get(action.child) ?? new ChildState(this.#node(action.child));
        this.children.set(action.child, state);
        await this.lifecycle.stick(state, action.missing, action.reason);
        break;
      }
      case "restart": {
        const state = this.lifecycle.known(action.child);
        this.options.log(`Restarting "${action.child}": ${action.reason}`);
        state.node = this.#node(action.child);
        await this.lifecycle.restart(state, action.reason);
        break;
      }
      case "quota": {
        const state = this.lifecycle.known(action.child);
        state.node = this.#node(action.child);
        this.quotas.adjust(state);
        break;
      }
      case "config":
        this.lifecycle.known(action.child).config.publish(this.#node(action.child).config);
        break;
      case "provides":
        for (const service of action.removed) {
          this.sessions.closeProvided(action.child, service, `"${action.child}" does not provide it any more`);
        }
        break;
      case "close-forwarded":
        this.sessions.revoke(action.session, action.reason);
        break;
      case "settings":
      case "system":
        break;
    }
  }

  #node(name: string): StartNode {
    return this.#model.start.get(name) as StartNode;
  }

  async #destroy(name: string): Promise<void> {
    const state = this.children.get(name);
    if (state === undefined) return;
    await this.lifecycle.stop(state, "was removed from the system file");
    // Requests that wait for it are sent elsewhere, or refused, once the model is applied.
    this.children.delete(name);
  }
}

function liveState({ phase }: ChildState): LiveChild["state"] {
  if (phase === "incomplete" || phase === "exited" || phase === "disabled") return phase;
  return phase === "crash-loop" ? "given-up" : "alive";
}
