// exclusive
// timeout: 3000s
/**
 * The system as a service of a machine: installed into an image, booted by a real systemd, run by a user who is nobody
 * special, and driven over a serial line whose far end is this process. systemd, the kernel's files and programs of the
 * machine are the witnesses.
 */
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { Machine } from "../../bench/machine.js";
import { BenchUnavailable } from "../../bench/programs.js";
import { packageRoot } from "../../bindings/prebuilt.js";
import { closedPart } from "../../cli/reachability.js";
import type { SystemStatus } from "../../root/control-protocol.js";
import { bulkhead } from "../support/running-system.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("installed system");
const limits = { timeout: 900_000 };
/** systemd and Node.js on a processor that is a program, on a machine that others use too. */
const patience = "300s";

/** A serial line, and the console on it. */
const system = {
  parentProvides: ["ROM", "LOG", "Platform", "System"],
  defaultRoute: { ROM: "parent", LOG: "parent", Platform: "parent" },
  default: { ram: "8M", caps: 60 },
  start: {
    uart: {
      provides: ["Terminal", "Uart"],
      grants: { console: { tty: "/dev/ttyS1" } },
      config: { policies: [{ labelPrefix: "monitor", line: "console" }] },
    },
    monitor: {
      route: { ROM: "parent", LOG: "parent", System: "parent", Terminal: "uart" },
      restart: { mode: "always" },
    },
  },
};

/** A slow machine answers late; the times of the package are for others. */
const slowness = "TimeoutStartSec=infinity\nWatchdogSec=60\n";
/** The service has temporary folders of its own, and this clone may lie in the machine's. */
const visible = `BindReadOnlyPaths=${packageRoot()}\n`;

let machine: Machine | undefined;
let reason = "";

function write(root: string, path: string, text: string): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A layer for the machine's root, with the users of this machine and the installed system. */
async function image(root: string): Promise<void> {
  chmodSync(root, 0o755);
  write(root, "etc/bulkhead/bulkhead.jsonc", JSON.stringify(system));
  write(root, "etc/systemd/system/bulkhead.service.d/test.conf", `[Service]\n${slowness}${visible}`);
  for (const name of ["passwd", "group", "shadow", "gshadow"])
    copyFileSync(join("/etc", name), join(root, "etc", name));
  const { code, errors } = await bulkhead(["install", "--system", "--root", root]);
  assert.is(code, 0, errors);
}

test.before(async (hook) => {
  const root = mkdtempSync(join(tmpdir(), "bulkhead-image-"));
  hook.defer(() => rmSync(root, { recursive: true, force: true }));
  try {
    if (process.getuid?.() !== 0) throw new BenchUnavailable("An image with users is made by root");
    const closed = closedPart(packageRoot()) ?? closedPart(process.execPath);
    if (closed !== undefined) {
      reason = `the service's user can read neither this clone nor Node.js where "${closed}" is closed to others`;
      return;
    }
    await image(root);
    machine = hook.use(
      await Machine.start({
        bench: {
          machine: { memory: "1G", spare: 0, modules: ["input-leds"] },
          devices: { line: { kind: "uart" } },
        },
        systemd: true,
        layers: [root],
        within: "600s",
      }),
    );
  } catch (error) {
    if (!(error instanceof BenchUnavailable) || (process.env["CI"] ?? "") !== "") throw error;
    reason = error.message;
  }
});

/** Runs a script in the machine, and returns what it printed. */
function shell(context: Context, script: string): Promise<string> {
  return (machine ?? context.skip(reason)).output(["sh", "-euc", script], { within: patience });
}

/** Waits until a shell's condition is true in the machine. */
async function until(context: Context, condition: string): Promise<void> {
  try {
    await shell(context, `until ${condition}; do sleep 1; done`);
  } catch (error) {
    const journal = "systemctl status bulkhead --no-pager -l; journalctl -u bulkhead -q --no-pager | tail -n 30";
    const { output } = await (machine as Machine).run(["sh", "-c", journal], { within: patience });
    throw new Error(`Waited in vain for: ${condition}\n${output}`, { cause: error });
  }
}

interface Unit {
  readonly MainPID: string;
  readonly NRestarts: string;
  readonly StatusText: string;
  readonly ActiveState: string;
  readonly Result: string;
}

