/**
 * One running instance of a component: its process, its channel, and the parent's side of the parent interface.
 * A restart makes a new instance.
 */

import { Denials } from "../../base/denial.js";
import { SessionError } from "../../base/errors.js";
import type { Call } from "../../base/interface.js";
import type { Capability } from "../../base/message.js";
import {
  Parent,
  type ParentHandlers,
  type ParentSessionRequest as SessionRequest,
} from "../../base/parent/parent.generated.js";
import type { Account, Amount } from "../../base/quota.js";
import { RpcServer } from "../../base/rpc-server.js";
import { native } from "../../bindings/native.js";
import type { Made, Process } from "./core.js";
import type { Request } from "./difference.js";
import { Flows } from "./flows.js";
import type { Init } from "./init.js";
import { InnerState } from "./inner-state.js";

/** A dataspace or channel that the instance allocated. */
interface Allocation {
  readonly account: Account;
  readonly amount: Amount;
  /** Gives back what it cost init itself. */
  readonly free: Made<object>["free"];
}

/** A request for which there was no route. */
export interface DeniedRequest extends Request {
  /** A parent above this init denied it: the routes here lead there. */
  readonly above: boolean;
}

/** Bounds of what a component can make its parent remember. */
const mostServices = 64;
const mostDenied = 16;

export class Child {
  readonly name: string;
  /** Number of this start; it reveals restarts. */
  readonly id: number;
  readonly account: Account;
  readonly #init: Init;
  readonly #rpc: RpcServer;
  readonly announcedServices = new Set<string>();
  readonly allocations = new Map<number, Allocation>();
  readonly #requests: SessionRequest[] = [];
  #waiting: ((request: SessionRequest) => void) | undefined;
  process: Process | undefined;
  /** Why init ended it, if it did. */
  fault: string | undefined;
  /** It was dying, and what it held was given back, before its process was gone. */
  replaced = false;
  /** Value that it exited with by its own request. */
  exitValue: number | undefined;
  /** Requests for which there was no route, here or at a parent above. */
  denied: DeniedRequest[] = [];
  readonly #denials = new Denials();
  outstandingHeartbeats = 0;
  readonly flows = new Flows(() => this.raise("flowWanted"));
  /** How its own components are, if it has any. */
  readonly inner = new InnerState((problem) => this.#init.options.log(`"${this.name}": ${problem}`));
  wanted: { ram: number; caps: number } = { ram: 0, caps: 0 };
  yieldWanted: { ram: number; caps: number } = { ram: 0, caps: 0 };
  /** CPU time and start, for `top`. */
  readonly startedAt = Date.now();
  /** The last lines that it printed, for the state report after a crash. */
  readonly lastOutput: string[] = [];
  #nextAllocation = 1;

  constructor(name: string, id: number, account: Account, channel: Capability, init: Init) {
    this.name = name;
    this.id = id;
    this.account = account;
    this.#init = init;
    this.#rpc = new RpcServer(channel, name);
    this.#rpc.serve(Parent, this.#handlers());
  }

  /** Hands a request to the instance, now or when it asks for the next one. */
  request(request: SessionRequest): void {
    const waiting = this.#waiting;
    if (waiting === undefined) this.#requests.push(request);
    else {
      this.#waiting = undefined;
      waiting(request);
    }
  }

  raise(signal: "heartbeat" | "resourcesAvailable" | "yieldRequested" | "routesChanged" | "flowWanted"): void {
    this.#rpc.raise(Parent.signals.indexOf(signal));
  }

  allocated(account: Account, amount: Amount, free: Made<object>["free"]): number {
    const id = this.#nextAllocation++;
    this.allocations.set(id, { account, amount, free });
    return id;
  }

  /** Remembers a request for which there was no route, unless there were too many to name. */
  noteDenied({ service, label }: Request, above: boolean): void {
    const known = this.denied.some((one) => one.service === service && one.label === label && one.above === above);
    if (!known && this.denied.length < mostDenied) this.denied.push({ service, label, above });
  }

  /** Frees what the instance allocated on the account of a session that is over. */
  freeAllocationsOf(account: Account): void {
    for (const [id, allocation] of this.allocations) {
      if (allocation.account !== account) continue;
      this.allocations.delete(id);
      allocation.free();
    }
  }

  /** Ends the instance; the exit arrives through its process. */
  kill(): void {
    this.process?.kill();
  }

  /** The process is gone: nothing of the instance is used any more. */
  dispose(): void {
    this.#rpc.close();
    for (const { free } of this.allocations.values()) free();
    this.allocations.clear();
    for (const { channel } of this.#requests)
      for (const descriptor of channel?.descriptors ?? []) native.closeDescriptor(descriptor);
    this.#requests.length = 0;
  }

  #handlers(): ParentHandlers {
    const { sessions, quotas, lifecycle } = this.#init;
    return {
      session: async (service, label, args, ram, caps, call) => {
        try {
          return await sessions.request(this, service, label, args, ram, caps, call);
        } catch (error) {
          throw error instanceof SessionError ? this.#denials.remember(error) : error;
        }
      },
      denial: (number, offset) => this.#denials.piece(number, offset),
      upgrade: (id, ram, caps) => sessions.upgrade(this, id, ram, caps),
      close: (id) => sessions.close(this, id),
      announce: (service) => {
        if (this.announcedServices.size >= mostServices && !this.announcedServices.has(service)) {
          throw new SessionError(
            "Denied",
            `Cannot announce ${service}: a component offers at most ${mostServices} services`,
          );
        }
        this.announcedServices.add(service);
        sessions.announced(this, service);
      },
      nextRequest: (call) => this.#nextRequest(call),
      sessionResponse: (serverId, outcome, reason) => sessions.responded(this, serverId, outcome, reason),
      alloc: (bytes, session) => quotas.alloc(this, bytes, session),
      free: (id) => quotas.free(this, id),
      channel: () => quotas.channel(this),
      quota: () => {
        const { quota, used, lent } = this.account;
        return { ram: quota.ram, caps: quota.caps, usedRam: used.ram + lent.ram, usedCaps: used.caps + lent.caps };
      },
      resourceRequest: (ram, caps) => quotas.request(this, ram, caps),
      yieldRequest: () => this.yieldWanted,
      yieldResponse: () => quotas.yielded(this),
      heartbeatResponse: () => {
        const late = this.outstandingHeartbeats > 1;
        this.outstandingHeartbeats = 0;
        if (late) this.#init.options.stateChanged();
      },
      flow: (flows, more) => this.flows.received(flows, more),
      state: (piece, more) => {
        if (this.inner.received(piece, more)) this.#init.options.stateChanged();
      },
      exit: (value) => lifecycle.exit(this, value),
    };
  }

  #nextRequest(call: Call): SessionRequest | Promise<SessionRequest> {
    const first = this.#requests.shift();
    if (first !== undefined) return first;
    if (this.#waiting !== undefined)
      throw new SessionError(
        "InvalidArgument",
        "Cannot wait for a session request: another next_request is pending, and answers come one after another",
      );
    return new Promise((resolve) => {
      this.#waiting = resolve;
      call.signal.addEventListener("abort", () => {
        if (this.#waiting === resolve) this.#waiting = undefined;
      });
    });
  }
}
