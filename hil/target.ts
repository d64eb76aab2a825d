/**
 * A target: a component system of the test's own, made from what the test needs. The test is a component of it, and
 * reaches everything by sessions that are routed to it.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Env } from "../base/env.js";
import { errorMessage } from "../base/errors.js";
import { parseDuration } from "../base/quantity.js";
import type { SessionType } from "../base/session.js";
import { Root } from "../root/root.js";
import type { Bench, Provision, TargetSide } from "./bench.js";
import { choose } from "./bench.js";
import type { NeedName, Parts } from "./parts.js";
import { RunFolder } from "./run-folder.js";
import { slowness } from "./slowness.js";

/** The name of the test's own component. */
export const testComponent = "test";

export interface TargetOptions {
  /** Where files of the test go; nowhere when absent. */
  readonly files?: RunFolder;
  /**
   * More components, as a system file has them under `start`. Paths of binaries that begin with "./" belong to `folder`.
   */
  readonly components?: Readonly<Record<string, object>>;
  /** The folder of such paths, and of those of grants; the working directory when absent. */
  readonly folder?: string;
  /** More routes of the test's own requests, as a system file has them under `route`. */
  readonly route?: Readonly<Record<string, string>>;
  /** A provider by its name for a need that is not to be met by the first one. */
  readonly providers?: Readonly<Partial<Record<NeedName, string>>>;
  /** How long components may take to start; 10 s when absent. */
  readonly within?: string | number;
}

/** The bench has not what the test needs. */
export class NeedError extends Error {
  override readonly name = "NeedError";
}

interface Acquired {
  readonly need: NeedName;
  readonly provision: Provision;
}

/** What every component of a target may use. */
const basis = {
  parentProvides: ["ROM", "LOG", "Platform"],
  defaultRoute: { ROM: "parent", LOG: "parent", Platform: "parent", "*": "any-child" },
};
/** A test opens what it likes: its quota is not what it tests. */
const testQuota = { ram: "64M", caps: 1000 };
/** In milliseconds. */
const startPatience = 10_000 * slowness;
/** How long processes may take to be gone after the end, in milliseconds. */
const endPatience = 2000 * slowness;

export class Target implements AsyncDisposable {
  readonly files: RunFolder;
  readonly #root: Root;
  readonly #folder: string;
  readonly #acquired: readonly Acquired[];
  readonly #parts = new Map<NeedName, AsyncDisposable>();
  readonly #opened: AsyncDisposable[] = [];
  readonly #processes = new Map<number, string>();
  readonly #document: { readonly start: Readonly<Record<string, object>> };
  readonly #env: Promise<Env>;
  /** Undefined before its parts are opened. */
  #side: TargetSide | undefined;

