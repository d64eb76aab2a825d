/** The devices of the host as they come and go. */
import { watchDescriptor } from "../../base/event-loop.js";
import { readUevents } from "../../bindings/uevent.js";
import type { DevicesDocument } from "../../lib/devices/device.js";
import { Enumeration } from "../../lib/devices/enumeration.js";
import { DeviceRegistry } from "../../lib/devices/registry.js";
import { parseUevent, type Uevent } from "../../lib/devices/uevent.js";
import { Watchers } from "../../lib/watchers.js";

/** A device that is plugged in is announced piece by piece: so long, in milliseconds, one is waited for another. */
const calm = 10;

export class HostDevices implements Disposable {
  readonly #enumeration = new Enumeration();
  readonly #registry = new DeviceRegistry();
  readonly #watchers = new Watchers();
  readonly #unwatch: () => void;
  #document: DevicesDocument;
  #telling: NodeJS.Timeout | undefined;

  /** `announcements` stays the caller's. */
  constructor(announcements: number) {
    // First the announcements, then a look: what comes in between is announced, not missed.
    this.#unwatch = watchDescriptor(announcements, "readable", () => this.#read(announcements));
    this.#registry.replace(this.#enumeration.all());
    this.#document = this.#registry.document;
  }

  /** What is there; a new document after each change. */
  get document(): DevicesDocument {
    return this.#document;
  }

  /** Calls `watcher` after each change. Returns the function that ends it. */
  watch(watcher: () => void): () => void {
    return this.#watchers.add(watcher);
  }

  #read(announcements: number): void {
    const { datagrams, lost } = readUevents(announcements);
    let changed = false;
    for (const datagram of datagrams) {
      const event = parseUevent(datagram);
      if (event !== undefined && this.#take(event)) changed = true;
    }
    if (lost) {
      console.error("Announcements of devices were lost: looking at all devices");
      if (this.#registry.replace(this.#enumeration.all()).length > 0) changed = true;
    }
    if (changed) this.#changed();
  }

  /** True when it changed anything. */
  #take({ action, path, properties }: Uevent): boolean {
    switch (action) {
      case "remove":
        return this.#registry.remove(path).length > 0;
      case "move": {
        const old = properties.get("DEVPATH_OLD");
        const gone = old === undefined ? [] : this.#registry.remove(old);
        return this.#look(path) || gone.length > 0;
      }
      case "bind":
      case "unbind":
        // The driver of a piece of hardware is a fact of all its devices.
        return this.#registry.below(path).reduce((any, place) => this.#look(place) || any, false);
      default:
        return this.#look(path);
    }
  }

  #look(path: string): boolean {
    const found = this.#enumeration.at(path);
    return found === undefined ? this.#registry.remove(path).length > 0 : this.#registry.put(found) !== undefined;
  }

  #changed(): void {
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.#document = this.#registry.document;
      this.#watchers.tell();
    }, calm);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#telling);
    this.#unwatch();
  }
}
