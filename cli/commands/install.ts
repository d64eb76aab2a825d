/** `bulkhead install`: makes a system a service of the machine, which systemd starts at boot. */
import { existsSync, statSync } from "node:fs";
import { basename, isAbsolute, join, resolve, sep } from "node:path";
import { bundledProgram, packageRoot } from "../../bindings/prebuilt.js";
import { controlVersion } from "../../root/control-protocol.js";
import { loadSystem } from "../../root/root.js";
import { type Command, exitCodes, Failure, type Invocation, textOption } from "../command.js";
import {
  defaultSystem,
  isUntouched,
  places,
  recordOf,
  type ServiceFacts,
  serviceFiles,
  serviceUser,
  unitName,
} from "../installed-files.js";
import { Installer } from "../installer.js";
import { closedPart } from "../reachability.js";

/** Subsystems whose nodes the udev rules change. */
const ruledSubsystems = ["rtc", "gpio", "i2c-dev"];

/** Options of both `install` and `uninstall`. */
export const installationOptions = {
  system: {
    type: "boolean",
    doc: "For the whole machine. There is no other kind of installation, so it must be given.",
  },
  "dry-run": { type: "boolean", doc: "Print every step, and do none." },
  root: {
    type: "string",
    value: "DIR",
    doc: "The folder of an image that is to become a machine's root, instead of this machine.",
  },
} as const;

