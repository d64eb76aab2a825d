/** The processes that a benchmark starts: measured ones, which answer, and the limit programs, which print. */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { cpus as processors } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { runtimeOptions } from "../base/compiled-code.js";
import type { Answer } from "./contender/measured.js";

const run = promisify(execFile);
/** Where the limit programs are built. */
export const limits = fileURLToPath(new URL("../../build/limit/", import.meta.url));

/** CPUs for taskset, such as "0"; undefined leaves placement to the scheduler. */
export type Placement = string | undefined;

/** What every measured process gets and nothing else; NODE_EXTRA_CA_CERTS alone would cost a start 30 ms. */
export const environment: NodeJS.ProcessEnv = { PATH: process.env["PATH"] };

/** A command under taskset, so that all threads of the process share its placement. */
export function placed(command: readonly string[], cpus: Placement): [string, ...string[]] {
  return (cpus === undefined ? command : ["taskset", "-c", cpus, ...command]) as [string, ...string[]];
}

/** Moves a running process with all its threads. */
export function place(pid: number, cpus: Placement): void {
  const list = cpus ?? `0-${processors().length - 1}`;
  execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", list, String(pid)], { stdio: "ignore" });
}

export interface ContenderOptions {
  readonly cpus?: Placement;
  /** Inherited as 4, 5, ...; the caller closes its own. */
  readonly descriptors?: readonly number[];
  readonly environment?: NodeJS.ProcessEnv;
  /** It stands for a component: Node.js runs as it does in one. */
  readonly asComponent?: boolean;
  /** A command that runs the process, such as a tracer. */
  readonly under?: readonly string[];
}

/** A process from contender/ that measures on request. */
export class Contender implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #exited: Promise<unknown>;

  private constructor(child: ChildProcess, name: string) {
    this.#child = child;
    this.#name = name;
    this.#exited = new Promise((resolve) => child.once("exit", resolve));
  }

  /** Resolves once the process is ready to measure. */
  static async start(name: string, args: readonly string[], options: ContenderOptions = {}): Promise<Contender> {
    const script = fileURLToPath(new URL(`./contender/${name}.js`, import.meta.url));
    const node = [process.execPath, ...(options.asComponent === true ? runtimeOptions : [])];
    const [program, ...rest] = placed([...(options.under ?? []), ...node, script, ...args], options.cpus);
    const child = spawn(program, rest, {
      env: { ...environment, ...options.environment },
      stdio: ["ignore", "inherit", "inherit", "ipc", ...(options.descriptors ?? [])],
    });
    const contender = new Contender(child, `${name} ${args.join(" ")}`.trim());
    await contender.#answer();
    return contender;
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  async measure(milliseconds: number): Promise<number> {
    const answered = this.#answer();
    this.#child.send({ milliseconds });
    return (await answered).value ?? Number.NaN;
  }

  #answer(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const gone = (): void => reject(new Error(`Cannot measure with "${this.#name}": the process ended`));
      this.#child.once("exit", gone);
      this.#child.once("message", (message: Answer) => {
        this.#child.off("exit", gone);
        if (message.failure === undefined) resolve(message);
        else reject(new Error(`Cannot measure with "${this.#name}": ${message.failure}`));
      });
    });
  }

  /** Ends the process by taking its IPC away, and waits for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exited;
  }
}

/** What a limit program printed. */
export async function limit(program: string, args: readonly string[]): Promise<Record<string, number>> {
  const { stdout } = await run(`${limits}${program}`, args, { env: environment });
  return JSON.parse(stdout) as Record<string, number>;
}
