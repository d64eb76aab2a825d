/** The bench of this machine's own kernel devices: nothing is plugged in, and each is real. */
import { execFileSync } from "node:child_process";
import { closeSync, existsSync, ftruncateSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPseudoTerminal, openTerminalEnd } from "../../bindings/tty.js";
import { type Bench, provider } from "../bench.js";
import { LineEnd } from "../line-end.js";
import { PacketPort } from "../packet-port.js";
import { blockProvision, nicProvision, uartProvision, uplinkProvision } from "./devices.js";
import { sessionProviders } from "./sessions.js";
import { nicPair, pseudoTerminal, uplinkPair, wiredPins } from "./stand-in.js";

const imageBytes = 16 << 20;

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function installed(program: string): boolean {
  return [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"].some((folder) =>
    existsSync(join(folder, program)),
  );
}

const root = process.getuid?.() === 0;

/** An image file in a folder of its own. */
function makeImage(): { readonly path: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-disk-"));
  const path = join(folder, "disk.img");
  const descriptor = openSync(path, "wx", 0o600);
  ftruncateSync(descriptor, imageBytes);
  closeSync(descriptor);
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Names of interfaces have at most 15 characters; several benches may run at once. */
let interfaces = 0;
function interfaceName(): string {
  return `bh${process.pid.toString(36)}${(interfaces++).toString(36)}`;
}

function interfaceRights(): string | undefined {
  if (!installed("ip")) return "needs ip: apt-get install iproute2";
  return root ? undefined : "needs root, to make an interface: run the tests with sudo, or use the stand-in bench";
}

const tapRights = (): string | undefined =>
  existsSync("/dev/net/tun") ? interfaceRights() : "needs /dev/net/tun: modprobe tun";

/** A TAP that stays when its driver dies: our end is the driver's, and the witness sits on the interface. */
function tap() {
  const name = interfaceName();
  run("ip", "tuntap", "add", "dev", name, "mode", "tap");
  return {
    grant: { tap: name },
    far: () => new PacketPort(name),
    properties: { interface: name },
    release: () => void run("ip", "link", "delete", name),
  };
}

/** Two joined interfaces of the kernel: the driver has one, the witness sits on the other. */
function virtualPair() {
  const [near, far] = [interfaceName(), interfaceName()];
  run("ip", "link", "add", near, "type", "veth", "peer", "name", far);
  for (const name of [near, far]) run("ip", "link", "set", name, "up");
  return {
    grant: { interface: near },
    far: () => new PacketPort(far),
    properties: { interface: near },
    release: () => void run("ip", "link", "delete", near),
  };
}

const image = provider({
  need: "block",
  name: "image file",
  acquire: () => {
    const { path, remove } = makeImage();
    return blockProvision({ grant: { file: path, write: true }, image: path, release: remove });
  },
});

const loop = provider({
  need: "block",
  name: "loop device",
  lacking: () =>
    !installed("losetup")
      ? "needs losetup: apt-get install mount"
      : root
        ? undefined
        : "needs root, for losetup: run the tests with sudo",
  acquire: () => {
    const { path, remove } = makeImage();
    try {
      const device = run("losetup", "--find", "--show", path).trim();
      const release = (): void => {
        run("losetup", "--detach", device);
        remove();
      };
      return blockProvision({ grant: { device, write: true }, image: path, properties: { device }, release });
    } catch (error) {
      remove();
      throw error;
    }
  },
});

/**
 * The driver has the terminal's own end, as it would a serial line: settings are the kernel's. The bench keeps that end
 * open too, since a line does not hang up when its driver dies.
 */
const terminalEnd = provider({
  need: "uart",
  name: "terminal end",
  acquire: () => {
    const { descriptor, path } = openPseudoTerminal();
    const kept = openTerminalEnd(descriptor);
    return uartProvision({
      grant: { tty: path },
      far: () => new LineEnd(descriptor),
      properties: { path },
      release: () => closeSync(kept),
    });
  },
});

export const hostProviders = [
  pseudoTerminal,
  terminalEnd,
  image,
  loop,
  provider({
    need: "block",
    name: "RAM",
    acquire: () => blockProvision({ grant: { ram: imageBytes }, forgets: true }),
  }),
  provider({ need: "nic", name: "TAP", lacking: tapRights, acquire: () => nicProvision(tap()) }),
  provider({ need: "nic", name: "veth", lacking: interfaceRights, acquire: () => nicProvision(virtualPair()) }),
  nicPair,
  provider({ need: "uplink", name: "TAP", lacking: tapRights, acquire: () => uplinkProvision(tap()) }),
  provider({ need: "uplink", name: "veth", lacking: interfaceRights, acquire: () => uplinkProvision(virtualPair()) }),
  uplinkPair,
  wiredPins,
  ...sessionProviders,
];

export function hostBench(): Bench {
  return {
    name: "host",
    properties: { kernel: run("uname", "-r").trim() },
    providers: hostProviders,
    async [Symbol.asyncDispose]() {},
  };
}
