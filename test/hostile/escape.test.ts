// timeout: 400s
/** Components that try to get out of their sandbox, beside an honest pair that goes on: at each level, as each kind of user. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { bundledProgram } from "../../bindings/prebuilt.js";
import type { SystemStatus } from "../../root/control-protocol.js";
import { eventually } from "../support/running-system.js";
import { slowness } from "../support/slowness.js";
import { type Context, suite } from "../support/suite.js";
import { type Caller, commandAs, nobody, obstacle, ordinary, ordinaryWithout, self, selfWithout } from "./callers.js";

const program = fileURLToPath(new URL("./system-under-attack.js", import.meta.url));
const bulkhead = bundledProgram("bulkhead");

interface Attacked {
  readonly lines: Map<string, string[]>;
  status: SystemStatus | undefined;
  errors: string;
  readonly process: ChildProcess;
}

type Level = "full" | "no-namespaces" | "seccomp";

/** A system of an honest pair and an escapee with these attempts, which this caller has started. */
function start(context: Context, level: Level, attempts: readonly string[], caller = self): Attacked {
  // The temporary folder of a test run is closed to other users.
  const own = process.getuid?.() === 0 && caller.ordinary;
  const folder = mkdtempSync(join(own ? "/tmp" : tmpdir(), "bulkhead-escape-"));
  context.defer(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "system.jsonc");
  const system = {
    parentProvides: ["ROM", "LOG"],
    defaultRoute: { ROM: "parent", LOG: "parent", "*": "any-child" },
    start: {
      "honest-server": { binary: "test/honest-server", ram: "4M", provides: ["Echo"] },
      "honest-client": {
        binary: "test/honest-client",
        ram: "4M",
        restart: { mode: "never" },
        config: { rest: slowness },
      },
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
  if (own) {
    for (const path of [folder, file]) chownSync(path, nobody, nobody);
    chmodSync(folder, 0o755);
  }
  const command = [process.execPath, program, file, level];
  const [first, ...rest] = commandAs(caller, command) as [string, ...string[]];
  const child = spawn(first, rest, {
    stdio: ["pipe", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      TMPDIR: folder,
      BULKHEAD_TEST_SLOWNESS: process.env["BULKHEAD_TEST_SLOWNESS"],
    },
    cwd: folder,
  });
  const attacked: Attacked = { lines: new Map(), status: undefined, errors: "", process: child };
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (text) => {
    const record = JSON.parse(text) as { label?: string; line?: string; status?: SystemStatus };
    if (record.status !== undefined) attacked.status = record.status;
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

function stateOf({ status }: Attacked, name: string): SystemStatus["state"]["children"][string] | undefined {
  return status?.state.children[name];
}

/** Waits until the escapee has tried everything, or was ended, and the honest pair has gone on after that. */
async function settled(attacked: Attacked): Promise<void> {
  const over = (): true | undefined => {
    if (attacked.process.exitCode !== null) throw new Error(`The system ended: ${attacked.errors}`);
    return linesOf(attacked, "escapee").includes("attempts are over") ||
      ["exited", "incomplete", "crash-loop"].includes(stateOf(attacked, "escapee")?.state ?? "")
      ? true
      : undefined;
  };
  // A flood of calls and as many refusals as there are attempts, beside whatever else this machine does.
  await eventually("the attempts are over", over, 30_000);
  const before = linesOf(attacked, "honest-client").length;
  await eventually("the honest pair goes on", () =>
    linesOf(attacked, "honest-client").length >= before + 3 ? true : undefined,
  );
  assert.is(stateOf(attacked, "honest-client")?.state, "alive");
  assert.is(stateOf(attacked, "honest-server")?.state, "alive");
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
  "have more descriptors under way than it may": /^Unavailable$/,
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

const test = suite("components that try to get out");

function skipUnlessPossible(context: Context, caller: Caller): void {
  const why = obstacle(caller);
  if (why !== undefined) context.skip(why);
}

/** The escapee's sandbox, once it has tried everything, as the state report and the status tell it. */
async function sandbox(attacked: Attacked, caller: Caller) {
  await settled(attacked);
  assertRefused(attacked, refusals);
  // Descriptors under way are counted by user, and only root can give each component one of its own.
  if (!caller.ordinary)
    for (const line of linesOf(attacked, "honest-client")) assert.match(line, /^calls [1-9]\d*, refused 0$/);
  const { isolation, notInForce = [] } = stateOf(attacked, "escapee") ?? {};
  return { isolation, notInForce, measures: attacked.status?.processes["escapee"]?.measures ?? [] };
}

const namedAt = (lines: readonly string[], measure: string): boolean =>
  lines.some((line) => line.startsWith(`${measure}: `) && line.length > measure.length + 2);

for (const caller of [self, ordinary, selfWithout]) {
  // An ordinary user has no namespaces without one of users, and is refused: see below.
  if (caller.ordinary && !caller.namespaces) continue;
  test(`at full level, in the system of ${caller.name}, every attempt is refused`, {
    timeout: 60_000,
  }, async (context) => {
    skipUnlessPossible(context, caller);
    const { isolation, notInForce, measures } = await sandbox(
      start(context, "full", Object.keys(refusals), caller),
      caller,
    );
    assert.is(isolation, "full");
    // What this machine's kernel or the user's rights leave out is named, and nothing else is left out.
    const excused = [
      /^(memory|process|cpu)-limit: ./,
      /^scheduling: ./,
      /^landlock/,
      ...(caller.ordinary ? [/^own-user: ./, /^bounding set: ./] : []),
      ...(caller.namespaces ? [] : [/^user-namespace: ./]),
    ];
    assert.equal(
      notInForce.filter((line) => !excused.some((one) => one.test(line))),
      [],
    );
    for (const measure of ["network-namespace", "pid-namespace", "empty-root", "system-call-filter"])
      assert.ok(measures.includes(measure), `${measure} is not among: ${String(measures)}`);
    assert.is(measures.includes("user-namespace"), caller.namespaces);
    assert.is(namedAt(notInForce, "user-namespace"), !caller.namespaces, String(notInForce));
  });
}

// What a level leaves out is what its attempts may come to; the others are refused as at full level.
for (const caller of [self, ordinary, selfWithout, ordinaryWithout])
  for (const [level, gone] of [
    ["no-namespaces", ["namespaces", "empty-root"]],
    ["seccomp", ["namespaces", "empty-root", "landlock"]],
  ] as const) {
    test(`at level ${level}, in the system of ${caller.name}, attempts are refused still, and what is not applied is named`, {
      timeout: 60_000,
    }, async (context) => {
      skipUnlessPossible(context, caller);
      const { isolation, notInForce, measures } = await sandbox(
        start(context, level, Object.keys(refusals), caller),
        caller,
      );
      assert.is(isolation, level);
      assert.ok(measures.includes("system-call-filter"), String(measures));
      for (const measure of [...gone, ...(caller.ordinary ? ["own-user"] : [])]) {
        // `namespaces` and `landlock` stand for several measures each.
        assert.not.ok(
          measures.some((one) => one.includes(measure.replace(/s$/, ""))),
          `${measure} is claimed among: ${String(measures)}`,
        );
        assert.ok(namedAt(notInForce, measure), `${measure} is not named among: ${String(notInForce)}`);
      }
    });
  }

test("where user namespaces are forbidden, the full level starts nothing rather than less, and says why", {
  timeout: 60_000,
}, async (context) => {
  skipUnlessPossible(context, ordinaryWithout);
  const attacked = start(context, "full", Object.keys(refusals), ordinaryWithout);
  await eventually(`the escapee is given up: ${attacked.errors}`, () =>
    stateOf(attacked, "escapee")?.state === "crash-loop" ? true : undefined,
  );
  for (const name of ["escapee", "honest-client", "honest-server"])
    assert.match(stateOf(attacked, name)?.failure ?? "", /user namespace.*no-namespaces/, name);
  assert.equal(attacked.status?.processes, {}, "nothing runs");
  assert.equal(linesOf(attacked, "escapee"), []);
});

test("where user namespaces are forbidden, bulkhead doctor says so, what to do, and which levels there are", {
  timeout: 60_000,
}, (context) => {
  skipUnlessPossible(context, ordinaryWithout);
  const [first, ...rest] = commandAs(ordinaryWithout, [process.execPath, bulkhead, "doctor", "--json"]) as [
    string,
    ...string[],
  ];
  const { stdout, stderr } = spawnSync(first, rest, { encoding: "utf8", timeout: 30_000 });
  assert.is(stderr, "");
  const { checks } = JSON.parse(stdout) as {
    checks: readonly { name: string; outcome: string; facts: string; fix?: string }[];
  };
  const check = (level: Level) => checks.find(({ name }) => name === `isolation "${level}"`);
  assert.is(check("full")?.outcome, "missing");
  assert.match(check("full")?.facts ?? "", /user namespace/);
  assert.match(check("full")?.fix ?? "", /max_user_namespaces=/);
  for (const level of ["no-namespaces", "seccomp"] as const) {
    assert.is.not(check(level)?.outcome, "missing");
    assert.match(check(level)?.facts ?? "", /not in force: .*own-user: /, level);
  }
});

for (const [attempt, outcome] of Object.entries(ends)) {
  test(`a component that would ${attempt} is refused or ended`, { timeout: 60_000 }, async (context) => {
    const attacked = start(context, "full", [attempt]);
    await settled(attacked);
    const printed = linesOf(attacked, "escapee").filter((line) => line.startsWith(`${attempt}: `));
    if (printed.length > 0) assert.match((printed[0] as string).slice(attempt.length + 2), outcome, printed[0]);
    else assert.is.not(stateOf(attacked, "escapee")?.state, "alive");
  });
}

test.run();
