/**
 * The ledger of a parent: who holds how many bytes of RAM and how many capabilities.
 *
 * Accounts form a tree. Each got its quota from its reference account, and quota moves only between the two.
 * A session is an account too: it holds what the client donated, is paid from the client's account, and lends
 * itself to the server, which allocates on the client's behalf from it and from nothing else. That is why a
 * donation can always be returned, whatever the server did: closing the session releases all that is charged to
 * it, including sessions that the server opened in turn with the client's money.
 *
 * For every account at all times: quota = available + used + lent, and none of them is negative. The sum over
 * all accounts of available and used is the quota of the root and the donations from outside.
 */
import { SessionError } from "./errors.js";
import { formatSize } from "./quantity.js";

/** RAM in bytes, and capabilities. */
export interface Amount {
  readonly ram: number;
  readonly caps: number;
}

export const nothing: Amount = { ram: 0, caps: 0 };

export function sum(a: Amount, b: Amount): Amount {
  return { ram: a.ram + b.ram, caps: a.caps + b.caps };
}

export function difference(a: Amount, b: Amount): Amount {
  return { ram: a.ram - b.ram, caps: a.caps - b.caps };
}

export function amountText(amount: Amount): string {
  return `${formatSize(amount.ram)} of RAM and ${amount.caps} capabilities`;
}

/** Who an account belongs to, and how its quota is spread. Changed through its {@link Ledger} only. */
export interface Account {
  readonly name: string;
  /** Where the quota came from, and goes back to. Undefined for the root. */
  readonly reference: Account | undefined;
  /** The server of a session account; "outside" for a session that the parent's parent serves. */
  readonly server: Account | "outside" | undefined;
  readonly open: boolean;
  /** All that was given to the account and not taken back. */
  readonly quota: Amount;
  /** Charged for memory and channels. */
  readonly used: Amount;
  /** Quota of the accounts whose reference this is: children, and sessions as a client. */
  readonly lent: Amount;
  readonly available: Amount;
  /** Donations of the sessions that this account serves. Not part of its own quota. */
  readonly held: Amount;
}

class Entry implements Account {
  readonly name: string;
  readonly reference: Entry | undefined;
  readonly server: Entry | "outside" | undefined;
  /** Accounts paid from this one. */
  readonly dependents = new Set<Entry>();
  /** Sessions that this account serves. */
  readonly serving = new Set<Entry>();
  open = true;
  quota: Amount = nothing;
  used: Amount = nothing;
  lent: Amount = nothing;
  held: Amount = nothing;

  constructor(name: string, reference: Entry | undefined, server: Entry | "outside" | undefined) {
    this.name = name;
    this.reference = reference;
    this.server = server;
  }

  get available(): Amount {
    return difference(difference(this.quota, this.used), this.lent);
  }
}

function assertAmount(amount: Amount): void {
  if (Number.isSafeInteger(amount.ram) && amount.ram >= 0 && Number.isSafeInteger(amount.caps) && amount.caps >= 0)
    return;
  throw new SessionError(
    "InvalidArgument",
    `A quota is whole bytes and whole capabilities, not ${amount.ram} and ${amount.caps}`,
  );
}

function assertAvailable(account: Entry, amount: Amount, purpose: string): void {
  const available = account.available;
  const facts = { account: account.name, needed: amount, available };
  const left = "raise its quota, or close sessions";
  if (amount.ram > available.ram) {
    throw new SessionError(
      "OutOfRam",
      `Cannot ${purpose}: "${account.name}" has ${formatSize(available.ram)} of RAM left, ${formatSize(amount.ram)} are needed (${left})`,
      facts,
    );
  }
  if (amount.caps > available.caps) {
    throw new SessionError(
      "OutOfCaps",
      `Cannot ${purpose}: "${account.name}" has ${available.caps} capabilities left, ${amount.caps} are needed (${left})`,
      facts,
    );
  }
}

/** Every operation either happens as a whole or throws and changes nothing. */
export class Ledger {
  readonly #root: Entry;
  readonly #entries = new Set<Entry>();

  constructor(total: Amount, name = "init") {
    assertAmount(total);
    this.#root = new Entry(name, undefined, undefined);
    this.#root.quota = total;
    this.#entries.add(this.#root);
  }

  get root(): Account {
    return this.#root;
  }

  /** All open accounts. */
  get accounts(): readonly Account[] {
    return [...this.#entries];
  }

  #entry(account: Account): Entry {
    if (account instanceof Entry && account.open && this.#entries.has(account)) return account;
    throw new SessionError("Unavailable", `The account "${account.name}" is closed`);
  }

  #move(entry: Entry, change: Amount): void {
    entry.quota = sum(entry.quota, change);
    if (entry.reference) entry.reference.lent = sum(entry.reference.lent, change);
    if (entry.server instanceof Entry) entry.server.held = sum(entry.server.held, change);
  }

