/** A system whose components are killed: a root with real components in the test's process, and what it holds of the host. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Root } from "../../root/root.js";
import type { SessionState } from "../../servers/init/session-state.js";
import { controlGroups, descendants, entriesOf, linesIn, linkOf, openFiles } from "./host.js";

/** One start node of a system file. */
export type StartDocument = Readonly<Record<string, unknown>>;

const basis = { parentProvides: ["ROM", "LOG", "Platform", "System"], defaultRoute: { "*": "any-child | parent" } };

/** Every death is the first one: what is measured is how fast the system recovers, not how long it waits. */
const restart = { limit: 1000, within: "1ms" };

/** How long anything may take before the test gives up, in milliseconds. */
const patience = 8000;

export interface LoggedLine {
  readonly label: string;
  readonly text: string;
}

/** What a system holds of the host, and what its ledger says: equal before and after any number of deaths. */
export interface Holdings {
  readonly processes: number;
  readonly controlGroups: number;
  readonly descriptors: number;
  readonly memfds: number;
  readonly spawnerDescriptors: number;
  readonly mounts: number;
  readonly spawnerMounts: number;
  readonly namespaces: number;
  /** `name: quota, used, lent` of every open account. */
  readonly accounts: readonly string[];
  readonly sessions: readonly string[];
}

function sessionKey({ client, service, label, route: { provider } }: SessionState): string {
  return `${client} ${service} "${label}" ${provider.kind === "child" ? provider.name : provider.kind}`;
}

/** The window manager counts the frames that it has ever made, and names their sessions so. */
function unnumbered(name: string): string {
  return name.replace(/"frame -> \d+"/, '"frame"');
}

export class FaultSystem implements AsyncDisposable {
  readonly folder: string;
  readonly lines: LoggedLine[] = [];
  readonly kills = new Map<string, number>();
  /** Instances, since a dead process can be killed again until its parent took notice. */
  readonly #killed = new Set<number>();
  readonly #whenEnded: (() => void)[] = [];
  readonly #listeners = new Set<(line: LoggedLine) => void>();
  #document: Readonly<Record<string, StartDocument>>;
  #root: Root | undefined;

  readonly #rest: Readonly<Record<string, unknown>>;

  /** `rest`: what else the system file says. */
  constructor(start: Readonly<Record<string, StartDocument>>, rest: Readonly<Record<string, unknown>> = {}) {
    this.folder = mkdtempSync(join(tmpdir(), "bulkhead-faults-"));
    this.#document = start;
    this.#rest = { ...basis, ...rest };
  }

