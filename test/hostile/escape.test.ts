// timeout: 120s
/** Components that try to get out of their sandbox, beside an honest pair that goes on: at each level, as each kind of user. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { slowness } from "../../hil/slowness.js";
import { eventually } from "../support/running-system.js";
import { type Context, suite } from "../support/suite.js";

const program = fileURLToPath(new URL("./system-under-attack.js", import.meta.url));
const nobody = 65_534;

interface Sandbox {
  readonly phase: string;
  readonly isolation?: string;
  readonly measures?: readonly string[];
  readonly missing?: readonly string[];
}

interface Attacked {
  readonly lines: Map<string, string[]>;
  children: Readonly<Record<string, Sandbox>>;
  errors: string;
  readonly process: ChildProcess;
}

type Level = "full" | "no-namespaces" | "seccomp";

/** A system of an honest pair and an escapee with these attempts; `asUser` runs its root without the rights of root. */
function start(context: Context, level: Level, attempts: readonly string[], asUser = false): Attacked {
  // The temporary folder of a test run is closed to other users.
  const folder = mkdtempSync(join(asUser ? "/tmp" : tmpdir(), "bulkhead-escape-"));
  context.defer(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "system.jsonc");
  const system = {
    parentProvides: ["ROM", "LOG"],
    defaultRoute: { ROM: "parent", LOG: "parent", "*": "any-child" },
    start: {
      "honest-server": { binary: "test/honest-server", ram: "4M", provides: ["Echo"] },
      "honest-client": { binary: "test/honest-client", ram: "4M", restart: { mode: "never" } },
      escapee: {
        binary: "test/escapee",
        ram: "8M",
        memory: "192M",
        restart: { mode: "never" },
        config: { attempts, effort: 1 / slowness },
      },
    },
  };
  writeFileSync(file, JSON.stringify(system));
  const command = [process.execPath, program, file, level];
  if (asUser) {
    for (const path of [folder, file]) chownSync(path, nobody, nobody);
    chmodSync(folder, 0o755);
    command.unshift("setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups", "--");
  }
  const [first, ...rest] = command as [string, ...string[]];
  const child = spawn(first, rest, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], HOME: folder, TMPDIR: folder },
    cwd: folder,
  });
  const attacked: Attacked = { lines: new Map(), children: {}, errors: "", process: child };
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (text) => {
    const record = JSON.parse(text) as { label?: string; line?: string; children?: Attacked["children"] };
    if (record.children !== undefined) attacked.children = record.children;
    else
      attacked.lines.set(record.label as string, [
        ...(attacked.lines.get(record.label as string) ?? []),
        record.line as string,
      ]);
  });
  child.stderr?.on("data", (text: Buffer) => (attacked.errors += text.toString()));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  context.defer(async () => {
    child.stdin?.end();
    const killer = setTimeout(() => child.kill("SIGKILL"), 4000 * slowness);
    await ended;
    clearTimeout(killer);
  });
  return attacked;
}

function linesOf({ lines }: Attacked, label: string): readonly string[] {
  return lines.get(label) ?? [];
}

/** Waits until the escapee has tried everything, or was ended, and the honest pair has gone on after that. */
async function settled(attacked: Attacked): Promise<void> {
  await eventually(`the attempts are over: ${attacked.errors}`, () => {
    if (attacked.process.exitCode !== null) throw new Error(`The system ended: ${attacked.errors}`);
    const over =
      linesOf(attacked, "escapee").includes("attempts are over") ||
      ["exited", "stuck", "crash-loop"].includes(attacked.children["escapee"]?.phase ?? "");
    return over ? true : undefined;
  });
  const before = linesOf(attacked, "honest-client").length;
  await eventually("the honest pair goes on", () =>
    linesOf(attacked, "honest-client").length >= before + 3 ? true : undefined,
  );
  assert.is(attacked.children["honest-client"]?.phase, "alive");
  assert.is(attacked.children["honest-server"]?.phase, "alive");
  for (const line of linesOf(attacked, "honest-client")) assert.match(line, /^calls [1-9]/);
}

/** Attempt and the outcome that it must have. */
const refusals: Readonly<Record<string, RegExp>> = {
  "open a device": /^E(PERM|NOENT|ACCES)$/,
  "open the terminal": /^E(PERM|NOENT|ACCES)$/,
  "open a file of the host": /^E(PERM|NOENT|ACCES)$/,
  "open its own program for writing": /^E(PERM|NOENT|ACCES|ROFS|TXTBSY)$/,
  "make a file": /^E(PERM|NOENT|ACCES|ROFS)$/,
  "list the root": /^E(PERM|ACCES)$/,
  "read the environment of process 1": /^E(PERM|NOENT|ACCES)$/,
  "write its own memory": /^E(PERM|NOENT|ACCES)$/,
  "reopen a descriptor": /^E(PERM|NOENT|ACCES)$/,
  "load another library": /^ERR_DLOPEN_FAILED$/,
  listen: /^E(PERM|ACCES)$/,
  "listen on a path": /^E(PERM|ACCES)$/,
  "connect to the host": /^E(PERM|ACCES)$/,
  "send a datagram": /^E(PERM|ACCES)$/,
  "run a program": /^E(PERM|ACCES|AGAIN)$/,
  "signal its parent": /^EPERM$/,
  "signal another process": /^EPERM$/,
  "become root": /^EPERM$/,
  "make a socket pair": /^EPERM$/,
  "make a ring of io_uring": /^no ring$/,
  "map read-only memory writable": /^EPERM$/,
  "write to read-only memory": /^EPERM$/,
  "truncate memory under its reader": /^EPERM$/,
  "open a service that is not routed": /^Denied$/,
  "close sessions of others by guessed numbers": /^harmless$/,
  "keep memory after giving it back": /^emptied$/,
  "make channels beyond its quota": /^OutOf(Ram|Caps)$/,
  "allocate beyond its quota": /^OutOf(Ram|Caps)$/,
  "open descriptors without end": /^EMFILE$/,
  "flood its parent with calls": /^answered$/,
};

