/** Commands on a device under test, and over ssh on a board. One connection is opened for a test, and all commands share it. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDuration } from "../base/quantity.js";
import type { ByteStream } from "./console.js";

export interface ShellOptions {
  /** As ssh takes it, such as "root@board". */
  readonly host: string;
  readonly port?: number;
  /** Private key; without it those that ssh finds. */
  readonly identity?: string;
  /** File of host keys; without it the user's. */
  readonly knownHosts?: string;
  /** Further options, as ssh's `-o` takes them. */
  readonly options?: readonly string[];
}

export interface CommandResult {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

export interface CommandOptions {
  /** 30 s when absent. What takes longer is given up, and goes on running on the board. */
  readonly within?: string | number;
  /** What the command reads on its standard input. */
  readonly input?: string | Uint8Array;
}

const usualPatience = "30s";
/** What ssh itself ends with when it fails; a command may, too. */
const sshFailure = 255;
const connectSeconds = 10;

/** Arguments of ssh for a board. Nobody is there to answer questions. */
export function sshArguments({ host, port, identity, knownHosts, options = [] }: ShellOptions): string[] {
  if (host.startsWith("-")) throw new RangeError(`"${host}" is no host`);
  const settings = [
    "BatchMode=yes",
    `ConnectTimeout=${connectSeconds}`,
    ...(knownHosts === undefined ? [] : [`UserKnownHostsFile=${knownHosts}`]),
    ...options,
  ];
  return [
    ...settings.flatMap((setting) => ["-o", setting]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...(identity === undefined ? [] : ["-i", identity, "-o", "IdentitiesOnly=yes"]),
  ];
}

/** Runs commands on a device under test. */
export interface CommandRunner extends AsyncDisposable {
  /** Runs a command of its shell, whatever its exit code. */
  try(command: string, options?: CommandOptions): Promise<CommandResult>;
  /** Runs a command, and returns what it printed. @throws Error when its exit code is not 0 */
  run(command: string, options?: CommandOptions): Promise<string>;
}

export class Shell implements CommandRunner {
  readonly #options: ShellOptions;
  readonly #folder: string;
  readonly #arguments: readonly string[];
  readonly #trace: (command: string, result: CommandResult) => void;

  private constructor(options: ShellOptions, trace: (command: string, result: CommandResult) => void) {
    this.#options = options;
    this.#trace = trace;
    const shared = sshArguments(options);
    this.#folder = mkdtempSync(join(tmpdir(), "bulkhead-ssh-"));
    this.#arguments = [...shared, "-o", `ControlPath=${join(this.#folder, "control")}`];
  }

  /** Connects. @throws Error with what ssh said */
  static async open(
    options: ShellOptions,
    trace: (command: string, result: CommandResult) => void = () => {},
  ): Promise<Shell> {
    const shell = new Shell(options, trace);
    try {
      await shell.#connect();
      return shell;
    } catch (error) {
      rmSync(shell.#folder, { recursive: true, force: true });
      throw error;
    }
  }

  async #connect(): Promise<void> {
    const { code, errors } = await this.#ssh(["-o", "ControlMaster=yes", "-o", "ControlPersist=yes", "-f", "-N"], [], {
      within: (connectSeconds + 5) * 1000,
    });
    if (code !== 0) throw new Error(`Cannot reach ${this.#options.host} over ssh: ${errors.trim()}`);
  }

  #ssh(
    options: readonly string[],
    command: readonly string[],
    { within, input }: CommandOptions,
  ): Promise<CommandResult> {
    const milliseconds = parseDuration(within ?? usualPatience);
    return new Promise((resolve, reject) => {
      const args = [...this.#arguments, ...options, this.#options.host, ...command];
      const child = execFile(
        "ssh",
        args,
        { encoding: "utf8", timeout: milliseconds, killSignal: "SIGKILL", maxBuffer: 64 << 20 },
        (error, output, errors) => {
          if (error?.killed === true)
            reject(new Error(`"${command.join(" ")}" on ${this.#options.host} took longer than ${milliseconds} ms`));
          else if (error !== null && typeof error.code !== "number")
            reject(new Error(`Cannot run ssh: ${error.message}; install openssh-client`));
          else resolve({ code: typeof error?.code === "number" ? error.code : 0, output, errors });
        },
      );
      // A command that does not read ends before all is written.
      child.stdin?.on("error", () => {});
      child.stdin?.end(input ?? "");
    });
  }

  /** Runs a command of the board's shell, whatever its exit code. */
  async try(command: string, options: CommandOptions = {}): Promise<CommandResult> {
    const result = await this.#ssh([], ["--", command], options);
    this.#trace(command, result);
    if (result.code === sshFailure && result.output === "" && /^(ssh|Connection|mux_client)/m.test(result.errors))
      throw new Error(`Lost ${this.#options.host}: ${result.errors.trim()}`);
    return result;
  }

  /** Runs a command, and returns what it printed. @throws Error when its exit code is not 0 */
  async run(command: string, options?: CommandOptions): Promise<string> {
    const { code, output, errors } = await this.try(command, options);
    if (code !== 0)
      throw new Error(
        `"${command}" on ${this.#options.host} ended with ${code}: ${(errors + output).trim().slice(-2000)}`,
      );
    return output;
  }

  /** A running command as a line: what it prints comes, what is sent it reads. Such as `picocom` on the board. */
  stream(command: string): ByteStream {
    const child = spawn("ssh", [...this.#arguments, this.#options.host, "--", command], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    child.stdin.on("error", () => {});
    return {
      write: async (bytes) => {
        if (!child.stdin.write(bytes)) await once(child.stdin, "drain");
      },
      async *bytes({ signal }) {
        const abort = (): void => void child.stdout.destroy();
        signal.addEventListener("abort", abort, { once: true });
        try {
          // private copy: what a pipe delivers is this process's own
          for await (const piece of child.stdout) yield piece as Uint8Array;
        } catch (error) {
          if (!signal.aborted) throw error;
        }
      },
      close: async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill("SIGTERM");
        await once(child, "exit");
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ssh(["-O", "exit"], [], { within: "5s" }).catch(() => {});
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
