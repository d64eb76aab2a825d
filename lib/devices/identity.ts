/**
 * Stable names of devices: the same piece of hardware has the same name tomorrow, whatever number the kernel gives it.
 *
 * In this order: the device tree's alias; the serial number; the place on its buses. All begin with the class, so that
 * the interfaces of one piece of hardware do not share a name.
 */
import { createHash } from "node:crypto";
import { basename } from "node:path";

/** As the names of components: a driver instance has the name of its device. */
const longest = 64;

export interface IdentifyingFacts {
  readonly class: string;
  readonly name: string;
  /** Place in the device tree. */
  readonly path: string;
  readonly alias?: string | undefined;
  readonly bus?: string | undefined;
  readonly vendor?: string | undefined;
  readonly product?: string | undefined;
  readonly serial?: string | undefined;
  /** Itself and its parents in the device tree that are on a bus, nearest first. */
  readonly parents: readonly { readonly bus: string; readonly name: string }[];
  /** What distinguishes it from others at the same piece of hardware: interface, port, partition. */
  readonly part: string;
}

/** Buses on which a place is a name of its own; of those that come one below the other, the last one tells most. */
const placeBuses = ["platform", "amba", "pnp", "i2c", "spi", "mmc"];

/** Where on its buses a device is; numbers that the kernel counts up are no part of it. */
function busPlace(parents: IdentifyingFacts["parents"]): string | undefined {
  const last = (...buses: readonly string[]) => parents.find(({ bus }) => buses.includes(bus));
  const pci = last("pci");
  const port = parents.find(({ bus, name }) => bus === "usb" && !name.includes(":"));
  const own = last(...placeBuses);
  const parts = [
    pci === undefined ? undefined : `pci-${pci.name}`,
    own === undefined ? undefined : `${own.bus}-${own.name}`,
    // The number of a USB bus follows the order of discovery; its ports do not.
    port === undefined ? undefined : `usb-${port.name.slice(port.name.indexOf("-") + 1)}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join("-");
}

function core(facts: IdentifyingFacts): string {
  if (facts.alias !== undefined) return facts.alias;
  // Made by software, not found: its name is what its maker gave it.
  if (facts.path.startsWith("/devices/virtual/")) return basename(facts.path);
  if (facts.serial !== undefined) {
    const numbers = facts.bus === "usb" ? [facts.vendor, facts.product] : [];
    return [facts.bus, ...numbers, facts.serial].filter((part) => part !== undefined).join("-");
  }
  return busPlace(facts.parents) ?? facts.name;
}

/** The stable name: letters, digits, `_`, `.`, `+` and `-`, at most 64. */
export function stableName(facts: IdentifyingFacts): string {
  const name = `${facts.class}.${core(facts)}${facts.part}`.replace(/[^A-Za-z0-9_.+-]+/g, "-");
  if (name.length <= longest) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, longest - digest.length - 1)}-${digest}`;
}