/** Attempts that the system may answer by ending the component; otherwise they come to this. */
const ends: Readonly<Record<string, RegExp>> = {
  "start threads": /^(EPERM|EAGAIN|ERR_WORKER_INIT_FAILED|ERR_WORKER_OUT_OF_MEMORY)$/,
  "allocate memory without end": /^ERR_(MEMORY_ALLOCATION_FAILED|OUT_OF_RANGE)$/,
  "send descriptors that no message claims": /^Disconnected$/,
  "ring its parent without end": /^Disconnected$/,
};

function assertRefused(attacked: Attacked, expected: Readonly<Record<string, RegExp>>): void {
  const outcomes = new Map(
    linesOf(attacked, "escapee").map((line) => [
      line.slice(0, line.lastIndexOf(": ")),
      line.slice(line.lastIndexOf(": ") + 2),
    ]),
  );
  for (const [attempt, outcome] of Object.entries(expected))
    assert.match(outcomes.get(attempt) ?? "nothing printed", outcome, attempt);
}

function userNamespacesAllowed(): boolean {
  try {
    execFileSync(
      "setpriv",
      [`--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups", "--", "unshare", "--user", "true"],
      { stdio: "ignore" },
    );
    return true;
  } catch {
    return false;
  }
}

const isRoot = process.getuid?.() === 0;
const test = suite("components that try to get out");

for (const asUser of [false, true]) {
  const who = asUser ? "an ordinary user's" : isRoot ? "root's" : "this user's";
  test(`at full level, in ${who} system, every attempt is refused`, { timeout: 40_000 }, async (context) => {
    if (asUser && !isRoot) context.skip("becoming another user needs root; the test before this one ran as a user");
    if (asUser && !userNamespacesAllowed()) context.skip("this system forbids user namespaces to ordinary users");
    const attacked = start(context, "full", Object.keys(refusals), asUser);
    await settled(attacked);
    assertRefused(attacked, refusals);
    const { isolation, missing } = attacked.children["escapee"] as Sandbox;
    assert.is(isolation, "full");
    // What this machine's kernel or the user's rights leave out is named, and nothing else is left out.
    if (!asUser && isRoot)
      assert.not.ok(
        missing?.some((line) => !/^(memory|process)-limit|^scheduling|^landlock/.test(line)),
        String(missing),
      );
  });
}

// What a level leaves out is what its attempts may come to; the others are refused as at full level.
for (const [level, asUser, gone] of [
  ["no-namespaces", false, ["namespaces", "empty-root"]],
  ["no-namespaces", true, ["namespaces", "empty-root", "own-user"]],
  ["seccomp", false, ["namespaces", "empty-root", "landlock"]],
  ["seccomp", true, ["namespaces", "empty-root", "landlock", "own-user"]],
] as const) {
  test(`at level ${level}${asUser ? ", as an ordinary user" : ""}, attempts are refused still, and what is not applied is named`, {
    timeout: 40_000,
  }, async (context) => {
    if (asUser && !isRoot) context.skip("becoming another user needs root; the test before this one ran as a user");
    const attacked = start(context, level, Object.keys(refusals), asUser);
    await settled(attacked);
    assertRefused(attacked, refusals);
    const { isolation, measures, missing } = attacked.children["escapee"] as Sandbox;
    assert.is(isolation, level);
    assert.ok(measures?.includes("system-call-filter"), String(measures));
    for (const measure of gone) {
      // `namespaces` and `landlock` stand for several measures each.
      assert.not.ok(
        measures?.some((one) => one.includes(measure.replace(/s$/, ""))),
        `${measure} is claimed among: ${String(measures)}`,
      );
      assert.ok(
        missing?.some((line) => line.startsWith(`${measure}: `)),
        `${measure} is not named among: ${String(missing)}`,
      );
    }
  });
}

for (const [attempt, outcome] of Object.entries(ends)) {
  test(`a component that would ${attempt} is refused or ended`, { timeout: 40_000 }, async (context) => {
    const attacked = start(context, "full", [attempt]);
    await settled(attacked);
    const printed = linesOf(attacked, "escapee").filter((line) => line.startsWith(`${attempt}: `));
    if (printed.length > 0) assert.match((printed[0] as string).slice(attempt.length + 2), outcome, printed[0]);
    else assert.is.not(attacked.children["escapee"]?.phase, "alive");
  });
}

test.run();