  private constructor(
    acquired: readonly Acquired[],
    options: TargetOptions,
    files: RunFolder,
    document: { readonly start: Readonly<Record<string, object>> },
  ) {
    this.files = files;
    this.#acquired = acquired;
    this.#document = document;
    this.#folder = mkdtempSync(join(tmpdir(), "bulkhead-target-"));
    const file = join(this.#folder, "system.jsonc");
    writeFileSync(file, JSON.stringify(document));
    files.write("system.json", `${JSON.stringify(document, undefined, 2)}\n`);
    let started: (env: Env) => void = () => {};
    this.#env = new Promise((resolve_) => {
      started = resolve_;
    });
    try {
      this.#root = new Root({
        file,
        folder: options.folder ?? process.cwd(),
        isolation: "full",
        parked: 0,
        environment: {},
        write: (text) => files.append("system.log", text),
        exit: () => {},
        local: new Map([[testComponent, started]]),
      });
    } catch (error) {
      rmSync(this.#folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Acquires what is needed, and starts a system with it. @throws NeedError for what the bench has not */
  static async start<Needs extends NeedName>(
    bench: Bench,
    needs: readonly Needs[],
    options: TargetOptions = {},
  ): Promise<Target & { readonly parts: Pick<Parts, Needs> }> {
    const chosen = await Promise.all(needs.map((need) => choose(bench, need, options.providers?.[need])));
    const lacking = chosen.flatMap((choice) => ("lacking" in choice ? [choice.lacking] : []));
    if (lacking.length > 0) throw new NeedError(lacking.join("; "));
    const acquired: Acquired[] = [];
    try {
      for (const choice of chosen)
        if ("provider" in choice)
          acquired.push({ need: choice.provider.need, provision: (await choice.provider.acquire()) as Provision });
      const files = options.files ?? new RunFolder(undefined);
      const target = new Target(acquired, options, files, systemDocument(acquired, options));
      try {
        await target.#open(parseDuration(options.within ?? startPatience));
      } catch (error) {
        await target[Symbol.asyncDispose]().catch(() => {});
        acquired.length = 0; // given back already
        throw error;
      }
      return target as Target & { readonly parts: Pick<Parts, Needs> };
    } catch (error) {
      for (const { provision } of acquired.reverse()) await provision.release?.();
      throw error;
    }
  }

  async #open(patience: number): Promise<void> {
    const names = Object.keys(this.#document.start);
    await this.#until("all components serve", () => names.every((name) => this.#serves(name)), patience);
    const env = await this.#env;
    const side: TargetSide = {
      env,
      files: this.files,
      restart: (component) => this.restart(component),
      configure: (config) => this.#configure(config),
      log: () => this.log,
    };
    this.#side = side;
    await this.#openParts(side);
  }

  async #openParts(side: TargetSide): Promise<void> {
    for (const { need, provision } of this.#acquired) {
      this.files.trace(need, "open");
      this.#parts.set(need, await provision.open(side));
    }
  }

  /** Closes what the test has opened, and opens its parts anew: for another test with the same components. */
  async renew(): Promise<void> {
    for (const opened of this.#opened.splice(0).reverse()) await opened[Symbol.asyncDispose]();
    for (const part of [...this.#parts.values()].reverse()) await part[Symbol.asyncDispose]();
    this.#parts.clear();
    if (this.#side !== undefined) await this.#openParts(this.#side);
  }

  /** What was acquired, by need. */
  get parts(): Readonly<Partial<Parts>> {
    return Object.fromEntries(this.#parts) as Partial<Parts>;
  }

  /** Serial numbers, revisions and other facts about what was acquired, as `need.fact`. */
  get properties(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      this.#acquired.flatMap(({ need, provision }) =>
        Object.entries(provision.properties ?? {}).map(([name, value]) => [`${need}.${name}`, value]),
      ),
    );
  }

  /** Names of the components that provide a need; the first one is its server. */
  componentsOf(need: NeedName): readonly string[] {
    const { provision } = this.#acquired.find((one) => one.need === need) ?? {};
    return Object.keys(provision?.start ?? {});
  }

  /** Opens a session of the test's own, which the target closes. */
  async connect<Options, Connection extends AsyncDisposable>(
    type: SessionType<Options, Connection>,
    options: Options,
  ): Promise<Connection> {
    const connection = await type.open(await this.#env, options);
    this.#opened.push(connection);
    return connection;
  }

  /** The system's log so far. */
  get log(): readonly { readonly label: string; readonly text: string }[] {
    return this.#root.console.history;
  }

  /** The state report of the system's root, as `bulkhead status --json` has it. */
  component(name: string): { readonly pid: number | undefined; readonly restarts: number; readonly phase: string } {
    const child = this.#root.init.children.get(name);
    if (child === undefined)
      throw new Error(
        `There is no component "${name}" in the target, only ${[...this.#root.init.children.keys()].join(", ")}`,
      );
    return { pid: child.instance?.process?.pid, restarts: child.restarts.count, phase: child.phase };
  }

  /** Kills a component's process, as a fault would, and waits until its next one serves. */
  async restart(name: string): Promise<void> {
    const { pid } = this.component(name);
    const before = this.#root.init.children.get(name)?.lastId;
    if (pid === undefined) throw new Error(`Cannot kill "${name}": it has no process now`);
    this.files.trace(name, "kill");
    process.kill(pid, "SIGKILL");
    await this.#until(
      `"${name}" serves again`,
      () => this.#root.init.children.get(name)?.lastId !== before && this.#serves(name),
      startPatience,
    );
  }

  /** Gives the test's component another config, which its ROM session of that name shows. */
  async #configure(config: unknown): Promise<void> {
    const { start } = this.#document;
    const own = { ...start[testComponent], config };
    writeFileSync(this.#root.file, JSON.stringify({ ...this.#document, start: { ...start, [testComponent]: own } }));
    await this.#root.reload();
  }

  #serves(name: string): boolean {
    const child = this.#root.init.children.get(name);
    const instance = child?.phase === "alive" ? child.instance : undefined;
    const pid = instance?.process?.pid;
    if (pid !== undefined) this.#processes.set(pid, name);
    // What the test itself serves it announces when its parts are opened.
    if (name === testComponent) return instance !== undefined;
    return (
      instance !== undefined &&
      child?.node.provides.every((service) => instance.announcedServices.has(service)) === true
    );
  }

  async #until(what: string, condition: () => boolean, patience: number): Promise<void> {
    const end = performance.now() + patience;
    while (!condition()) {
      if (performance.now() > end) {
        const last = this.log.slice(-15).map(({ label, text }) => `  [${label}] ${text}`);
        throw new Error(
          `Waited ${patience} ms in vain until ${what}. The last lines of the system's log:\n${last.join("\n")}`,
        );
      }
      await delay(2);
    }
  }

  /** Ends the system, and gives back what was acquired. @throws Error for whatever is left of it */
  async [Symbol.asyncDispose](): Promise<void> {
    const errors: string[] = [];
    const attempt = async (step: () => unknown): Promise<void> => {
      try {
        await step();
      } catch (error) {
        errors.push(errorMessage(error));
      }
    };
    for (const child of Object.keys(this.#document.start)) this.#serves(child);
    for (const opened of this.#opened.reverse()) await attempt(() => opened[Symbol.asyncDispose]());
    for (const part of [...this.#parts.values()].reverse()) await attempt(() => part[Symbol.asyncDispose]());
    await attempt(() => this.#root[Symbol.asyncDispose]());
    for (const { provision } of [...this.#acquired].reverse()) await attempt(() => provision.release?.());
    rmSync(this.#folder, { recursive: true, force: true });
    errors.push(...(await this.#leaks()));
    if (errors.length > 0) throw new Error(`The target did not end well: ${errors.join("; ")}`);
  }

  /** What is left although nothing should be. */
  async #leaks(): Promise<string[]> {
    const { ledger, sessions } = this.#root.init;
    const alive = (): string[] =>
      [...this.#processes]
        .filter(([pid]) => running(pid))
        .map(([pid, name]) => `process ${pid} of "${name}" still runs`);
    for (let waited = 0; alive().length > 0 && waited < endPatience; waited += 10) await delay(10);
    const accounts = ledger.accounts.filter(({ name }) => name !== "init").map(({ name }) => name);
    const open = [...sessions.values()].map(({ client, service }) => `the ${service} session of "${client}" is open`);
    const quota = accounts.length > 0 ? [`quota is still lent to ${accounts.join(", ")}`] : [];
    return [...alive(), ...quota, ...open];
  }
}

function running(pid: number): boolean {
  const status = `/proc/${pid}/status`;
  try {
    return existsSync(status) && !/^State:\s+[ZX]/m.test(readFileSync(status, "utf8"));
  } catch {
    return false;
  }
}

/** The system file of a target. */
function systemDocument(
  acquired: readonly Acquired[],
  { components = {}, folder = process.cwd(), route = {} }: TargetOptions,
): { readonly start: Readonly<Record<string, object>> } {
  const start: Record<string, object> = {};
  const add = (name: string, node: object): void => {
    if (name in start || name === testComponent)
      throw new Error(`There cannot be two components "${name}" in a target: rename your own`);
    start[name] = node;
  };
  for (const { provision } of acquired)
    for (const [name, node] of Object.entries(provision.start ?? {})) add(name, node);
  for (const [name, node] of Object.entries(components)) add(name, withAbsolutePath(node, folder));
  const provides = acquired.flatMap(({ provision }) => provision.provides ?? []);
  start[testComponent] = {
    ...testQuota,
    ...(provides.length > 0 && { provides }),
    restart: { mode: "never" },
    config: {},
    route: {
      ...Object.assign({}, ...acquired.map(({ provision }) => provision.route ?? {})),
      ...route,
      "*": "default",
    },
  };
  return { ...basis, start };
}

/** The system file lies in a folder of its own, so paths of the user's components are made absolute. */
function withAbsolutePath(node: object, folder: string): object {
  const { binary } = node as { binary?: unknown };
  if (typeof binary !== "string" || !binary.startsWith(".") || isAbsolute(binary)) return node;
  return { ...node, binary: resolve(folder, binary) };
}

/** The folder of a test file, for paths in it. */
export function folderOf(url: string): string {
  return dirname(new URL(url).pathname);
}
