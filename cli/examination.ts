/** The checks of `bulkhead doctor`: each tries the thing itself where that leaves nothing behind. */
import { closeSync, constants, existsSync, openSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { errorMessage } from "../base/errors.js";
import { prebuilt } from "../bindings/prebuilt.js";
import { Spawner } from "../bindings/spawner.js";
import { packetSockets } from "../root/packet-sockets.js";
import { runtimeBinds, runtimeEnvironment, spawnLevels } from "../root/spawn-core.js";
import { isolationLevels } from "../servers/init/config.js";
import { examineRaspberryPi } from "./raspberry-pi.js";
import { scopeDecision } from "./scope.js";

export interface Check {
  readonly name: string;
  /** `limited`: works, but not as well as it could. */
  readonly outcome: "ok" | "limited" | "missing";
  readonly facts: string;
  readonly fix?: string;
  /** Whether nothing works without it. */
  readonly needed: boolean;
}

const oldestNode = [20, 11] as const;
const oldestKernel = [6, 1] as const;

function atLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [own = 0, ownMinor = 0] = version
    .replace(/^v/, "")
    .split(".")
    .map((part) => Number.parseInt(part, 10));
  return own > major || (own === major && ownMinor >= minor);
}

function fileText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}

function nodeCheck(): Check {
  const good = atLeast(process.version, oldestNode);
  return {
    name: "Node.js",
    outcome: good ? "ok" : "missing",
    facts: process.version,
    needed: true,
    ...(!good && { fix: `install Node.js ${oldestNode.join(".")} or later` }),
  };
}

function kernelCheck(): Check {
  const good = atLeast(release(), oldestKernel);
  return {
    name: "kernel",
    outcome: good ? "ok" : "limited",
    facts: release(),
    needed: false,
    ...(!good && {
      fix: `Linux ${oldestKernel.join(".")} or later gives everything that the sandbox and the drivers use`,
    }),
  };
}

function filesCheck(): Check {
  try {
    return {
      name: "native parts",
      outcome: "ok",
      facts: `${prebuilt("bulkhead.node")}, ${prebuilt("bulkhead-spawn")}`,
      needed: true,
    };
  } catch (error) {
    return {
      name: "native parts",
      outcome: "missing",
      facts: errorMessage(error),
      needed: true,
      fix: 'there is no prebuilt file for this machine: run "npm run build" in a checkout',
    };
  }
}

/** Why an ordinary user gets no namespaces, as far as the kernel says it. */
function namespaceFix(): string {
  if (fileText("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") === "1") {
    return "AppArmor forbids user namespaces: give bulkhead-spawn a profile with the rule `userns`, or `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`";
  }
  if (fileText("/proc/sys/kernel/unprivileged_userns_clone") === "0")
    return "`sudo sysctl kernel.unprivileged_userns_clone=1`";
  if (fileText("/proc/sys/user/max_user_namespaces") === "0") return "`sudo sysctl user.max_user_namespaces=10000`";
  if (existsSync("/.dockerenv") || existsSync("/run/.containerenv"))
    return "this is a container: start it with `--security-opt seccomp=unconfined`, or use `bulkhead up --isolation=no-namespaces`";
  return "use `bulkhead up --isolation=no-namespaces`, or start bulkhead as root";
}

/** This process has not moved into the scope that `bulkhead up` makes. */
function limitFix(): string {
  const scope = scopeDecision();
  if ("program" in scope) return "none needed: `bulkhead up` starts itself in a systemd scope that has them";
  if (scope.needless) return "control groups are not writable: start as root of the machine, not of a container";
  return `control groups are not writable, and \`bulkhead up\` can make no systemd scope (${scope.obstacle}): log in with a systemd user session, install a service ("bulkhead install --system"), or start as root`;
}

/** What to do about a measure that the spawner could not apply. */
function measureFix(line: string): string | undefined {
  if (/^(memory|process|cpu)[-_]limit/.test(line)) {
    const controllers = fileText("/proc/cgroups") ?? "";
    if (line.startsWith("memory") && /^memory\s.*\s0$/m.test(controllers))
      return "the memory control group is off: add `cgroup_enable=memory cgroup_memory=1` to the kernel's command line (Raspberry Pi OS: /boot/firmware/cmdline.txt)";
    return limitFix();
  }
  if (line.startsWith("landlock"))
    return "the kernel has no Landlock, or not all of it: add `landlock` to the `lsm=` list of its command line";
  if (/^own[-_]user/.test(line)) return "components share your user id: start as root to give each its own";
  return undefined;
}