async function unit(context: Context): Promise<Unit> {
  const names = "MainPID,NRestarts,StatusText,ActiveState,Result";
  const lines = (await shell(context, `systemctl show bulkhead -p ${names}`)).trim().split("\n");
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s))) as unknown as Unit;
}

/** The console on the far end of the serial line answers. */
async function consoleAnswers(context: Context, command: string, answer: string): Promise<void> {
  const far = (machine ?? context.skip(reason)).serial("line");
  far.take();
  await far.write(`${command}\r`);
  await far.readUntil(answer, { within: patience });
}

test(
  "systemd starts it at boot and learns that it is ready; the console answers on the serial line",
  limits,
  async (context) => {
    await until(context, "systemctl is-active -q bulkhead");
    assert.is((machine as Machine) && (await machine?.node("line", "tty")), "/dev/ttyS1");
    const far = (machine as Machine).serial("line");
    await far.readUntil("bulkhead> ", { within: patience });
    await consoleAnswers(context, "ps", "monitor");
    await until(context, 'systemctl show bulkhead -p StatusText | grep -q "2 of 2 components alive"');
    const { ActiveState, NRestarts } = await unit(context);
    assert.equal({ ActiveState, NRestarts }, { ActiveState: "active", NRestarts: "0" });
  },
);

test(
  "every process is of the user bulkhead, each component in a group with a memory limit of its own",
  limits,
  async (context) => {
    const group = "/sys/fs/cgroup/system.slice/bulkhead.service";
    const owners = await shell(
      context,
      `find ${group} -name cgroup.procs -exec cat {} + | while read -r pid; do stat -c "%U $pid" "/proc/$pid" || :; done`,
    );
    const users = owners
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[0]);
    // Root and spawner, two components, two processes that wait.
    assert.ok(users.length >= 4, owners);
    assert.equal([...new Set(users)], ["bulkhead"]);
    const privileges = await shell(
      context,
      'grep -h "^CapEff\\|^NoNewPrivs" "/proc/$(systemctl show -P MainPID bulkhead)/status"',
    );
    assert.match(privileges, /^CapEff:\s+0+$/m);
    assert.match(privileges, /^NoNewPrivs:\s+1$/m);

    await shell(context, "useradd --create-home --user-group --groups bulkhead lab-member");
    const answer = await shell(
      context,
      "cd /; setpriv --reuid=lab-member --regid=lab-member --init-groups node $OLDPWD/dist/programs/bulkhead.js status --json",
    );
    const { processes, system: facts } = JSON.parse(answer) as SystemStatus;
    assert.is(facts.file, "/etc/bulkhead/bulkhead.jsonc");
    assert.equal(Object.keys(processes).sort(), ["monitor", "uart"]);
    for (const [name, { pid, measures }] of Object.entries(processes)) {
      for (const limit of ["memory-limit", "process-limit"])
        assert.ok(measures.includes(limit), `${name}: ${measures.join(", ")}`);
      const path = (await shell(context, `sed -n "s/^0:://p" /proc/${String(pid)}/cgroup`)).trim();
      assert.match(path, /^\/system\.slice\/bulkhead\.service\/bulkhead-\d+\//, name);
      const limit = await shell(context, `cat "/sys/fs/cgroup$(dirname "${path}")/memory.max"`);
      assert.ok(Number(limit) > 0, `${name} has a limit: ${limit}`);
    }
  },
);

test("a user outside of the group may not control it, and is told how to", limits, async (context) => {
  await shell(context, "useradd --create-home --user-group stranger");
  const { code, errors } = await (machine as Machine).run(
    ["setpriv", "--reuid=stranger", "--regid=stranger", "--init-groups", "node", "dist/programs/bulkhead.js", "status"],
    { within: patience },
  );
  assert.is(code, 5);
  assert.match(errors, "usermod -aG bulkhead");
});

test("udev gives the clock and lights to the service's group", limits, async (context) => {
  assert.is((await shell(context, "udevadm settle; stat -c '%G %a' /dev/rtc0")).trim(), "bulkhead 660");
  const files = "for file in brightness trigger; do stat -c '%G %a' /sys/class/leds/*::capslock/$file; done";
  assert.is(await shell(context, files), "bulkhead 664\nbulkhead 664\n");
});

