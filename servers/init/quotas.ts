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
  /** What the parent of this init wants back, or has taken, and is still with the components. */
  #owed = nothing;
  /** Components that were asked for it and have not answered yet. */
  readonly #asked = new Set<Child>();
  #whenAnswered: (() => void)[] = [];
  /** What the components lack of their quota, as the parent of this init was told. */
  #lacked = nothing;

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

  /**
   * Init's own quota is `total` now, or is to be. What came more can be given to those who were kept short. What is to
   * go is taken from what nobody has, then from what components do not use, the last of the file first; then all of them
   * are asked to yield. Resolves when it is together, or when everybody has answered.
   */
  async resize(total: Amount): Promise<void> {
    const { ledger, children } = this.#init;
    // A newer wish takes the place of one that somebody has not answered yet.
    this.#answered();
    const more = positive(difference(total, ledger.root.quota));
    ledger.grow(more);
    this.#lacked = positive(difference(this.#lacked, more));
    this.#owed = positive(difference(ledger.root.quota, total));
    this.settle();
    this.#init.options.stateChanged();
    if (!some(this.#owed)) return;
    for (const state of children.values()) {
      const child = state.instance;
      if (child === undefined || !this.#ask(state, child, true)) continue;
      this.#asked.add(child);
    }
    await new Promise<void>((resolve) => {
      this.#whenAnswered.push(resolve);
      this.#handBack();
    });
  }

  /** Hands back what is owed, as far as components can spare it. */
  #handBack(): void {
    const { ledger, children } = this.#init;
    const give = (): void => {
      const amount = least(this.#owed, positive(ledger.root.available));
      if (!some(amount)) return;
      ledger.shrink(amount);
      this.#owed = difference(this.#owed, amount);
      this.#init.options.stateChanged();
    };
    give();
    for (const state of [...children.values()].reverse()) {
      const child = state.instance;
      if (!some(this.#owed) || child === undefined || !child.account.open) continue;
      const spare = least(this.#owed, positive(difference(child.account.available, air)));
      if (!some(spare)) continue;
      ledger.transfer(child.account, ledger.root, spare);
      give();
      this.#ask(state, child, true);
    }
    for (const child of this.#asked) if (!child.account.open) this.#asked.delete(child);
    if (some(this.#owed) && this.#asked.size > 0) return;
    this.#answered();
  }

  #answered(): void {
    this.#asked.clear();
    for (const resolve of this.#whenAnswered.splice(0)) resolve();
  }

  /**
   * Tells a component what it should yield: what it has beyond its quota, or what init itself owes. `again`: also if it
   * knows already. False when there is nothing to be had from it.
   */
  #ask(state: ChildState, child: Child, again: boolean): boolean {
    const { quota } = child.account;
    const beyond = positive(difference(quota, state.node));
    const owed = least(this.#owed, positive(difference(quota, air)));
    child.yieldWanted = { ram: Math.max(beyond.ram, owed.ram), caps: Math.max(beyond.caps, owed.caps) };
    const wanted = some(child.yieldWanted);
    if (again || (wanted && !state.yieldAsked)) child.raise("yieldRequested");
    state.yieldAsked = wanted;
    return wanted;
  }

  /** What init can give away. */
  get #free(): Amount {
    return positive(difference(this.#init.ledger.root.available, this.#owed));
  }

  /** Opens the account of a new instance, with as much of its quota as is left. */
  account({ node }: ChildState): Account {
    const { ledger } = this.#init;
    return ledger.account(ledger.root, node.name, least(node, this.#free));
  }

  /** Tells the parent of this init what the components lack, since only more for init itself can change that. */
  tellLack(): void {
    let lack = nothing;
    for (const { instance, node } of this.#init.children.values())
      if (instance?.account.open === true) lack = sum(lack, positive(difference(node, instance.account.quota)));
    const more = positive(difference(lack, this.#lacked));
    this.#lacked = lack;
    if (some(more)) this.#init.options.lacking?.(more);
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
    allocation.free(true);
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
    this.#asked.delete(child);
    if (state?.instance === child) this.adjust(state);
    this.settle();
  }

  /** Brings the quota of a running child towards what the model says, as far as it and init have room. */
  adjust(state: ChildState): void {
    const child = state.instance;
    if (child === undefined || !child.account.open) return;
    const { ledger } = this.#init;
    const { account } = child;
    const less = least(positive(difference(account.quota, state.node)), positive(difference(account.available, air)));
    if (some(less)) ledger.transfer(account, ledger.root, less);
    const more = least(positive(difference(state.node, account.quota)), this.#free);
    if (some(more)) {
      ledger.transfer(ledger.root, account, more);
      // What is still missing comes later, and is then announced again.
      child.wanted = positive(difference(child.wanted, more));
      child.raise("resourcesAvailable");
    }
    // An init also needs to know what was taken without asking it.
    this.#ask(state, child, some(less));
    if (some(less) || some(more)) this.#init.options.stateChanged();
  }

  /** Completes upgrades and downgrades that were cut short, now that something came back. */
  settle(): void {
    if (this.#init.ending) return;
    this.#handBack();
    for (const state of this.#init.children.values()) {
      const account = state.instance?.account;
      if (account === undefined || !account.open) continue;
      if (account.quota.ram !== state.node.ram || account.quota.caps !== state.node.caps) this.adjust(state);
    }
  }
}
