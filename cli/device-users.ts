/** Who holds a device: processes with an open descriptor, file systems, the kernel's own console. */
import { readdirSync as readDirectory, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import type { Device } from "../lib/devices/device.js";

export interface DeviceUser {
  /** `process`, `mount`, `console` of the kernel. */
  readonly kind: "process" | "mount" | "console";
  /** A command, a mount point, or the console's name. */
  readonly name: string;
  readonly pid?: number;
  /** The component that the process is, where a system runs. */
  readonly component?: string;
}

export interface DeviceUsers {
  /** By device node, such as `/dev/ttyS0`. */
  readonly byNode: ReadonlyMap<string, readonly DeviceUser[]>;
  /** Whether processes of other users could not be looked at. */
  readonly partial: boolean;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function names(folder: string): string[] | undefined {
  try {
    return readDirectory(folder);
  } catch {
    return undefined;
  }
}

/** `components` names processes that are components of a running system. */
export function deviceUsers(components: ReadonlyMap<number, string> = new Map()): DeviceUsers {
  const byNode = new Map<string, DeviceUser[]>();
  const add = (node: string, user: DeviceUser): void => {
    const users = byNode.get(node) ?? [];
    if (!users.some(({ kind, name, pid }) => kind === user.kind && name === user.name && pid === user.pid))
      users.push(user);
    byNode.set(node, users);
  };
  let partial = false;
  for (const process of names("/proc") ?? []) {
    if (!/^[0-9]+$/.test(process)) continue;
    const descriptors = names(`/proc/${process}/fd`);
    if (descriptors === undefined) partial = true;
    for (const descriptor of descriptors ?? []) {
      let target: string;
      try {
        target = readlinkSync(`/proc/${process}/fd/${descriptor}`);
      } catch {
        continue; // closed, or ended, meanwhile
      }
      if (!target.startsWith("/dev/")) continue;
      const pid = Number(process);
      const component = components.get(pid);
      const name = textOf(`/proc/${process}/comm`).trim();
      add(target, { kind: "process", name, pid, ...(component !== undefined && { component }) });
    }
  }
  for (const line of textOf("/proc/mounts").split("\n")) {
    const [source = "", target = ""] = line.split(" ");
    if (source.startsWith("/dev/")) add(source, { kind: "mount", name: target });
  }
  for (const line of textOf("/proc/swaps").split("\n").slice(1)) {
    const [source = ""] = line.split(/\s/);
    if (source.startsWith("/dev/")) add(source, { kind: "mount", name: "swap" });
  }
  for (const line of textOf("/proc/consoles").split("\n")) {
    const [console = ""] = line.split(" ");
    if (console !== "") add(`/dev/${console}`, { kind: "console", name: console });
  }
  return { byNode, partial };
}

/** The users of a device, and of the partitions of a disk. */
export function usersOf(device: Device, all: Readonly<Record<string, Device>>, users: DeviceUsers): DeviceUser[] {
  return Object.values(all)
    .filter(({ path }) => path === device.path || (device.class === "block" && path.startsWith(`${device.path}/`)))
    .flatMap(({ node }) => (node === undefined ? [] : (users.byNode.get(`/dev/${node}`) ?? [])));
}

export function userText({ kind, name, pid, component }: DeviceUser): string {
  if (kind === "mount") return name === "swap" ? "swap" : `mounted at ${name}`;
  if (kind === "console") return "console of the kernel";
  return component === undefined ? `${basename(name)} (${pid})` : `component ${component} (${pid})`;
}
