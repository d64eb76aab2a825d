/** The devices that are there now, each under a name of its own. */
import type { Device, DevicesDocument } from "./device.js";
import type { FoundDevice } from "./enumeration.js";

export interface DeviceChange {
  readonly name: string;
  /** Undefined: it is gone. */
  readonly device: Device | undefined;
}

/**
 * A device keeps its name while it is there. Of two with the same name of their own, as sticks that share a serial
 * number have, the second is `NAME.1`.
 */
export class DeviceRegistry {
  readonly #devices = new Map<string, Device>();
  readonly #names = new Map<string, string>();
  readonly #instances = new Map<string, number>();
  #lastInstance = 0;

  get devices(): ReadonlyMap<string, Device> {
    return this.#devices;
  }

  /** A number that no device before had, also none of this name; undefined: there is none. */
  instance(name: string): number | undefined {
    return this.#instances.get(name);
  }

  get document(): DevicesDocument {
    const names = [...this.#devices.keys()].sort((one, other) => one.localeCompare(other, "en", { numeric: true }));
    return { format: 1, devices: Object.fromEntries(names.map((name) => [name, this.#devices.get(name) as Device])) };
  }

  /** Takes over a device that was found at its place. */
  put({ device, ownName }: FoundDevice): DeviceChange | undefined {
    let name = this.#names.get(device.path);
    if (name !== undefined && JSON.stringify(this.#devices.get(name)) === JSON.stringify(device)) return undefined;
    if (name === undefined) {
      name = ownName;
      for (let count = 1; this.#devices.has(name); ++count) name = `${ownName}.${count}`;
      this.#names.set(device.path, name);
      this.#instances.set(name, ++this.#lastInstance);
    }
    this.#devices.set(name, device);
    return { name, device };
  }

  /** Places of the devices at a place of the device tree, and below it. */
  below(path: string): string[] {
    return [...this.#names.keys()].filter((place) => place === path || place.startsWith(`${path}/`));
  }

  /** Everything at a place of the device tree, and below it, is gone. */
  remove(path: string): DeviceChange[] {
    return this.below(path).map((place) => {
      const name = this.#names.get(place) as string;
      this.#names.delete(place);
      this.#devices.delete(name);
      this.#instances.delete(name);
      return { name, device: undefined };
    });
  }

  /** Compares with everything that is there. */
  replace(found: readonly FoundDevice[]): DeviceChange[] {
    const places = new Set(found.map(({ device }) => device.path));
    const gone = [...this.#names.keys()].filter((place) => !places.has(place)).flatMap((place) => this.remove(place));
    return [...gone, ...found.flatMap((one) => this.put(one) ?? [])];
  }
}
