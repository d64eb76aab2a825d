/** How init's children start, end and start again. */
import { Dataspace } from "../../base/dataspace.js";
import { errorMessage, SessionError } from "../../base/errors.js";
import type { Capability } from "../../base/message.js";
import { suggestion } from "../../base/nearest.js";
import type { Account } from "../../base/quota.js";
import { sessionCost } from "../../base/session-cost.js";
import { Child } from "./child.js";
import type { ChildState } from "./child-state.js";
import { type Code, fetchCode } from "./code.js";
import type { Process, ProcessExit } from "./core.js";
import { binaryRequest, type Request } from "./difference.js";
import type { Init } from "./init.js";
import { launch } from "./launch.js";
import { type Route, resolve } from "./routing.js";

export class Lifecycle {
  readonly #init: Init;
  /** Starts that are under way. One whose component was stopped meanwhile ends its process itself. */
  readonly #starting = new Set<Promise<void>>();
  #nextId = 1;

  constructor(init: Init) {
    this.#init = init;
  }

  /** Resolves when everything that is starting has started, or could not be. */
  async settled(): Promise<void> {
    while (this.#starting.size > 0) await Promise.all(this.#starting);
  }

  /** Starts a component that does not run. Its quota is taken before this returns; the rest takes its time. */
  start(state: ChildState): Promise<void> {
    const starting = this.#start(state).finally(() => this.#starting.delete(starting));
    this.#starting.add(starting);
    return starting;
  }

  async #start(state: ChildState): Promise<void> {
    if (this.#init.ending) return;
    const { node } = state;
    if (node.enabled !== true) {
      state.phase = "disabled";
      state.end = undefined;
      state.missing = [];
      return this.#init.options.stateChanged();
    }
    const binary = resolve(this.#init.model, node.name, "ROM", node.name);
    if (binary.kind === "denied") return this.#incomplete(state, [binaryRequest(node.name)], binary.reason);
    state.phase = "starting";
    state.end = undefined;
    state.missing = [];
    state.binary = { provider: binary.provider, label: binary.label };
    state.config.publish(node.config);
    const { stops } = state;
    let account: Account | undefined;
    let child: Child | undefined;
    try {
      account = this.#init.quotas.account(state);
      this.#init.ledger.use(account, sessionCost);
      const made = await this.#instance(state, account);
      child = made.child;
      const process = await this.#launch(state, child, made.client, binary);
      if (state.stops !== stops) {
        // It was stopped while it started, and the start that replaces it may be under way.
        process.kill();
        await process.exited;
        return;
      }
      child.process = process;
      state.phase = "alive";
      void process.exited.then((exit) => this.#exited(state, child as Child, exit));
      void process.dying?.then(() => this.#dying(state, child as Child));
      this.#init.options.stateChanged();
    } catch (error) {
      if (child === undefined && account?.open === true) this.#init.ledger.close(account);
      if (this.#init.ending || state.stops !== stops) return;
      this.#init.options.log(`Cannot start "${node.name}": ${errorMessage(error)}`);
      state.lastFault = errorMessage(error);
      state.instance = undefined;
      if (child !== undefined) this.#dismantle(child, "could not be started");
      const missing = child === undefined ? [] : this.#missing(child);
      if (missing.length > 0) this.#incomplete(state, missing, errorMessage(error));
      else this.#scheduleRestart(state);
      this.#init.options.stateChanged();
    }
  }

  async #instance(state: ChildState, account: Account): Promise<{ child: Child; client: Capability }> {
    // The number says in which order components were started, not whose channel was ready first.
    const id = this.#nextId++;
    const { stops } = state;
    const { client, server, free } = await this.#init.options.core.channel();
    if (state.stops !== stops) {
      Dataspace.closeDescriptors(client);
      Dataspace.closeDescriptors(server);
      free();
      throw new SessionError("Aborted", `"${state.name}" was stopped`);
    }
    const child = new Child(state.name, id, account, server, this.#init);
    child.allocated(account, sessionCost, free);
    state.instance = child;
    state.lastId = id;
    this.#init.quotas.tellLack();
    return { child, client };
  }

  async #launch({ node }: ChildState, child: Child, client: Capability, binary: Route): Promise<Process> {
    let code: Code;
    try {
      code = await fetchCode(this.#init, child, binary);
    } catch (error) {
      Dataspace.closeDescriptors(client);
      throw error;
    }
    return launch(this.#init, node, child, client, code);
  }

  /** Ends a component on purpose. Resolves when its process is gone and its quota is back. */
  async stop(state: ChildState, reason: string): Promise<void> {
    state.restarts.cancel();
    state.stops += 1;
    const child = state.instance;
    if (child === undefined) return;
    state.instance = undefined;
    child.kill();
    await child.process?.exited;
    this.#dismantle(child, reason);
  }

  async restart(state: ChildState, reason: string): Promise<void> {
    await this.stop(state, reason);
    state.restarts.reset();
    void this.start(state);
  }

  /** The component asked to end. */
  exit(child: Child, value: number): void {
    child.exitValue = value;
    child.kill();
  }

  /** It skipped more heartbeats than it may. */
  unresponsive(state: ChildState): void {
    this.#init.options.log(`"${state.name}" does not answer: restarting it`);
    if (state.instance !== undefined) state.instance.fault = "did not answer heartbeats";
    state.instance?.kill();
  }

  /** There is no route for what it needs: it stays down until there is one. */
  stick(state: ChildState, missing: ChildState["missing"], reason: string): Promise<void> {
    return this.stop(state, reason).then(() => this.#incomplete(state, missing, reason));
  }

  #incomplete(state: ChildState, missing: ChildState["missing"], reason: string): void {
    state.phase = "incomplete";
    state.missing = missing;
    this.#init.options.log(`"${state.name}" cannot run: ${reason}`);
    this.#init.options.stateChanged();
  }

  /**
   * A signal ends it. That is enough to know that it starts again, and its clients need not wait until the kernel has
   * taken it down; what it says of itself and how it ended comes with {@link #exited}.
   */
  #dying(state: ChildState, child: Child): void {
    const { exit, restart } = state.node;
    if (state.instance !== child || this.#init.ending || child.exitValue !== undefined) return;
    // One that is to wait first gains nothing.
    if (exit.propagate || restart.mode === "never" || state.restarts.wait(restart) !== 0) return;
    const how = child.fault ?? "was ended by a signal";
    state.instance = undefined;
    child.replaced = true;
    state.lastFault = how;
    // Whoever only claims to die does so now.
    child.kill();
    this.#dismantle(child, how);
    this.#scheduleRestart(state);
    this.#init.options.stateChanged();
  }

  #exited(state: ChildState, child: Child, exit: ProcessExit): void {
    if (state.instance !== child && !child.replaced) return; // stopped on purpose
    const value = child.exitValue ?? exit.value;
    const crashed = child.exitValue === undefined && exit.value !== 0;
    const how = child.fault ?? endText(child, exit, value);
    if (crashed) state.lastFault = `${how}${child.lastOutput.length > 0 ? `: ${child.lastOutput.join(" | ")}` : ""}`;
    this.#init.options.log(`"${state.name}" ${how}`);
    if (child.replaced) return this.#init.options.stateChanged();
    state.instance = undefined;
    state.end = value === undefined ? { signal: exit.signal ?? "SIGKILL" } : { value };
    this.#dismantle(child, how);
    // Only what ended by itself can have ended for want of a session.
    const missing = crashed && exit.signal === undefined ? this.#missing(child) : [];
    this.#afterExit(state, missing, crashed, how, value);
    this.#init.options.stateChanged();
  }

  /** What it asked for and there is no route for, here or above. */
  #missing(child: Child): Request[] {
    return child.denied
      .filter(
        ({ service, label, above }) => above || resolve(this.#init.model, child.name, service, label).kind === "denied",
      )
      .map(({ service, label }) => ({ service, label }));
  }

  /** What was denied may be granted now: by the routes of a parent above, or by those here. */
  routesChanged(above: boolean): void {
    for (const state of this.#init.children.values()) {
      const granted = (request: Request): boolean =>
        resolve(this.#init.model, state.name, request.service, request.label).kind !== "denied";
      const { instance } = state;
      if (above && state.phase === "incomplete" && state.missing.every(granted)) void this.start(state);
      else if (instance !== undefined) {
        const before = instance.denied.length;
        instance.denied = instance.denied.filter((one) => (one.above ? !above : !granted(one)));
        if (instance.denied.length < before) instance.raise("routesChanged");
      }
    }
  }

  #afterExit(
    state: ChildState,
    missing: readonly Request[],
    crashed: boolean,
    how: string,
    value: number | undefined,
  ): void {
    if (this.#init.ending) return;
    if (state.node.exit.propagate) return this.#init.options.exit(value ?? 1);
    const [first] = missing;
    // Starting it again would lead to the same denial, until the routes change.
    if (first !== undefined)
      return this.#incomplete(state, missing, `there is no route for its ${first.service} session "${first.label}"`);
    const { mode } = state.node.restart;
    if (mode === "always" || (mode === "on-crash" && (crashed || (value ?? 1) !== 0)))
      return this.#scheduleRestart(state);
    state.phase = "exited";
    this.#init.sessions.refuseWaiting(state.name, `it ${how}`);
  }

  #scheduleRestart(state: ChildState): void {
    const wait = state.restarts.next(state.node.restart);
    if (wait === undefined) {
      state.phase = "crash-loop";
      // By hand only the root's own components are restarted.
      const byHand = this.#init.options.label === "" ? ` or "bulkhead restart ${state.name}"` : "";
      this.#init.options.log(
        `"${state.name}" crashed more than ${state.node.restart.limit} times: given up until its part of the system file${byHand} says otherwise`,
      );
      this.#init.sessions.refuseWaiting(state.name, "it crashed again and again, and was given up");
      return;
    }
    state.phase = "waiting";
    state.restarts.schedule(wait, () => void this.start(state));
  }

  /** Everything that the instance held goes back. */
  #dismantle(child: Child, reason: string): void {
    const { sessions, ledger, quotas } = this.#init;
    sessions.instanceGone(child, reason);
    if (child.account.open) ledger.close(child.account);
    child.dispose();
    quotas.settle();
  }

  /** The child of this name. @throws SessionError `NotFound` */
  known(name: string): ChildState {
    const state = this.#init.children.get(name);
    if (state === undefined)
      throw new SessionError(
        "NotFound",
        `There is no component "${name}"${suggestion(name, this.#init.children.keys())}`,
      );
    return state;
  }
}

function endText(child: Child, exit: ProcessExit, value: number | undefined): string {
  if (exit.outOfMemory) return `ran out of memory (limit of the system file's "memory")`;
  if (exit.signal !== undefined && child.exitValue === undefined) return `was ended by ${exit.signal}`;
  return `exited with value ${value}`;
}
