/**
 * When `bulkhead up` runs itself in a systemd scope, and how. The directories, sockets and processes are real, and
 * systemd-run is a stand-in that notes its arguments and runs the command: what the real one does with them is its own.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { runInScope, type ScopePlaces, scopeDecision, scopeFailure } from "../../cli/scope.js";
import { eventually } from "../support/running-system.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("the systemd scope of bulkhead up");

const own = "/user.slice/session-1.scope";

interface Machine {
  readonly folder: string;
  readonly places: ScopePlaces;
  readonly program: string;
  write(path: string, text: string, mode?: number): void;
}

/** A user's login session on a machine with systemd, in which a shell has started this process. */
async function loginSession(context: Context): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), "scope-"));
  context.defer(() => rmSync(folder, { recursive: true, force: true }));
  const write = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { mode });
    chmodSync(join(folder, path), mode);
  };
  write("groups/cgroup.controllers", "cpu memory pids\n");
  write("proc/self/cgroup", `0::${own}\n`);
  write("proc/30/stat", "30 (node) S 20 30");
  write("proc/20/stat", "20 (a (shell) ) S 1 20");
  write("proc/1/stat", "1 (systemd) S 0 1");
  write(
    "bin/systemd-run",
    `#!/bin/sh\nprintf '%s\\n' "$@" > "${folder}/arguments"\nwhile [ "$1" != "--" ]; do shift; done\nshift\nexec "$@"\n`,
    0o755,
  );
  mkdirSync(join(folder, "runtime/systemd"), { recursive: true });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(folder, "runtime/systemd/private"), resolve));
  context.defer(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const environment = { XDG_RUNTIME_DIR: join(folder, "runtime"), PATH: `relative:${folder}/empty:${folder}/bin` };
  const places = {
    user: 1000,
    process: 30,
    environment,
    processes: join(folder, "proc"),
    controlGroups: join(folder, "groups"),
  };
  return { folder, places, program: join(folder, "bin/systemd-run"), write };
}

function obstacle(places: ScopePlaces): string {
  const decision = scopeDecision(places);
  return "obstacle" in decision ? decision.obstacle : `none: ${decision.program}`;
}

/** The group of this process, as systemd delegates it; `members` share it. */
function delegate({ write }: Machine, members: readonly number[]): void {
  write(`groups${own}/cgroup.controllers`, "memory pids\n");
  write(`groups${own}/cgroup.subtree_control`, "");
  write(`groups${own}/cgroup.procs`, `${members.join("\n")}\n`);
}

test("an ordinary user's login session gets one", async (context) => {
  const { places, program } = await loginSession(context);
  assert.equal(scopeDecision(places), { program });
});

test("each thing that is not there is named", async (context) => {
  const { places, folder } = await loginSession(context);
  const { environment } = places;
  const within = (more: NodeJS.ProcessEnv): ScopePlaces => ({ ...places, environment: { ...environment, ...more } });
  assert.match(obstacle({ ...places, user: 0 }), "root");
  assert.match(obstacle(within({ BULKHEAD_SCOPE: "1" })), "inside");
  assert.match(obstacle(within({ XDG_RUNTIME_DIR: undefined })), "XDG_RUNTIME_DIR is not set");
  assert.match(obstacle(within({ XDG_RUNTIME_DIR: folder })), "no systemd of user 1000 runs");
  assert.match(obstacle(within({ PATH: `${folder}/empty:bin` })), "no systemd-run in PATH");
  rmSync(join(folder, "groups/cgroup.controllers"));
  assert.match(obstacle(places), "second version");
});

test("a file in the place of systemd's socket is none", async (context) => {
  const { places, write, folder } = await loginSession(context);
  write("other/bus", "");
  assert.match(
    obstacle({ ...places, environment: { ...places.environment, XDG_RUNTIME_DIR: join(folder, "other") } }),
    "no systemd of user 1000 runs",
  );
});

test("a group that is delegated already is used, unless others are in it or it lacks memory", async (context) => {
  const machine = await loginSession(context);
  const { places, write } = machine;
  delegate(machine, [20, 30]);
  assert.match(obstacle(places), "delegated already");
  delegate(machine, [20, 30, 77]);
  assert.ok("program" in scopeDecision(places), "the shell's other jobs are not moved");
  delegate(machine, [30]);
  write(`groups${own}/cgroup.controllers`, "pids\n");
  assert.ok("program" in scopeDecision(places));
});

test("a command runs there with its arguments, and its exit value comes back", async (context) => {
  const { program, folder } = await loginSession(context);
  assert.is(await scopeFailure(program), undefined);
  const script =
    'require("fs").writeFileSync(process.argv[1], process.env.BULKHEAD_SCOPE + " " + process.argv[2]); process.exit(7)';
  const command = [process.execPath, "-e", script, join(folder, "made"), "a  b"];
  assert.is(await runInScope(program, command), 7);
  assert.is(
    readFileSync(join(folder, "made"), "utf8"),
    "1 a  b",
    "it knows where it is, so that it looks for no other",
  );
  assert.equal(readFileSync(join(folder, "arguments"), "utf8").trimEnd().split("\n"), [
    "--user",
    "--scope",
    "--quiet",
    "--collect",
    "-p",
    "Delegate=yes",
    "--",
    ...command,
  ]);
});

test("signals reach it, and the one that ended it is told as a shell tells it", async (context) => {
  const { program, folder } = await loginSession(context);
  const running = join(folder, "running");
  const script = 'process.on("SIGHUP", () => process.exit(9)); setInterval(() => {}, 1000);';
  const ready = 'require("fs").writeFileSync(process.argv[1], "");';
  const ended = runInScope(program, [process.execPath, "-e", `${script} ${ready}`, running]);
  await eventually("it runs", () => (existsSync(running) ? true : undefined));
  process.kill(process.pid, "SIGHUP");
  assert.is(await ended, 9);
  rmSync(running);
  const killed = runInScope(program, [process.execPath, "-e", `setInterval(() => {}, 1000); ${ready}`, running]);
  await eventually("it runs", () => (existsSync(running) ? true : undefined));
  process.kill(process.pid, "SIGTERM");
  assert.is(await killed, 128 + 15);
});

test("why systemd refuses is told in its own words", async (context) => {
  const { write, program } = await loginSession(context);
  write("bin/systemd-run", '#!/bin/sh\necho "Failed to connect to bus: No medium found" >&2\nexit 1\n', 0o755);
  assert.is(await scopeFailure(program), "Failed to connect to bus: No medium found");
});

test.run();