  #add(entry: Entry, amount: Amount): Account {
    this.#entries.add(entry);
    entry.reference?.dependents.add(entry);
    if (entry.server instanceof Entry) entry.server.serving.add(entry);
    this.#move(entry, amount);
    return entry;
  }

  /** Opens an account for a child, with a quota from `reference`. @throws SessionError `OutOfRam`, `OutOfCaps` of the reference. */
  account(reference: Account, name: string, amount: Amount): Account {
    assertAmount(amount);
    const from = this.#entry(reference);
    assertAvailable(from, amount, `start "${name}"`);
    return this.#add(new Entry(name, from, undefined), amount);
  }

  /** Moves quota from an account to its reference account or back. @throws SessionError `OutOfRam`, `OutOfCaps` of `from`. */
  transfer(from: Account, to: Account, amount: Amount): void {
    assertAmount(amount);
    const source = this.#entry(from);
    const target = this.#entry(to);
    if (source.server !== undefined || target.server !== undefined) {
      throw new SessionError(
        "InvalidArgument",
        `Cannot transfer quota of the session "${(source.server === undefined ? target : source).name}": a donation grows by upgrade and returns by close`,
      );
    }
    assertAvailable(source, amount, `transfer quota to "${target.name}"`);
    if (target.reference === source) this.#move(target, amount);
    else if (source.reference === target) this.#move(source, { ram: -amount.ram, caps: -amount.caps });
    else
      throw new SessionError(
        "InvalidArgument",
        `Cannot transfer quota from "${source.name}" to "${target.name}": neither is the reference account of the other`,
      );
  }

  /** Charges memory or channels to the account. @throws SessionError `OutOfRam`, `OutOfCaps`. */
  use(account: Account, amount: Amount): void {
    assertAmount(amount);
    const entry = this.#entry(account);
    assertAvailable(entry, amount, "allocate");
    entry.used = sum(entry.used, amount);
  }

  /** Gives back what {@link use} charged. */
  release(account: Account, amount: Amount): void {
    assertAmount(amount);
    const entry = this.#entry(account);
    if (amount.ram > entry.used.ram || amount.caps > entry.used.caps) {
      throw new SessionError(
        "InvalidArgument",
        `Cannot release ${amountText(amount)}: "${entry.name}" uses only ${amountText(entry.used)}`,
      );
    }
    entry.used = difference(entry.used, amount);
  }

  /**
   * Opens the account of a session. The client pays: a component's account, or the account of a session that it
   * serves and on behalf of which it needs this one.
   * @throws SessionError `OutOfRam`, `OutOfCaps` of the client.
   */
  session(client: Account, server: Account | "outside", label: string, donation: Amount): Account {
    assertAmount(donation);
    const from = this.#entry(client);
    const to = server === "outside" ? server : this.#entry(server);
    if (to instanceof Entry && to.server !== undefined)
      throw new SessionError("InvalidArgument", `The session "${to.name}" is no server`);
    assertAvailable(from, donation, `donate to the session "${label}"`);
    return this.#add(new Entry(label, from, to), donation);
  }

  /**
   * Opens the account of a session whose client is outside of this ledger, and with it the donation: it came from
   * outside and goes back there.
   */
  donated(server: Account, label: string, donation: Amount): Account {
    assertAmount(donation);
    const to = this.#entry(server);
    if (to.server !== undefined) throw new SessionError("InvalidArgument", `The session "${to.name}" is no server`);
    return this.#add(new Entry(label, undefined, to), donation);
  }

  /** Takes in quota that the root got from outside. */
  grow(more: Amount): void {
    assertAmount(more);
    this.#move(this.#root, more);
  }

  /** Gives quota of the root back to where it came from. @throws SessionError `OutOfRam`, `OutOfCaps` of the root. */
  shrink(less: Amount): void {
    assertAmount(less);
    assertAvailable(this.#root, less, "give quota back");
    this.#move(this.#root, { ram: -less.ram, caps: -less.caps });
  }

  /** Adds to the donation of a session. @throws SessionError `OutOfRam`, `OutOfCaps` of the client. */
  upgrade(session: Account, more: Amount): void {
    assertAmount(more);
    const entry = this.#entry(session);
    if (entry.server === undefined) throw new SessionError("InvalidArgument", `"${entry.name}" is no session`);
    if (entry.reference !== undefined) assertAvailable(entry.reference, more, `upgrade the session "${entry.name}"`);
    this.#move(entry, more);
  }

  /**
   * Closes a session, or a component's account when the component died: what it paid for ends with it, sessions
   * that it served end with their donations refunded, and its quota returns to the reference account.
   * @returns Every account that was closed, those that depend on others first.
   */
  close(account: Account): readonly Account[] {
    const closed: Account[] = [];
    const entry = this.#entry(account);
    if (entry === this.#root)
      throw new SessionError("InvalidArgument", `Cannot close the root account "${entry.name}"`);
    this.#close(entry, closed);
    return closed;
  }

  #close(entry: Entry, closed: Account[]): void {
    if (!entry.open) return;
    // Closed first: an account that pays for a session to itself, through others, is met again below.
    entry.open = false;
    for (const dependent of entry.dependents) this.#close(dependent, closed);
    for (const session of entry.serving) this.#close(session, closed);
    entry.used = nothing;
    this.#move(entry, { ram: -entry.quota.ram, caps: -entry.quota.caps });
    entry.reference?.dependents.delete(entry);
    if (entry.server instanceof Entry) entry.server.serving.delete(entry);
    this.#entries.delete(entry);
    closed.push(entry);
  }
}
