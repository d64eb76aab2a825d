/** An ssh server of the test's own, on loopback: its own process, keys and configuration. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ShellOptions } from "../../hil/shell.js";
import { isRoot } from "../device/host.js";

const program = "/usr/sbin/sshd";
/** Where it locks away its process that talks to strangers; the system's own service makes it. */
const emptyFolder = "/run/sshd";

/** Why there can be none here. */
export function lackingServer(): string | undefined {
  return existsSync(program) ? undefined : "needs sshd: apt-get install openssh-server";
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

export interface SshServer extends AsyncDisposable {
  readonly folder: string;
  /** How it is reached. */
  readonly options: ShellOptions & { readonly port: number };
  kill(): Promise<void>;
}

export async function startSshServer(): Promise<SshServer> {
  const folder = mkdtempSync(join(tmpdir(), "sshd-"));
  const file = (name: string): string => join(folder, name);
  for (const name of ["host", "user"])
    spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file(name)], { stdio: "inherit" });
  const port = await freePort();
  writeFileSync(file("authorized"), readFileSync(file("user.pub")));
  const [type = "", key = ""] = readFileSync(file("host.pub"), "utf8").split(" ");
  writeFileSync(file("known"), `[127.0.0.1]:${port} ${type} ${key}\n`);
  const lines = [
    `HostKey ${file("host")}`,
    `AuthorizedKeysFile ${file("authorized")}`,
    "ListenAddress 127.0.0.1",
    `Port ${port}`,
    "PidFile none",
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
  ];
  writeFileSync(file("config"), `${lines.join("\n")}\n`);
  const made = isRoot && !existsSync(emptyFolder);
  if (made) mkdirSync(emptyFolder, { mode: 0o755 });
  const server = spawn(program, ["-D", "-e", "-f", file("config")], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill("SIGTERM");
    await once(server, "exit");
  };
  const dispose = async (): Promise<void> => {
    await kill();
    if (made) rmdirSync(emptyFolder);
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; !(await answers(port)); ++tries) {
    if (tries > 100 || server.exitCode !== null) {
      await dispose();
      throw new Error(`sshd did not start: ${said}`);
    }
    await delay(20);
  }
  return {
    folder,
    kill,
    options: {
      host: `${userInfo().username}@127.0.0.1`,
      port,
      identity: file("user"),
      knownHosts: file("known"),
    },
    [Symbol.asyncDispose]: dispose,
  };
}
