/** A real `bulkhead up` in a folder of its own, with its own control socket. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundledProgram } from "../../bindings/prebuilt.js";
import { controlVersion, type SystemStatus } from "../../root/control-protocol.js";
import { slowness } from "./slowness.js";

const command = bundledProgram("bulkhead");
/** For whatever a busy machine delays. */
const patience = 10_000 * slowness;
/** For a whole system, of which the default one has two dozen components. */
const startPatience = 3 * patience;

export interface Finished {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs the `bulkhead` command to its end. */
export function bulkhead(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Finished> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [command, ...args],
      { cwd: options.cwd, env: options.env ?? process.env, timeout: 30_000 },
      (_error, output, errors) => resolve({ code: child.exitCode, output, errors }),
    );
  });
}

/** Asks until `look` yields something; throws with `what` when it does not within so many milliseconds. */
export async function eventually<Value>(
  what: string,
  look: () => Value | undefined | Promise<Value | undefined>,
  within = patience,
): Promise<Value> {
  const deadline = Date.now() + within;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`It did not happen within ${within} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** All processes below one, itself included. */
export function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const status = readFileSync(`/proc/${name}/stat`, "utf8");
      // After the name, which may hold anything: the state, then the parent.
      parents.set(Number(name), Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It has just ended.
    }
  }
  const tree = [root];
  for (const one of tree)
    for (const [child, parent] of parents) if (parent === one && !tree.includes(child)) tree.push(child);
  return tree;
}

export function processRuns(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

export class RunningSystem implements AsyncDisposable {
  readonly folder: string;
  readonly file: string;
  readonly socket: string;
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
  /** What it printed so far, on both streams. */
  printed = "";

  private constructor(folder: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.file = join(folder, "bulkhead.jsonc");
    this.socket = join(folder, "control.sock");
    this.process = spawn(
      process.execPath,
      [command, "up", "--no-scope", "--socket", this.socket, "--parked", "0", ...args],
      {
        cwd: folder,
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, ...environment },
      },
    );
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.printed += text;
      });
    }
    this.ended = new Promise((resolve) => this.process.once("close", (code) => resolve(code)));
  }

  /** Starts the system of this text, and waits until every component is alive that is to run. */
  static async start(
    text: string,
    args: readonly string[] = [],
    environment: NodeJS.ProcessEnv = {},
  ): Promise<RunningSystem> {
    const folder = mkdtempSync(join(tmpdir(), "bulkhead-up-"));
    writeFileSync(join(folder, "bulkhead.jsonc"), text);
    const system = new RunningSystem(folder, args, environment);
    try {
      await eventually(
        `every component is alive:\n${system.printed}`,
        async () => {
          if (system.process.exitCode !== null) throw new Error(`It ended:\n${system.printed}`);
          const status = await system.status().catch(() => undefined);
          const states = Object.values(status?.state.children ?? {});
          return states.length > 0 && states.every(({ state }) => state === "alive" || state === "disabled")
            ? true
            : undefined;
        },
        startPatience,
      );
    } catch (error) {
      await system[Symbol.asyncDispose]();
      throw error;
    }
    return system;
  }

  get pid(): number {
    return this.process.pid as number;
  }

  /** Runs a command against this system. */
  run(...args: readonly string[]): Promise<Finished> {
    return bulkhead([...args, "--socket", this.socket], { cwd: this.folder });
  }

  async json<Value>(...args: readonly string[]): Promise<Value & { readonly version: number }> {
    const { code, output, errors } = await this.run(...args, "--json");
    if (code !== 0) throw new Error(`bulkhead ${args.join(" ")} ended with ${String(code)}: ${errors}`);
    const value = JSON.parse(output) as Value & { readonly version: number };
    if (value.version !== controlVersion)
      throw new Error(`bulkhead ${args.join(" ")} answered in version ${value.version}`);
    return value;
  }

  status(): Promise<SystemStatus> {
    return this.json<SystemStatus>("status");
  }

  /** The number of a component's newest start. */
  async start(component: string): Promise<number> {
    return (await this.status()).state.children[component]?.id ?? 0;
  }

  edit(change: (text: string) => string): void {
    writeFileSync(this.file, change(readFileSync(this.file, "utf8")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill("SIGTERM");
    const killer = setTimeout(() => this.process.kill("SIGKILL"), 8000);
    await this.ended;
    clearTimeout(killer);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