/** What `install` and `uninstall` check alike. */
export function installerOf(invocation: Invocation): Installer {
  const { options, output } = invocation;
  const root = textOption(invocation, "root");
  const dryRun = options["dry-run"] === true;
  if (options["system"] !== true)
    throw new Failure("What is to be installed, or taken away? Give --system", exitCodes.usage);
  if (root !== undefined && statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new Failure(`--root: there is no folder "${root}"`, exitCodes.usage);
  const folder = root === undefined || resolve(root) === "/" ? "" : resolve(root);
  if (folder === "" && !dryRun) {
    if (process.getuid?.() !== 0)
      throw new Failure(
        "Cannot change the services of this machine: only root may",
        exitCodes.device,
        'run it with sudo; "--dry-run" shows the steps to everybody',
      );
    if (!existsSync("/run/systemd/system"))
      throw new Failure(
        "Cannot install a service: this machine was not booted by systemd",
        exitCodes.device,
        "--root=DIR installs into the folder of an image",
      );
  }
  const installer = new Installer({ root: folder, dryRun, output });
  if (!dryRun)
    installer.need(folder === "" ? ["systemctl", "systemd-sysusers", "udevadm"] : ["systemctl", "systemd-sysusers"]);
  return installer;
}

/** A path of this process as the installed system has it. */
function inside(root: string, path: string): string {
  return root !== "" && path.startsWith(root + sep) ? path.slice(root.length) : path;
}

/** The system file of the service: the user's where it is, or the one of /etc. */
function chosenFile(invocation: Invocation, root: string): string {
  const named = textOption(invocation, "file");
  if (named === undefined) return places.system;
  if (root !== "" && !isAbsolute(named))
    throw new Failure("--file: with --root it is a path of the image, which begins with /", exitCodes.usage);
  const path = resolve(named);
  if (!existsSync(join(root, path)))
    throw new Failure(`There is no system file "${join(root, path)}"`, exitCodes.config);
  loadSystem(join(root, path));
  return path;
}

/** Why the service, which runs as a user who is nobody special, cannot read the file; undefined when it can. */
function obstacleTo(path: string, root: string): string | undefined {
  if (/^\/(var\/)?tmp\//.test(path)) return "it has temporary folders of its own, and does not see this one";
  const closed = closedPart(path, root);
  return closed === undefined ? undefined : `${closed === path ? "it" : `"${closed}"`} is closed to others`;
}

/** What the service could not reach would only be found out at the next boot. */
function assertReachable(installer: Installer, { node, package: folder, file }: ServiceFacts): void {
  const needed = [node, bundledProgram("bulkhead", folder), ...(file === places.system ? [] : [file])];
  for (const path of needed) {
    if (!existsSync(join(installer.root, path))) {
      // What runs is here, so this is an image.
      installer.remark(`${path} is not in the image yet, and the service needs it there`);
      continue;
    }
    const obstacle = obstacleTo(path, installer.root);
    if (obstacle === undefined) continue;
    throw new Failure(
      `The service could not read "${path}": ${obstacle}`,
      exitCodes.device,
      file === path
        ? "put the system file and its components where everybody may read them, such as in /opt or /srv"
        : "install Node.js and bulkhead for the whole machine: sudo apt-get install nodejs npm; sudo npm install --global bulkhead",
    );
  }
}

/** Writes the system file of /etc, unless somebody has edited it. */
function writeSystem(installer: Installer, content: string): void {
  const present = installer.read(places.system);
  if (present !== undefined && present !== content && !isUntouched(present, installer.read(places.record)))
    return installer.keep(places.system, "it was edited");
  installer.write(places.system, content);
  installer.write(places.record, recordOf(content));
}

/** Lets systemd and udev know. */
export async function reload(installer: Installer): Promise<void> {
  await installer.run(["systemctl", "daemon-reload"]);
  // A container with a systemd of its own has no udev.
  await installer.run(["udevadm", "control", "--reload"], { optional: true });
  const subsystems = ruledSubsystems.map((name) => `--subsystem-match=${name}`);
  await installer.run(["udevadm", "trigger", ...subsystems], { optional: true });
}

export const install: Command = {
  name: "install",
  summary: "Make a system a service of this machine, which starts at boot",
  count: [0, 0],
  options: {
    ...installationOptions,
    file: {
      type: "string",
      value: "FILE",
      doc: `The system file, which stays where it is. Default: ${places.system}, made from the default system.`,
    },
    now: { type: "boolean", doc: "Start the service, too; start it anew if it runs." },
  },
  examples: [
    ["bulkhead install --system --dry-run", "what would be written and run"],
    ["sudo bulkhead install --system --now", "the default system, now and at every boot"],
    ["sudo bulkhead install --system --file /opt/lab/bulkhead.jsonc", "a system of your own, with its components"],
    ["bulkhead install --system --root /mnt/image", "into an image, without starting anything"],
  ],
  async run(invocation) {
    const { options, output } = invocation;
    const installer = installerOf(invocation);
    const { root } = installer;
    const own = packageRoot();
    const facts: ServiceFacts = {
      node: inside(root, process.execPath),
      package: inside(root, own),
      file: chosenFile(invocation, root),
      groups: installer.read("/etc/group") ?? "",
    };
    if (options["now"] === true && root !== "")
      throw new Failure("--now: a system in an image cannot be started", exitCodes.usage);
    assertReachable(installer, facts);
    for (const { path, content } of serviceFiles(own, facts)) installer.write(path, content);
    if (facts.file === places.system) writeSystem(installer, defaultSystem(own, facts));
    const image = root === "" ? [] : [`--root=${root}`];
    // By its name: a path would be one of this machine's.
    await installer.run(["systemd-sysusers", ...image, basename(places.users)]);
    if (root === "") await reload(installer);
    await installer.run(["systemctl", ...image, "enable", unitName]);
    if (options["now"] === true) await installer.run(["systemctl", "restart", unitName]);
    const { steps } = installer;
    output.result({ version: controlVersion, root: root || "/", file: facts.file, steps }, () =>
      [
        "",
        `The service runs ${facts.file}${options["now"] === true ? "" : root === "" ? " from the next boot on; now: sudo systemctl start bulkhead" : ""}`,
        `Members of the group "${serviceUser}" control it with the bulkhead command: sudo usermod -aG ${serviceUser} $USER`,
      ].join("\n"),
    );
  },
};
