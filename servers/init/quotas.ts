/** The quota of init's children: memory and channels made for them, and limits that follow the system file. */
import { SessionError } from "../../base/errors.js";
import type { Capability } from "../../base/message.js";
import { type Account, type Amount, difference, nothing, sum } from "../../base/quota.js";
import { sessionCost } from "../../base/session-cost.js";
import { native } from "../../bindings/native.js";
import type { Child } from "./child.js";
import type { ChildState } from "./child-state.js";
import type { SystemModel } from "./config.js";
import type { Init } from "./init.js";

/** What a downgrade leaves a child to breathe. */
const air: Amount = { ram: 16 * 1024, caps: 5 };

/** Sums beyond this would not be whole numbers any more. */
const most: Amount = { ram: Number.MAX_SAFE_INTEGER, caps: Number.MAX_SAFE_INTEGER };

function least(a: Amount, b: Amount): Amount {
  return { ram: Math.min(a.ram, b.ram), caps: Math.min(a.caps, b.caps) };
}

function positive({ ram, caps }: Amount): Amount {
  return { ram: Math.max(0, ram), caps: Math.max(0, caps) };
}

function some({ ram, caps }: Amount): boolean {
  return ram > 0 || caps > 0;
}

export class Quotas {
  readonly #init: Init;
  /** What init keeps for itself now. */
  #preserved = nothing;

  constructor(init: Init) {
    this.#init = init;
  }

  /** Keeps what the model says from being given away; less when less is left. */
  preserve({ resources: { ram, caps } }: SystemModel): void {
    const { ledger } = this.#init;
    ledger.release(ledger.root, this.#preserved);
    this.#preserved = least({ ram: ram.preserve, caps: caps.preserve }, positive(ledger.root.available));
    ledger.use(ledger.root, this.#preserved);
  }

  /** Init's own quota is larger now: what was held back for want of it can be given. */
  grown(total: Amount): void {
    const { ledger } = this.#init;
    ledger.grow(positive(difference(total, ledger.root.quota)));
    this.settle();
  }

  /** Opens the account of a new instance, with as much of its quota as is left. */
  account({ node }: ChildState): Account {
    const { ledger } = this.#init;
    return ledger.account(ledger.root, node.name, least(node, ledger.root.available));
  }

  /** Makes memory that the instance pays, or the client of the session `serverId` that it serves. */
  async alloc(child: Child, bytes: number, serverId: number): Promise<{ dataspace: Capability; id: number }> {
    const { ledger, sessions, options } = this.#init;
    const session = serverId === 0 ? undefined : sessions.served(child, serverId);
    if (serverId !== 0 && session?.account === undefined) {
      throw new SessionError("NotFound", `There is no session ${serverId} to pay for the memory`);
    }
    const account = session?.account ?? child.account;
    const page = native.pageBytes();
    const cost = { ram: Math.ceil(Math.max(bytes, 1) / page) * page, caps: 1 };
    ledger.use(account, cost);
    try {
      const { dataspace, free } = await options.core.dataspace(child.name, cost.ram, session?.payer ?? 0);
      return { dataspace: { ...dataspace, move: true }, id: child.allocated(account, cost, free) };
    } catch (error) {
      if (account.open) ledger.release(account, cost);
      throw error;
    }
  }

  async channel(child: Child): Promise<{ client: Capability; server: Capability; id: number }> {
    const { ledger, options } = this.#init;
    const { account } = child;
    ledger.use(account, sessionCost);
    try {
      const { client, server, free } = await options.core.channel();
      return {
        client: { ...client, move: true },
        server: { ...server, move: true },
        id: child.allocated(account, sessionCost, free),
      };
    } catch (error) {
      if (account.open) ledger.release(account, sessionCost);
      throw error;
    }
  }

  free(child: Child, id: number): void {
    const allocation = child.allocations.get(id);
    if (allocation === undefined) return;
    child.allocations.delete(id);
    allocation.free();
    if (allocation.account.open) this.#init.ledger.release(allocation.account, allocation.amount);
    this.settle();
  }

  /** Closes the account of a session, and frees what its server allocated on it. */
  close(account: Account, server: Child | undefined): void {
    server?.freeAllocationsOf(account);
    if (account.open) this.#init.ledger.close(account);
  }

  request(child: Child, ram: number, caps: number): void {
    child.wanted = least(sum(child.wanted, { ram, caps }), most);
    this.#init.options.stateChanged();
  }

  yielded(child: Child): void {
    const state = this.#init.children.get(child.name);
    if (state?.instance === child) this.adjust(state);
  }

  /** Brings the quota of a running child towards what the model says, as far as it and init have room. */
  adjust(state: ChildState): void {
    const child = state.instance;
    if (child === undefined || !child.account.open) return;
    const { ledger } = this.#init;
    const { account } = child;
    const less = least(positive(difference(account.quota, state.node)), positive(difference(account.available, air)));
    if (some(less)) ledger.transfer(account, ledger.root, less);
    const more = least(positive(difference(state.node, account.quota)), positive(ledger.root.available));
    if (some(more)) {
      ledger.transfer(ledger.root, account, more);
      // What is still missing comes later, and is then announced again.
      child.wanted = positive(difference(child.wanted, more));
      child.raise("resourcesAvailable");
    }
    child.yieldWanted = positive(difference(account.quota, state.node));
    if (!some(child.yieldWanted)) state.yieldAsked = false;
    else if (some(less) || !state.yieldAsked) {
      state.yieldAsked = true;
      child.raise("yieldRequested");
    }
    if (some(less) || some(more)) this.#init.options.stateChanged();
  }

  /** Completes upgrades and downgrades that were cut short, now that something came back. */
  settle(): void {
    if (this.#init.ending) return;
    for (const state of this.#init.children.values()) {
      const account = state.instance?.account;
      if (account === undefined || !account.open) continue;
      if (account.quota.ram !== state.node.ram || account.quota.caps !== state.node.caps) this.adjust(state);
    }
  }
}
