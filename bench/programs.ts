/** The programs that the bench runs, and what to install when one is missing. */
import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import type { Architecture } from "./architecture.js";

/** This machine cannot have a bench as it is: a test skips for it, and in CI it fails. */
export class BenchUnavailable extends Error {
  override readonly name = "BenchUnavailable";
}

/** Where system programs are that a user's PATH often lacks. */
const systemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/lib/systemd", "/lib/systemd"];

export function findProgram(name: string): string | undefined {
  for (const folder of [...(process.env["PATH"] ?? "").split(":"), ...systemFolders]) {
    const candidate = join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** Paths of the programs that every machine needs. */
export interface Programs {
  readonly emulator: string;
  readonly busybox: string;
  readonly modprobe: string;
  readonly setpriv: string;
  /** The first program of a machine with systemd. */
  readonly systemd?: string;
}

/** Of a machine with systemd, beside the usual ones. */
const systemdPrograms = {
  systemd: ["systemd", "systemd"],
  udev: ["systemd-udevd", "udev"],
  bus: ["dbus-daemon", "dbus"],
} as const;

/** @throws BenchUnavailable, which names every package at once. */
export function needPrograms(
  { emulator, emulatorPackage }: Architecture,
  { systemd = false }: { readonly systemd?: boolean } = {},
): Programs {
  const wanted = {
    emulator: [emulator, emulatorPackage],
    busybox: ["busybox", "busybox-static"],
    modprobe: ["modprobe", "kmod"],
    setpriv: ["setpriv", "util-linux"],
    ...(systemd && systemdPrograms),
  } as const;
  const found = Object.entries(wanted).map(([key, [name, owner]]) => ({ key, owner, path: findProgram(name) }));
  const missing = found.filter(({ path }) => path === undefined).map(({ owner }) => owner);
  if (missing.length > 0)
    throw new BenchUnavailable(
      `The virtual bench needs ${missing.join(", ")}. Install with: sudo apt-get install ${missing.join(" ")}`,
    );
  return Object.fromEntries(found.map(({ key, path }) => [key, path])) as unknown as Programs;
}

export interface RunOptions {
  readonly cwd?: string;
  /** In milliseconds. */
  readonly within?: number;
}

/** Runs a program to its end. @throws Error with what it wrote to standard error. */
export function runProgram(
  program: string,
  args: readonly string[],
  { cwd, within = 60_000 }: RunOptions = {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      {
        encoding: "buffer",
        maxBuffer: 1 << 28,
        timeout: within,
        killSignal: "SIGKILL",
        ...(cwd !== undefined && { cwd }),
      },
      (error, output, errors) => {
        if (error === null) return resolve(output);
        const why = error.killed ? `took longer than ${within} ms` : errors.toString().trim() || error.message;
        reject(new Error(`Cannot run ${program} ${args.join(" ")}: ${why}`));
      },
    );
  });
}

/** A word of a shell's that stands for itself. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
