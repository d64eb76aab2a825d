/** Power and reset of a device under test, by whatever switches them. */
import { execFile } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { parseDuration } from "../base/quantity.js";

/** One way of switching. Whoever has another one writes these methods. */
export interface Switch {
  on(): Promise<void>;
  off(): Promise<void>;
  close?(): void | Promise<void>;
}

/** A program and its arguments. */
export type CommandLine = readonly [string, ...string[]];

const run = promisify(execFile);
/** How long a command that switches may take, in milliseconds. */
const commandTimeout = 30_000;

/** Runs a command of the bench, for at most `timeout` milliseconds. Its output is the answer; its failure says what it printed. */
export async function runCommand(
  what: string,
  [program, ...args]: CommandLine,
  timeout = commandTimeout,
): Promise<Buffer> {
  try {
    const { stdout } = await run(program, args, { encoding: "buffer", timeout, maxBuffer: 256 << 20 });
    return stdout;
  } catch (error) {
    const { code, stderr, killed } = error as { code?: unknown; stderr?: Buffer; killed?: boolean };
    const why =
      killed === true
        ? `it took longer than ${timeout / 1000} s`
        : code === "ENOENT"
          ? "there is no such program: install it, or correct the lab file"
          : `it ended with ${String(code)}: ${(stderr ?? "").toString().trim()}`;
    throw new Error(`Cannot ${what} by "${[program, ...args].join(" ")}": ${why}`);
  }
}

/** Switches by commands, such as those of a USB hub, a relay board or a power strip. */
export function commandSwitch({ on, off }: { readonly on: CommandLine; readonly off: CommandLine }): Switch {
  return {
    on: async () => void (await runCommand("switch on", on)),
    off: async () => void (await runCommand("switch off", off)),
  };
}

export class Power implements AsyncDisposable {
  readonly #switch: Switch;
  readonly #pause: number;
  readonly #trace: (step: string) => void;
  #state: "on" | "off" | undefined;

  /** `pause`: how long a cycle stays off, so that capacitors empty. */
  constructor(
    own: Switch,
    options: { readonly pause?: string | number; readonly trace?: (step: string) => void } = {},
  ) {
    this.#switch = own;
    this.#pause = parseDuration(options.pause ?? "500ms");
    this.#trace = options.trace ?? (() => {});
  }

  /** As it was switched last; undefined before. */
  get state(): "on" | "off" | undefined {
    return this.#state;
  }

  async on(): Promise<void> {
    this.#trace("on");
    await this.#switch.on();
    this.#state = "on";
  }

  async off(): Promise<void> {
    this.#trace("off");
    await this.#switch.off();
    this.#state = "off";
  }

  /** Off, a pause, and on again. */
  async cycle(): Promise<void> {
    await this.off();
    await delay(this.#pause);
    await this.on();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#switch.close?.();
  }
}
