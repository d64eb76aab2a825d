/** A running system in the test's own process: a root with real components, observed through its state document. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { Root } from "../../root/root.js";
import { wholeState } from "../../servers/init/facts.js";
import type { Init } from "../../servers/init/init.js";
import type { StateDocument } from "../../servers/init/state-report.js";
import { slowness } from "./slowness.js";

export type ChildDocument = StateDocument["children"][string];

/** How long a condition may take to come true, in milliseconds, unless the test says otherwise. */
const patience = 8000 * slowness;

/** A system file as a test writes it. What it leaves out comes from {@link basis}. */
export type SystemDocument = Readonly<Record<string, unknown>>;

const basis = { parentProvides: ["ROM", "LOG", "Platform", "Spawner"], defaultRoute: { "*": "parent | any-child" } };

function alive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

export class TestSystem implements AsyncDisposable {
  readonly root: Root;
  /** Values with which the root init ended by itself. */
  readonly exits: number[];
  readonly #folder: string;
  readonly #pids = new Set<number>();

  private constructor(root: Root, folder: string, exits: number[]) {
    this.root = root;
    this.#folder = folder;
    this.exits = exits;
  }

  /** Starts a system with one parked process, so that both ways of starting are used. */
  static start(document: SystemDocument): TestSystem {
    const folder = mkdtempSync(join(tmpdir(), "bulkhead-system-"));
    const file = join(folder, "system.jsonc");
    const exits: number[] = [];
    writeFileSync(file, JSON.stringify({ ...basis, ...document }));
    const write =
      process.env["BULKHEAD_TEST_OUTPUT"] === undefined ? () => {} : (text: string) => void process.stderr.write(text);
    try {
      const root = new Root({
        file,
        isolation: "full",
        parked: 1,
        environment: {},
        write,
        exit: (value) => exits.push(value),
      });
      return new TestSystem(root, folder, exits);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get init(): Init {
    return this.root.init;
  }

  /** The whole state document, as it is now. */
  state(): StateDocument {
    for (const { instance } of this.init.children.values())
      if (instance?.process?.pid !== undefined) this.#pids.add(instance.process.pid);
    return wholeState(this.init);
  }

  child(name: string): ChildDocument {
    const child = this.state().children[name];
    assert.ok(child, `there is a component "${name}"`);
    return child as ChildDocument;
  }

  /** The number of the component's start. */
  id(name: string): number {
    return this.child(name).id as number;
  }

  /** Process id on the host. */
  pid(name: string): number {
    const pid = this.init.children.get(name)?.instance?.process?.pid;
    assert.ok(pid, `"${name}" runs`);
    return pid as number;
  }

  /** Waits until the state document meets the condition, and returns that document. */
  async until(what: string, condition: (state: StateDocument) => boolean, within = patience): Promise<StateDocument> {
    const end = performance.now() + within;
    for (;;) {
      const state = this.state();
      if (condition(state)) return state;
      if (performance.now() > end) {
        const words = this.root.console.history.slice(-12).map(({ label, text }) => `  [${label}] ${text}`);
        throw new Error(
          `Waited ${within} ms in vain until ${what}. The state is ${JSON.stringify(state, undefined, 1)}\nLast lines:\n${words.join("\n")}`,
        );
      }
      await delay(5);
    }
  }

  /** Waits until a component is in this state and has, of each of these services, so many open sessions. */
  async untilChild(
    name: string,
    what: string,
    condition: (child: ChildDocument) => boolean,
    within = patience,
  ): Promise<ChildDocument> {
    const state = await this.until(
      `"${name}" ${what}`,
      ({ children }) => children[name] !== undefined && condition(children[name]),
      within,
    );
    return state.children[name] as ChildDocument;
  }

  /** Waits until a line was logged under this label. */
  async untilLogged(label: string, text: string | RegExp, within = patience): Promise<string> {
    const found = (): string | undefined =>
      this.lines(label).find((line) => (typeof text === "string" ? line === text : text.test(line)));
    await this.until(`${label} logs ${String(text)}`, () => found() !== undefined, within);
    return found() as string;
  }

  /** What was logged under this label, oldest first. */
  lines(label: string): string[] {
    return this.root.console.history.filter((line) => line.label === label).map(({ text }) => text);
  }

  /** Replaces the system file and waits until it is in force. Components that it starts may still be starting. */
  async apply(document: SystemDocument): Promise<void> {
    writeFileSync(this.root.file, JSON.stringify({ ...basis, ...document }));
    await this.root.reload();
  }

  /** Ends the system. No process is left, and the ledger is as it was before the first component. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.state();
    await this.root[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
    const { ledger, sessions, model } = this.init;
    const { root } = ledger;
    const { ram, caps } = model.resources;
    assert.equal(
      ledger.accounts.map(({ name }) => name),
      ["init"],
      "every account is closed",
    );
    assert.equal(root.lent, { ram: 0, caps: 0 }, "all quota came back");
    assert.equal(root.used, { ram: ram.preserve, caps: caps.preserve }, "nothing is charged to init");
    assert.equal([...sessions.values()].length, 0, "no session is left");
    for (let waited = 0; [...this.#pids].some(alive) && waited < 1000; waited += 10) await delay(10);
    assert.equal([...this.#pids].filter(alive), [], "no process is left");
    assert.not(existsSync(this.#folder));
  }
}

/** Whether the component has an open session of the service whose label, without its own name, is this. */
export function uses(child: ChildDocument | undefined, service: string, label?: string): boolean {
  return (
    child?.requested?.some(
      (one) =>
        one.service === service && one.state === "OPEN" && (label === undefined || one.label.endsWith(` -> ${label}`)),
    ) === true
  );
}
