/** Whether this user may open a device, by what, and what to do where not. */
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import type { Device } from "../lib/devices/device.js";
import type { DeviceUser } from "./device-users.js";

export interface DeviceAccess {
  readonly allowed: boolean;
  /** The rule that allows or forbids it, in words. */
  readonly by: string;
  readonly fix?: string;
}

export interface User {
  readonly id: number;
  readonly groups: readonly number[];
  readonly name: string;
}

export function thisUser(): User {
  return {
    id: process.getuid?.() ?? 0,
    groups: [process.getgid?.() ?? 0, ...(process.getgroups?.() ?? [])],
    name: userInfo().username,
  };
}

function nameIn(file: string, id: number): string {
  try {
    const line = readFileSync(file, "utf8")
      .split("\n")
      .find((one) => one.split(":")[2] === String(id));
    return line?.split(":")[0] ?? String(id);
  } catch {
    return String(id);
  }
}

function reaches(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Capabilities of this process by their number. */
function capable(capability: bigint): boolean {
  try {
    const text = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
    return (BigInt(`0x${text}`) & (1n << capability)) !== 0n;
  } catch {
    return false;
  }
}

const rawSockets = 13n;

/** A rule of udev that gives devices of a class to a group. */
function ruleFix({ class: deviceClass }: Device, group: string): string {
  return `echo 'SUBSYSTEM=="${deviceClass}", GROUP="${group}", MODE="0660"' | sudo tee /etc/udev/rules.d/70-bulkhead-${deviceClass}.rules && sudo udevadm control --reload && sudo udevadm trigger`;
}

export function deviceAccess(device: Device, user: User): DeviceAccess {
  if (device.class === "net")
    return capable(rawSockets)
      ? { allowed: true, by: "capability CAP_NET_RAW" }
      : {
          allowed: false,
          by: "packet sockets need capability CAP_NET_RAW",
          fix: "start bulkhead as root, or as a service that has CAP_NET_RAW",
        };
  if (device.node === undefined) return { allowed: true, by: "sysfs, which everybody may read" };
  const path = `/dev/${device.node}`;
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts === undefined)
    return {
      allowed: false,
      by: `there is no ${path}`,
      fix: "mount devtmpfs at /dev, or give the container its devices",
    };
  const group = nameIn("/etc/group", facts.gid);
  const groupWrites = (facts.mode & 0o060) === 0o060;
  if (reaches(path)) {
    if (user.id === 0) return { allowed: true, by: "root" };
    if (facts.uid === user.id && (facts.mode & 0o600) === 0o600) return { allowed: true, by: "owner" };
    if (groupWrites && user.groups.includes(facts.gid)) return { allowed: true, by: `group "${group}"` };
    if ((facts.mode & 0o006) === 0o006) return { allowed: true, by: "everybody" };
    return { allowed: true, by: "access list of the node (uaccess)" };
  }
  if (user.id === 0) return { allowed: false, by: "read-only, or forbidden by a control group or container" };
  // Groups that are root's in effect, or nobody's.
  if (!groupWrites || facts.gid === 0 || group === "disk" || group === "kmem")
    return {
      allowed: false,
      by: `${nameIn("/etc/passwd", facts.uid)}:${group} ${(facts.mode & 0o777).toString(8)}`,
      fix: ruleFix(device, nameIn("/etc/group", user.groups[0] as number)),
    };
  return {
    allowed: false,
    by: `group "${group}" required`,
    fix: `sudo usermod -aG ${group} ${user.name}, then log in again`,
  };
}

/** What to do about those who hold a device, as far as somebody does who should not. */
export function busyFix(device: Device, users: readonly DeviceUser[]): string | undefined {
  for (const { kind, name, pid, component } of users) {
    if (kind === "mount" && name === "/") return "it holds the root file system: use another device";
    if (kind === "mount") return name === "swap" ? `sudo swapoff /dev/${device.node}` : `sudo umount ${name}`;
    if (kind === "console")
      return `take "console=${name}" out of the kernel's command line (Raspberry Pi OS: raspi-config, Interface, Serial Port)`;
    if (component !== undefined) return `it is in use by this system: bulkhead explain ${component} Platform`;
    if (/getty$/.test(name)) return `sudo systemctl disable --now serial-getty@${device.name}`;
    if (name === "ModemManager")
      return "sudo systemctl disable --now ModemManager, or a udev rule with ID_MM_DEVICE_IGNORE";
    return `end process ${pid} (${name})`;
  }
  return undefined;
}
