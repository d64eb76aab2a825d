/** What one client sees of the devices that are there. */
import { lastElement } from "../../base/label.js";
import { type Device, type DevicesDocument, deviceMatches } from "../../lib/devices/device.js";
import type { Access } from "./config.js";

export type Devices = DevicesDocument["devices"];

/** The name under which a client whose parent chose the device asks for it. */
export const chosenName = "device";

/** Stable names of the devices that a client may have, by the names under which it asks for them. */
export function granted(access: Access, label: string, devices: Devices): Map<string, string> {
  const view = new Map<string, string>();
  const used = new Set<string>();
  const add = (name: string, device: string): void => {
    view.set(name, device);
    used.add(device);
  };
  const chosen = lastElement(label);
  const facts = Object.hasOwn(devices, chosen) ? devices[chosen] : undefined;
  if (facts !== undefined && access.byLabel.some((match) => deviceMatches(match, chosen, facts)))
    add(chosenName, chosen);
  const entries = Object.entries(devices);
  for (const [name, match] of Object.entries(access.devices)) {
    const [found] = entries.find(([id, device]) => !used.has(id) && deviceMatches(match, id, device)) ?? [];
    if (found !== undefined) add(name, found);
  }
  for (const [id, device] of entries)
    if (!used.has(id) && access.every.some((match) => deviceMatches(match, id, device))) add(id, id);
  return view;
}

/** Names under which a client may ask for a device that is not there now. */
export function awaited(access: Access, label: string): ReadonlySet<string> {
  return new Set([...Object.keys(access.devices), ...(access.byLabel.length > 0 ? [chosenName] : [])]);
}

/** The content of a client's `devices` ROM. */
export function visible(access: Access, label: string, all: DevicesDocument): DevicesDocument {
  if (access.sees === "all") return all;
  const seen = new Set(granted(access, label, all.devices).values());
  const devices: Record<string, Device> = {};
  for (const [id, device] of Object.entries(all.devices)) if (seen.has(id)) devices[id] = device;
  return { ...all, devices };
}
