/** The files with which a system becomes a service of the machine: where each goes, and what it holds. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bundledProgram } from "../bindings/prebuilt.js";
import { Failure } from "./command.js";

export const unitName = "bulkhead.service";
export const serviceUser = "bulkhead";

/** Paths of the installed system. */
export const places = {
  unit: `/etc/systemd/system/${unitName}`,
  rules: "/etc/udev/rules.d/55-bulkhead.rules",
  users: "/etc/sysusers.d/bulkhead.conf",
  system: "/etc/bulkhead/bulkhead.jsonc",
  /** Tells an edited system file from one that nobody touched. */
  record: "/etc/bulkhead/installed.json",
  state: "/var/lib/bulkhead",
  logs: "/var/log/bulkhead",
} as const;

/** Groups to which distributions give devices. The service belongs to those that the machine has. */
const deviceGroups = ["audio", "dialout", "gpio", "i2c", "input", "render", "spi", "video"];

export interface InstalledFile {
  readonly path: string;
  readonly content: string;
}

export interface ServiceFacts {
  /** Node.js, as the service finds it. */
  readonly node: string;
  /** The package's folder, as the service finds it. */
  readonly package: string;
  /** The system file that the service runs. */
  readonly file: string;
  /** Content of /etc/group. */
  readonly groups: string;
}

/** What the record holds. */
interface InstallationRecord {
  readonly version: 1;
  /** SHA-256 of the system file as it was installed. */
  readonly system: string;
}

function packaged(from: string, name: string): string {
  return readFileSync(join(from, name), "utf8");
}

/** A word of a unit's command line that stands for itself. */
function unitWord(path: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a unit cannot hold
  if (/[\u0000-\u001f]/.test(path))
    throw new Failure(`Cannot name ${JSON.stringify(path)} in a systemd unit: it has a control character`);
  const escaped = path.replaceAll("%", "%%").replaceAll("$", "$$$$").replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return /[\s"'\\;]/.test(path) ? `"${escaped}"` : escaped;
}

/** systemd hides homes from the service, unless what it runs is in one: then they are read-only. */
function homeProtection(paths: readonly string[]): string {
  return paths.some((path) => /^\/(home|root|run\/user)\//.test(path)) ? "read-only" : "yes";
}

function unit(from: string, { node, package: folder, file }: ServiceFacts): string {
  const words: Readonly<{ [name: string]: string }> = {
    bulkhead: `${unitWord(node)} ${unitWord(bundledProgram("bulkhead", folder))}`,
    file: unitWord(file),
    package: unitWord(folder),
    home: homeProtection([node, folder, file]),
  };
  return packaged(from, "systemd/bulkhead.service").replace(/@(\w+)@/g, (_, name: string) => words[name] as string);
}

function users(from: string, groups: string): string {
  const there = deviceGroups.filter((name) => new RegExp(`^${name}:`, "m").test(groups));
  return `${packaged(from, "systemd/sysusers.conf")}${there.map((name) => `m ${serviceUser} ${name}\n`).join("")}`;
}

/** The files that every installation writes anew, made from those of the package in the folder `from`. */
export function serviceFiles(from: string, facts: ServiceFacts): readonly InstalledFile[] {
  return [
    { path: places.users, content: users(from, facts.groups) },
    { path: places.rules, content: packaged(from, "udev/55-bulkhead.rules") },
    { path: places.unit, content: unit(from, facts) },
  ];
}

/** The default system, as the service's own file. */
export function defaultSystem(from: string, { package: folder }: Pick<ServiceFacts, "package">): string {
  const text = packaged(from, "systems/default.jsonc");
  return text.replace("../docs/", `${folder}/docs/`);
}

export function recordOf(system: string): string {
  const record: InstallationRecord = { version: 1, system: createHash("sha256").update(system).digest("hex") };
  return `${JSON.stringify(record)}\n`;
}

/** Whether the system file is as an installation wrote it. Without a record of that it counts as edited. */
export function isUntouched(system: string, record: string | undefined): boolean {
  return record === recordOf(system);
}