  get #file(): string {
    return join(this.folder, "system.jsonc");
  }

  get root(): Root {
    if (this.#root === undefined) throw new Error("The system was not started");
    return this.#root;
  }

  #writeFile(): void {
    const start = Object.fromEntries(
      Object.entries(this.#document).map(([name, node]) => [
        name,
        { ...node, restart: { ...(node["restart"] as object | undefined), ...restart } },
      ]),
    );
    writeFileSync(this.#file, JSON.stringify({ ...this.#rest, start }));
  }

  /** Starts everything and waits until it serves. */
  async start(): Promise<void> {
    this.#writeFile();
    this.#root = new Root({
      file: this.#file,
      isolation: "full",
      parked: 0,
      environment: {},
      write: (text) => this.#line(text),
      exit: () => {},
    });
    await this.until("all components run", () => Object.keys(this.#document).every((name) => this.announced(name)));
  }

  #line(text: string): void {
    const [, label = "", words = ""] = /^\[(.*?)\] (.*)\n$/s.exec(text) ?? [];
    const line = { label, text: words };
    this.lines.push(line);
    if (process.env["BULKHEAD_TEST_OUTPUT"] !== undefined) process.stderr.write(text);
    for (const listener of this.#listeners) listener(line);
  }

  /** Calls `listener` with every line as it is logged, in the very call that logs it. */
  onLine(listener: (line: LoggedLine) => void): void {
    this.#listeners.add(listener);
  }

  /** `state` is asked for what to say when it was in vain. */
  async until(
    what: string,
    condition: () => boolean,
    within = patience,
    state: () => readonly string[] = () => [],
  ): Promise<void> {
    const end = performance.now() + within;
    while (!condition()) {
      if (performance.now() > end) {
        const last = this.lines.slice(-15).map(({ label, text }) => `  [${label}] ${text}`);
        const text = [`Waited ${within} ms in vain until ${what}.`, ...state(), "Last lines:", ...last].join("\n");
        throw new Error(text);
      }
      await delay(2);
    }
  }

  /** JSON that the component printed, as it comes: the first object that has `key`. */
  async printed<Result>(name: string, key: string, within = patience): Promise<Result> {
    const find = (): Result | undefined =>
      this.#printed(name).find((object) => Object.hasOwn(object, key)) as Result | undefined;
    await this.until(`"${name}" prints "${key}"`, () => find() !== undefined, within);
    return find() as Result;
  }

  /** All JSON objects with `key` that the component printed. */
  allPrinted<Result>(name: string, key: string): Result[] {
    return this.#printed(name).filter((object) => Object.hasOwn(object, key)) as Result[];
  }

  #printed(name: string): object[] {
    return this.lines
      .filter(({ label, text }) => label === name && text.startsWith("{"))
      .map(({ text }) => JSON.parse(text) as object);
  }

  /** Changes the inline config of a component, which goes on running. */
  async configure(name: string, config: object): Promise<void> {
    const node = this.#document[name] as StartDocument;
    this.#document = { ...this.#document, [name]: { ...node, config: { ...(node["config"] as object), ...config } } };
    this.#writeFile();
    await this.root.reload();
  }

  /** The component runs and offers all that it provides. */
  announced(name: string): boolean {
    const child = this.root.init.children.get(name);
    const instance = child?.phase === "alive" ? child.instance : undefined;
    return (
      instance !== undefined &&
      child?.node.provides.every((service) => instance.announcedServices.has(service)) === true
    );
  }

  /** SIGKILL from outside, as the kernel's memory killer would. False when it has no process now. */
  kill(name: string): boolean {
    const instance = this.root.init.children.get(name)?.instance;
    const pid = instance?.process?.pid;
    if (instance === undefined || pid === undefined || this.#killed.has(instance.id)) return false;
    process.kill(pid, "SIGKILL");
    this.#killed.add(instance.id);
    this.kills.set(name, (this.kills.get(name) ?? 0) + 1);
    return true;
  }

  /** Process id of a component. */
  pid(name: string): number {
    const pid = this.root.init.children.get(name)?.instance?.process?.pid;
    if (pid === undefined) throw new Error(`"${name}" has no process`);
    return pid;
  }

  restarts(name: string): number {
    return this.root.init.children.get(name)?.restarts.count ?? 0;
  }

  /** Kills a component, and tells how long its clients were without it, in milliseconds. */
  async killUntilServed(name: string): Promise<number> {
    const { init } = this.root;
    await this.until(`"${name}" runs`, () => this.announced(name));
    const before = init.children.get(name)?.lastId;
    const wanted = this.#openSessions(name).map(sessionKey);
    const start = performance.now();
    await this.until(`"${name}" is killed`, () => this.kill(name));
    await this.until(
      `"${name}" serves again`,
      () =>
        init.children.get(name)?.lastId !== before &&
        this.announced(name) &&
        this.#openSessions(name).length >= wanted.length,
      patience,
      () => [
        `Before: ${wanted.join(", ")}`,
        `Sessions: ${[...init.sessions.values()].map((session) => `${sessionKey(session)} ${session.phase}`).join(", ")}`,
        `Components: ${[...init.children].map(([other, { phase }]) => `${other} ${phase} ${this.announced(other)}`).join(", ")}`,
      ],
    );
    return performance.now() - start;
  }

  /** Open sessions that the component uses or serves. */
  #openSessions(name: string): SessionState[] {
    const serves = ({ route: { provider } }: SessionState): boolean =>
      provider.kind === "child" && provider.name === name;
    return [...this.root.init.sessions.values()].filter(
      (session) => session.phase === "open" && (session.client === name || serves(session)),
    );
  }

  /** Process id of the spawner, below which all components are. */
  get #spawner(): number {
    const found = descendants(process.pid).find((pid) => linkOf(`/proc/${pid}/exe`).endsWith("/bulkhead-spawn"));
    if (found === undefined) throw new Error("There is no spawner");
    return found;
  }

  holdings(): Holdings {
    const { init } = this.root;
    const own = openFiles("self");
    const processes = descendants(process.pid);
    const spawner = this.#spawner;
    const namespaces = processes
      .flatMap((pid) => entriesOf(`/proc/${pid}/ns`).map((kind) => linkOf(`/proc/${pid}/ns/${kind}`)))
      .filter((target) => target !== "");
    return {
      processes: processes.length,
      controlGroups: controlGroups(this.#spawner).length,
      descriptors: own.length,
      memfds: own.filter((target) => target.startsWith("/memfd:")).length,
      spawnerDescriptors: openFiles(spawner).length,
      mounts: linesIn("/proc/self/mountinfo"),
      spawnerMounts: linesIn(`/proc/${spawner}/mountinfo`),
      namespaces: new Set(namespaces).size,
      accounts: init.ledger.accounts
        .map(
          ({ name, quota, used, lent }) =>
            `${unnumbered(name)}: ${quota.ram}+${quota.caps}, ${used.ram}+${used.caps}, ${lent.ram}+${lent.caps}`,
        )
        .sort(),
      sessions: [...init.sessions.values()]
        .map((session) => `${unnumbered(sessionKey(session))} ${session.phase}`)
        .sort(),
    };
  }

  /** The holdings once they are as `expected`, or as they stay when they never are. */
  async settledHoldings(expected: Holdings, within = 3000): Promise<Holdings> {
    const end = performance.now() + within;
    for (;;) {
      const now = this.holdings();
      if (JSON.stringify(now) === JSON.stringify(expected) || performance.now() > end) return now;
      await delay(20);
    }
  }

  /** Every account's quota is what is left, used and lent of it, and all of them together have what there was at the start. */
  ledgerErrors(): string[] {
    const { ledger } = this.root.init;
    const errors: string[] = [];
    let ram = 0;
    let caps = 0;
    for (const { name, quota, available, used, lent } of ledger.accounts) {
      ram += available.ram + used.ram;
      caps += available.caps + used.caps;
      if (available.ram < 0 || available.caps < 0) errors.push(`"${name}" has less than nothing`);
      if (quota.ram !== available.ram + used.ram + lent.ram || quota.caps !== available.caps + used.caps + lent.caps)
        errors.push(`"${name}" does not add up`);
    }
    const { quota } = ledger.root;
    if (ram !== quota.ram || caps !== quota.caps)
      errors.push(`all accounts hold ${ram}+${caps} of ${quota.ram}+${quota.caps}`);
    return errors;
  }

  /** Calls `handler` when no component is left, before the system's folder is removed. */
  onEnd(handler: () => void): void {
    this.#whenEnded.push(handler);
  }

  /** Ends the system. Nothing of it is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    const spawner = this.#root === undefined ? 0 : this.#spawner;
    await this.#root?.[Symbol.asyncDispose]();
    for (const handler of this.#whenEnded.reverse()) handler();
    rmSync(this.folder, { recursive: true, force: true });
    const left = [
      ...controlGroups(spawner),
      ...descendants(process.pid).map((pid) => `process ${pid} (${linkOf(`/proc/${pid}/exe`)})`),
    ];
    if (left.length > 0) throw new Error(`Left by the system: ${left.join(", ")}`);
  }
}

/** What a block load tells at its end. */
export interface BlockSummary {
  readonly writes: number;
  readonly reads: number;
  readonly syncs: number;
  /** Milliseconds that the slowest request took. */
  readonly slowest: number;
  /** How often what was refused. */
  readonly errors: Readonly<Record<string, number>>;
  /** Blocks that held something else than they should. */
  readonly wrong: readonly string[];
}

/** How often each component dies in a test. */
export const rounds = Number(process.env["BULKHEAD_FAULT_ROUNDS"] ?? 20);

/** The value that `share` of the values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