test("devices have the places and numbers that udevadm says", limits, async (context) => {
  const printed = await shell(context, "udevadm settle; node dist/programs/bulkhead.js devices --json");
  const { devices } = JSON.parse(printed) as {
    devices: readonly { path: string; node?: string }[];
  };
  const nodes = devices.flatMap(({ node, path }) => (node === undefined ? [] : [`${node} ${path}`]));
  assert.ok(nodes.some((line) => line.startsWith("ttyS1 ")) && nodes.length > 5, nodes.join(", "));
  const asked = nodes.map((line) => line.split(" ")[0]).join(" ");
  const said = await shell(context, `for node in ${asked}; do echo "$node $(udevadm info -q path -n "$node")"; done`);
  assert.equal(said.trim().split("\n"), nodes);
  // And none of these classes is missing.
  const known = (await shell(context, "udevadm info --export-db | sed -n 's/^E: DEVPATH=//p'")).split("\n");
  const listed = new Set(devices.map(({ path }) => path));
  const missing = known.filter((path) => /\/(rtc|leds|net)\/[^/]+$/.test(path) && !listed.has(path));
  assert.equal(missing, []);
});

/** Does something to the service's first process, waits until systemd has started it again, and uses the console. */
async function restartedAfter(context: Context, signal: string): Promise<void> {
  const before = await unit(context);
  const far = (machine as Machine).serial("line");
  far.take();
  await shell(context, `kill -${signal} ${before.MainPID}`);
  await until(context, `test "$(systemctl show -P NRestarts bulkhead)" -gt ${before.NRestarts}`);
  await until(context, "systemctl is-active -q bulkhead");
  assert.is.not((await unit(context)).MainPID, before.MainPID);
  // What comes before the driver has opened the line is lost.
  await far.readUntil("bulkhead> ", { within: patience });
  await consoleAnswers(context, "ps", "monitor");
}

test("it is started again when its first process is killed", limits, async (context) => {
  await restartedAfter(context, "KILL");
});

test("it is started again when its first process stands still", limits, async (context) => {
  await restartedAfter(context, "STOP");
  assert.match(await shell(context, "journalctl -u bulkhead -q --no-pager"), "Watchdog timeout");
});

test("a reload applies the system file", limits, async (context) => {
  const more = { ...system, start: { ...system.start, timer: { provides: ["Timer"] } } };
  const { MainPID } = await unit(context);
  await shell(context, `echo '${JSON.stringify(more)}' >/etc/bulkhead/bulkhead.jsonc; systemctl reload bulkhead`);
  await until(context, 'systemctl show bulkhead -p StatusText | grep -q "3 of 3 components alive"');
  assert.is((await unit(context)).MainPID, MainPID);
});

test("uninstalled it is gone, but for the edited system file", limits, async (context) => {
  await shell(context, "node dist/programs/bulkhead.js uninstall --system");
  const state = await shell(context, "systemctl show bulkhead -p LoadState,ActiveState; ls -A /etc/bulkhead");
  assert.match(state, "ActiveState=inactive");
  assert.match(state, /^bulkhead\.jsonc$/m);
  assert.is(await shell(context, "pgrep -u bulkhead || :"), "");
  assert.not.match(await shell(context, "ls -A /sys/fs/cgroup/system.slice"), "bulkhead");
});

test(
  "an ordinary user's own system runs in a scope of that user's systemd, with memory limits",
  limits,
  async (context) => {
    await shell(context, "useradd --create-home --user-group owner; loginctl enable-linger owner");
    await until(context, "test -S /run/user/$(id -u owner)/systemd/private");
    const own = { parentProvides: ["ROM"], defaultRoute: { ROM: "parent" }, start: { timer: { provides: ["Timer"] } } };
    await shell(context, `echo '${JSON.stringify(own)}' >/run/own.jsonc`);
    const answer = await shell(
      context,
      "setpriv --reuid=owner --regid=owner --init-groups env XDG_RUNTIME_DIR=/run/user/$(id -u owner) node dist/programs/bulkhead.js up --once --json /run/own.jsonc",
    );
    const { processes } = JSON.parse(answer) as SystemStatus;
    const measures = processes["timer"]?.measures ?? [];
    assert.ok(measures.includes("memory-limit"), measures.join(", "));
  },
);

test.run();
