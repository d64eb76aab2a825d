/**
 * The kinds of user that start a system, and of host that they start it on: each is a command put before another one.
 * A host that forbids user namespaces is a namespace whose own limit of them is 0, as `test/native/situations.h` makes it.
 */
import { execFileSync } from "node:child_process";

export const nobody = 65_534;

export interface Caller {
  readonly name: string;
  /** Has no rights beyond its own files. */
  readonly ordinary: boolean;
  /** Whether the kernel lets it make user namespaces. */
  readonly namespaces: boolean;
}

const isRoot = process.getuid?.() === 0;

export const self: Caller = { name: isRoot ? "root" : "this user", ordinary: !isRoot, namespaces: true };
export const ordinary: Caller = { name: "an ordinary user", ordinary: true, namespaces: true };
export const selfWithout: Caller = { ...self, name: `${self.name} without user namespaces`, namespaces: false };
export const ordinaryWithout: Caller = {
  ...ordinary,
  name: "an ordinary user without user namespaces",
  namespaces: false,
};

const becomeNobody = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups", "--"];

/** Runs its arguments as a user without capabilities, in a namespace of that user alone. */
const forbidUser = `
user=$(id -u) group=$(id -g)
exec unshare --user --map-user=$user --map-group=$group --keep-caps sh -euc '
  echo 0 > /proc/sys/user/max_user_namespaces
  exec setpriv --inh-caps=-all --ambient-caps=-all -- "$@"' sh "$@"`;

/** Runs its arguments as root of a namespace of all ids: only a process outside, which waits for it, may map those. */
const forbidRoot = `
inside=$$ outer=$(readlink /proc/$$/ns/user)
(
  while [ "$(readlink /proc/$inside/ns/user)" = "$outer" ]; do sleep 0.01; done
  for map in gid_map uid_map; do echo 0 0 4294967295 > /proc/$inside/$map; done
) <&- >&- &
exec unshare --user --mount sh -euc '
  while [ "$(id -u)" != 0 ]; do sleep 0.01; done
  # A new program of the mapped root has the capabilities that the limit asks for.
  exec sh -euc "echo 0 > /proc/sys/user/max_user_namespaces; exec \\"\\$@\\"" sh "$@"' sh "$@"`;

/** The command, as this caller runs it. Becoming another user needs root. */
export function commandAs({ ordinary: wanted, namespaces }: Caller, command: readonly string[]): string[] {
  const user = wanted && isRoot ? becomeNobody : [];
  const forbid = namespaces ? [] : ["sh", "-euc", wanted ? forbidUser : forbidRoot, "sh"];
  return [...user, ...forbid, ...command];
}

/** Why this process cannot run a command as that caller; undefined when it can. */
export function obstacle(caller: Caller): string | undefined {
  if (caller === self) return undefined;
  if (!isRoot && (caller === ordinary || caller === ordinaryWithout))
    return "becoming another user needs root; the test of this user ran as one";
  // A namespace that forbids further ones has to be made first.
  const [program, ...rest] = commandAs(caller, caller.namespaces ? ["unshare", "--user", "true"] : ["true"]) as [
    string,
    ...string[],
  ];
  try {
    execFileSync(program, rest, { stdio: "ignore", timeout: 10_000 });
    return undefined;
  } catch {
    return `this system gives no user namespace to ${caller.name.replace(/ without .*/, "")}`;
  }
}