/** Starts an empty program at each level, in the sandbox in which components run. */
async function isolationChecks(): Promise<Check[]> {
  let program: string;
  try {
    program = prebuilt("bulkhead-spawn");
  } catch {
    return []; // filesCheck has said it
  }
  await using spawner = Spawner.start(packetSockets, program);
  const checks: Check[] = [];
  for (const level of isolationLevels) {
    const binds = runtimeBinds();
    const [node, script] =
      level === "full"
        ? ["/app/node", "/app/loader.cjs"]
        : [process.execPath, (binds.find(({ target }) => target === "/app/loader.cjs") as { source: string }).source];
    try {
      const {
        missing: absent,
        measures,
        exited,
      } = await spawner.create({
        level: spawnLevels[level],
        arguments: [node as string, "--check", script as string],
        binds: level === "full" ? binds : binds.map(({ source }) => ({ source, target: source })),
        environment: runtimeEnvironment(level),
        limits: { memory: 256 << 20, processes: 64, openFiles: 512 },
      });
      const { status } = await exited;
      const missing = absent.filter((line) => !line.endsWith(": not asked for"));
      const fixes = [...new Set(missing.map(measureFix).filter((fix) => fix !== undefined))];
      checks.push({
        name: `isolation "${level}"`,
        outcome: status !== 0 ? "missing" : missing.length > 0 ? "limited" : "ok",
        facts:
          status === 0
            ? `${measures.length} measures in force${missing.length > 0 ? `; not in force: ${missing.join("; ")}` : ""}`
            : `Node.js does not run in it (exit value ${String(status)})`,
        needed: false,
        ...(fixes.length > 0 && { fix: fixes.join("; ") }),
      });
    } catch (error) {
      checks.push({
        name: `isolation "${level}"`,
        outcome: "missing",
        facts: errorMessage(error),
        needed: level === "seccomp",
        fix: namespaceFix(),
      });
    }
  }
  return checks;
}

function tapCheck(): Check {
  const name = "TAP interfaces";
  if (!existsSync("/dev/net/tun"))
    return {
      name,
      outcome: "missing",
      facts: "there is no /dev/net/tun",
      needed: false,
      fix: "`sudo modprobe tun`; without it the network is a pair of connected ends",
    };
  try {
    closeSync(openSync("/dev/net/tun", constants.O_RDWR));
  } catch (error) {
    return {
      name,
      outcome: "missing",
      facts: errorMessage(error),
      needed: false,
      fix: "`sudo chmod 666 /dev/net/tun`",
    };
  }
  // Bit 12 of the effective capabilities is CAP_NET_ADMIN.
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(fileText("/proc/self/status") ?? "")?.[1] ?? "0"}`);
  if ((effective & (1n << 12n)) !== 0n) return { name, outcome: "ok", facts: "may be made", needed: false };
  return {
    name,
    outcome: "limited",
    facts: "only those that were made for this user (CAP_NET_ADMIN is missing)",
    needed: false,
    fix: "`sudo ip tuntap add dev bulkhead0 mode tap user $USER && sudo ip link set bulkhead0 up`, once",
  };
}

/** Names of the groups to which this user belongs; undefined for root, who needs none. */
function ownGroups(): string[] | undefined {
  if ((process.getuid?.() ?? 0) === 0) return undefined;
  const own = new Set([process.getgid?.() ?? 0, ...(process.getgroups?.() ?? [])]);
  return (fileText("/etc/group")?.split("\n") ?? []).flatMap((line) => {
    const [name = "", , id] = line.split(":");
    return own.has(Number(id)) ? [name] : [];
  });
}

/** Groups whose devices ordinary users may open. */
function groupChecks(): Check[] {
  const user = process.getuid?.() ?? 0;
  if (user === 0) return [];
  const groups = fileText("/etc/group")?.split("\n") ?? [];
  const own = new Set(process.getgroups?.() ?? []);
  return ["dialout", "video", "input", "audio"].flatMap((name): Check[] => {
    const line = groups.find((one) => one.startsWith(`${name}:`));
    if (line === undefined) return [];
    const member = own.has(Number(line.split(":")[2]));
    return [
      {
        name: `group "${name}"`,
        outcome: member ? "ok" : "limited",
        facts: member ? "you belong to it" : "you do not belong to it",
        needed: false,
        ...(!member && { fix: `\`sudo usermod -aG ${name} $USER\`, then log in again` }),
      },
    ];
  });
}

export async function examine(): Promise<readonly Check[]> {
  const board = examineRaspberryPi("/", ownGroups());
  return [
    nodeCheck(),
    kernelCheck(),
    filesCheck(),
    ...(await isolationChecks()),
    tapCheck(),
    // A board's own check knows more groups.
    ...(board.length > 0 ? board : groupChecks()),
  ];
}
