/** Devices of this machine as people are told of them. */
import { type Device, deviceMatches } from "../lib/devices/device.js";
import { Enumeration } from "../lib/devices/enumeration.js";
import { DeviceRegistry } from "../lib/devices/registry.js";
import type { SystemStatus } from "../root/control-protocol.js";
import { Client } from "./client.js";
import type { Invocation } from "./command.js";
import { busyFix, type DeviceAccess, deviceAccess, thisUser } from "./device-access.js";
import { type DeviceUser, deviceUsers, usersOf } from "./device-users.js";

export interface ExaminedDevice extends Device {
  /** Stable name. */
  readonly device: string;
  readonly access: DeviceAccess;
  readonly users: readonly DeviceUser[];
  /** What to do so that it can be used; absent where it can be. */
  readonly fix?: string;
}

export interface Examination {
  readonly devices: readonly ExaminedDevice[];
  /** Whether somebody may hold a device whom this user may not see. */
  readonly partial: boolean;
}

/** Processes of the components of the system that runs, if one does. */
async function componentProcesses(invocation: Invocation): Promise<ReadonlyMap<number, string>> {
  try {
    using client = await Client.of(invocation);
    const { processes } = await client.request<SystemStatus>("status");
    return new Map(
      Object.entries(processes).flatMap(([name, { pid }]): [number, string][] =>
        pid === undefined ? [] : [[pid, name]],
      ),
    );
  } catch {
    return new Map();
  }
}

/** Examines the devices whose stable name, kernel name, node or class is the given text, in which `*` stands for anything; all without one. */
export async function examineDevices(invocation: Invocation, text?: string): Promise<Examination> {
  const registry = new DeviceRegistry();
  registry.replace(new Enumeration().all());
  const { devices } = registry.document;
  const users = deviceUsers(await componentProcesses(invocation));
  const user = thisUser();
  const wanted = text?.replace(/^\/dev\//, "");
  const asked = Object.entries(devices).filter(
    ([name, device]) =>
      wanted === undefined ||
      device.node === wanted ||
      (["device", "name", "class"] as const).some((key) => deviceMatches({ [key]: wanted }, name, device)),
  );
  return {
    partial: users.partial,
    devices: asked.map(([name, device]): ExaminedDevice => {
      const access = deviceAccess(device, user);
      const held = usersOf(device, devices, users);
      const fix = access.fix ?? busyFix(device, held);
      return { device: name, ...device, access, users: held, ...(fix !== undefined && { fix }) };
    }),
  };
}
