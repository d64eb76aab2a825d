/** The emulator's process: started, watched and ended. It dies with whoever started it. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { bounded, DeadlinePassed, type WaitOptions } from "./deadline.js";
import { Monitor } from "./monitor.js";
import type { Programs } from "./programs.js";
import { Wire } from "./wire.js";

/** The machine ended while somebody needed it: the guest panicked or powered off, or the emulator failed. */
export class MachineEnded extends Error {
  override readonly name = "MachineEnded";
}

/** How many lines of the console a failure shows. */
const shownLines = 25;
const endTime = 5000;

/** How long a guest does nothing that rests, in milliseconds. */
const restTime = 400;
/** What its processors do then all the same, such as ticks of a clock: a share of one of this machine's. */
const restingShare = 0.2;

/** Nanoseconds for which the threads of a process ran, or waited for a processor that others had. */
function demand(pid: number): number {
  const threads = `/proc/${pid}/task`;
  let sum = 0;
  for (const thread of readdirSync(threads)) {
    try {
      const [ran, waited] = readFileSync(join(threads, thread, "schedstat"), "utf8").split(" ");
      sum += Number(ran) + Number(waited);
    } catch {
      // It has just ended.
    }
  }
  return sum;
}

/** Where the emulator has the state that it begins with. */
export const stateDescriptor = 3;

export class Emulator implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #wire: Wire;
  readonly #exited: Promise<void>;
  #errors = "";
  #how = "";
  #ending = false;
  /** Rejects when the emulator ends without having been asked to. */
  readonly over: Promise<never>;
  readonly monitor: Monitor;

  private constructor(process: ChildProcess, folder: string, wire: Wire) {
    this.#process = process;
    this.#folder = folder;
    this.#wire = wire;
    process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-4096);
    });
    this.#exited = new Promise((resolve) => {
      process.once("error", (error) => {
        this.#errors += error.message;
        resolve();
      });
      process.once("close", (code, signal) => {
        this.#how = signal === null ? `with code ${code}` : `by ${signal}`;
        resolve();
      });
    });
    this.over = this.#exited.then(() => {
      throw new MachineEnded(
        this.#ending
          ? "The machine was ended"
          : this.explain(
              `The machine ended by itself, ${this.#how}${this.#how === "with code 0" ? ": its guest panicked or powered off" : ""}`,
            ),
      );
    });
    this.over.catch(() => {});
    this.monitor = new Monitor(wire, this.over);
  }

  /** Starts the emulator, whose monitor and console are in `folder`. With the file of a `state` it waits to load it. */
  static async start(
    programs: Programs,
    folder: string,
    args: readonly string[],
    { state, ...options }: WaitOptions & { readonly state?: string | undefined },
  ): Promise<Emulator> {
    const wire = await Wire.listen(join(folder, "monitor"));
    const whole = [
      ...args,
      ...["-chardev", `socket,id=monitor,path=${wire.path.replaceAll(",", ",,")},server=off`],
      ...["-mon", "chardev=monitor,mode=control"],
      ...(state === undefined ? [] : ["-incoming", "defer"]),
    ];
    const file = state === undefined ? [] : [openSync(state, "r")];
    const child = spawn(programs.setpriv, ["--pdeathsig", "KILL", programs.emulator, ...whole], {
      stdio: ["ignore", "ignore", "pipe", ...file],
    });
    for (const descriptor of file) closeSync(descriptor);
    const emulator = new Emulator(child, folder, wire);
    try {
      await emulator.monitor.execute("qmp_capabilities", {}, options);
    } catch (error) {
      await emulator[Symbol.asyncDispose]();
      throw error;
    }
    return emulator;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Resolves when the guest has done nothing for a while. */
  rest(options: WaitOptions): Promise<void> {
    let waiting = true;
    const rested = async (): Promise<void> => {
      while (waiting) {
        const [before, since] = [demand(this.#process.pid as number), performance.now()];
        await delay(restTime);
        const used = (demand(this.#process.pid as number) - before) / 1e6;
        if (used < restingShare * (performance.now() - since)) return;
      }
    };
    return bounded("the guest to rest", rested(), options, this.over).finally(() => {
      waiting = false;
    });
  }

  /** A sentence with what the emulator and the guest's console said last. */
  explain(sentence: string): string {
    const lines = this.consoleLines();
    // What a panic is about stands above its trace.
    const panic = lines.findIndex((line) => line.includes("Kernel panic - not syncing"));
    const console = panic < 0 ? lines.slice(-shownLines) : lines.slice(panic, panic + shownLines);
    const parts = [sentence];
    if (this.#errors.trim() !== "") parts.push(`The emulator said:\n${this.#errors.trim()}`);
    parts.push(console.length > 0 ? `The last lines of its console:\n${console.join("\n")}` : "Its console is empty");
    return parts.join("\n");
  }

  /** Does something, and adds to a wait that was in vain what the guest said last. */
  async explained<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof DeadlinePassed) error.message = this.explain(error.message);
      throw error;
    }
  }

  /** What the guest's console has shown. */
  consoleLines(): string[] {
    try {
      const text = readFileSync(join(this.#folder, "console.log"), "utf8");
      return text.split(/\r*\n/).filter((line) => line.trim() !== "");
    } catch {
      return [];
    }
  }

  /** Ends the emulator: asked first, so that it completes its files. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ending) {
      this.#ending = true;
      this.#process.kill("SIGTERM");
    }
    await bounded("the emulator's end", this.#exited, { within: endTime }).catch(async () => {
      this.#process.kill("SIGKILL");
      await this.#exited;
    });
    this.#wire[Symbol.dispose]();
  }
}
