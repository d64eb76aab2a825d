/**
 * A delegated systemd scope for an ordinary user's system: control groups of its own, without which nothing limits the
 * memory of its components. A running process cannot be made to move into one, so `bulkhead up` runs itself again there.
 */
import { execFile, spawn } from "node:child_process";
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { constants as systemConstants } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";

/** Set for a system that runs in the scope: it looks for no other. */
const mark = "BULKHEAD_SCOPE";
/** How long the user's systemd may take to make a scope, in milliseconds. */
const probeTimeout = 20_000;

/** Where the facts are; elsewhere in tests. */
export interface ScopePlaces {
  readonly user: number;
  readonly process: number;
  readonly environment: NodeJS.ProcessEnv;
  readonly processes: string;
  readonly controlGroups: string;
}

function thisMachine(): ScopePlaces {
  return {
    user: process.getuid?.() ?? 0,
    process: process.pid,
    environment: process.env,
    processes: "/proc",
    controlGroups: "/sys/fs/cgroup",
  };
}

/** The program that makes a scope; or why there is to be none, and whether that is as good as having one. */
export type ScopeDecision = { readonly program: string } | { readonly obstacle: string; readonly needless: boolean };

function text(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function accessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function isSocket(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}

/** The process and those that led to it. */
function ancestry({ processes, process: own }: ScopePlaces): Set<number> {
  const found = new Set<number>();
  for (let one = own; one > 0 && !found.has(one); ) {
    found.add(one);
    const status = text(join(processes, String(one), "stat")) ?? "";
    // After the name, which may hold anything: the state, then the parent.
    one = Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1] ?? 0);
  }
  return found;
}

/** Whether the spawner can make groups where this process is: it moves those that led to it, and nobody else. */
function delegated(places: ScopePlaces): boolean {
  const path = /^0::(\/.*)$/m.exec(text(join(places.processes, "self/cgroup")) ?? "")?.[1];
  if (path === undefined) return false;
  const group = join(places.controlGroups, path);
  const controllers = text(join(group, "cgroup.controllers"))?.trim().split(" ") ?? [];
  const members = text(join(group, "cgroup.procs"))?.trim().split("\n").map(Number) ?? [];
  const own = ancestry(places);
  return (
    controllers.includes("memory") &&
    [group, join(group, "cgroup.procs"), join(group, "cgroup.subtree_control")].every((file) =>
      accessible(file, constants.W_OK),
    ) &&
    members.every((member) => own.has(member))
  );
}

/** Whether a system that starts now should start in a scope. */
export function scopeDecision(places: ScopePlaces = thisMachine()): ScopeDecision {
  const { user, environment, controlGroups } = places;
  const not = (obstacle: string, needless = false): ScopeDecision => ({ obstacle, needless });
  if (user === 0) return not("root needs none", true);
  if (environment[mark] !== undefined) return not("this is inside of one", true);
  if (!accessible(join(controlGroups, "cgroup.controllers"), constants.R_OK))
    return not(`${controlGroups} is not the second version of control groups, which alone can be delegated`);
  if (delegated(places)) return not("the control group of this process is delegated already", true);
  const runtime = environment["XDG_RUNTIME_DIR"] ?? "";
  if (!isAbsolute(runtime)) return not("XDG_RUNTIME_DIR is not set, so this is no login session with a systemd");
  if (!["systemd/private", "bus"].some((name) => isSocket(join(runtime, name))))
    return not(`no systemd of user ${user} runs: neither systemd/private nor bus is a socket in ${runtime}`);
  const program = (environment["PATH"] ?? "")
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, "systemd-run"))
    .find((path) => accessible(path, constants.X_OK));
  return program === undefined ? not("there is no systemd-run in PATH") : { program };
}

const scope = ["--user", "--scope", "--quiet", "--collect", "-p", "Delegate=yes", "--"];

/** Why systemd makes no scope, although all for it is there; undefined when it does. */
export function scopeFailure(program: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, [...scope, "true"], { timeout: probeTimeout }, (error, _output, errors) => {
      resolve(error === null ? undefined : errors.trim().split("\n")[0] || error.message);
    });
  });
}

/** Runs a command in a scope of its own, with this process's terminal and signals. Resolves to its exit code. */
export function runInScope(program: string, command: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...scope, ...command], {
      stdio: "inherit",
      env: { ...process.env, [mark]: "1" },
    });
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
    // A terminal sends Ctrl-C to both; the second one changes nothing.
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    for (const signal of signals) process.on(signal, pass);
    const done = (): void => {
      for (const signal of signals) process.removeListener(signal, pass);
    };
    child.once("error", (error) => {
      done();
      reject(error);
    });
    child.once("exit", (code, signal) => {
      done();
      resolve(code ?? 128 + (signal === null ? 0 : systemConstants.signals[signal]));
    });
  });
}
