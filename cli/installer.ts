/** Carries out the steps of an installation, or only tells them: each is printed before it is done. */
import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { errorMessage } from "../base/errors.js";
import { exitCodes, Failure } from "./command.js";
import type { Output } from "./output.js";

/** What is done with a file, in the words that are shown. */
export type FileStep = "write" | "replace" | "leave" | "keep" | "remove";

/** One step, as `--json` shows it. */
export type Step =
  | { readonly step: FileStep; readonly path: string; readonly why?: string }
  | { readonly step: "run"; readonly command: readonly string[] };

/** For each program that is run, in milliseconds: starting a system may take a while. */
const programTime = 120_000;

export interface InstallerOptions {
  /** The folder that is to become a machine's root; "" for this machine's own. */
  readonly root: string;
  readonly dryRun: boolean;
  readonly output: Output;
}

/** System programs are in folders that a user's PATH may lack. */
function searchPath(): string {
  return [process.env["PATH"] ?? "", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].join(delimiter);
}

export class Installer {
  readonly root: string;
  readonly steps: Step[] = [];
  readonly #dryRun: boolean;
  readonly #output: Output;

  constructor({ root, dryRun, output }: InstallerOptions) {
    this.root = root;
    this.#dryRun = dryRun;
    this.#output = output;
  }

  /** The content of a file of the installed system; undefined when there is none. */
  read(path: string): string | undefined {
    const file = join(this.root, path);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  }

  /** Writes a file that everybody may read. One that is so already stays. */
  write(path: string, content: string): void {
    const present = this.read(path);
    if (present === content) return this.#note({ step: "leave", path, why: "it is so already" });
    this.#note({ step: present === undefined ? "write" : "replace", path });
    if (this.#dryRun) return;
    const file = join(this.root, path);
    const partial = `${file}.new`;
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    // In one step, so that nobody ever reads half of it.
    writeFileSync(partial, content, { mode: 0o644 });
    chmodSync(partial, 0o644);
    renameSync(partial, file);
  }

  keep(path: string, why: string): void {
    this.#note({ step: "keep", path, why });
  }

  /** Says something that is no step. */
  remark(text: string): void {
    this.#output.note(text);
  }

  /** Removes a file, and its folder if that is then empty and ours. */
  remove(path: string, { withFolder = false }: { readonly withFolder?: boolean } = {}): void {
    if (this.read(path) === undefined) return;
    this.#note({ step: "remove", path });
    if (this.#dryRun) return;
    const file = join(this.root, path);
    rmSync(file);
    if (!withFolder) return;
    try {
      rmdirSync(dirname(file));
    } catch {
      // Somebody else has files there.
    }
  }

  /** @throws Failure with what the program said, unless `optional` */
  async run(command: readonly string[], { optional = false }: { readonly optional?: boolean } = {}): Promise<void> {
    this.#note({ step: "run", command });
    if (this.#dryRun) return;
    const [program = "", ...args] = command;
    const environment = { ...process.env, PATH: searchPath(), SYSTEMD_COLORS: "0" };
    const problem = await new Promise<string | undefined>((resolve) => {
      execFile(program, args, { timeout: programTime, env: environment }, (error, _output, errors) => {
        resolve(error === null ? undefined : errors.trim() || errorMessage(error));
      });
    });
    if (problem === undefined) return;
    if (optional) return this.#output.note(`${command.join(" ")}: ${problem}`);
    throw new Failure(`Cannot run "${command.join(" ")}": ${problem}`);
  }

  /** @throws Failure unless every program is there */
  need(programs: readonly string[]): void {
    const missing = programs.filter(
      (name) =>
        !searchPath()
          .split(delimiter)
          .some((folder) => folder !== "" && existsSync(join(folder, name))),
    );
    if (missing.length > 0)
      throw new Failure(
        `There is no ${missing.join(", ")}: a service of the machine needs systemd`,
        exitCodes.device,
        'on a machine with another init, start "bulkhead up" from a script of that one',
      );
  }

  #note(step: Step): void {
    this.steps.push(step);
    if (this.#output.json) return;
    const words =
      step.step === "run" ? step.command.join(" ") : `${step.path}${step.why === undefined ? "" : ` (${step.why})`}`;
    this.#output.print(`${step.step.padEnd(8)} ${words}`);
  }
}
