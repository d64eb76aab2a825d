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

  /** Which device has this name now: a number that no device before had. Undefined: none. */
  instance(name: string): number | undefined {
    return this.#registry.instance(name);
  }

  /** Calls `watcher` after each change. Returns the function that ends it. */
  watch(watcher: () => void): () => void {
    return this.#watchers.add(watcher);
  }

  #read(announcements: number): void {
    const { datagrams, lost } = readUevents(announcements);
    let changed = false;
    // Each place once, however often it was announced: looking is what costs.
    const places = new Set<string>();
    for (const datagram of datagrams) {
      const event = parseUevent(datagram);
      if (event === undefined) continue;
      for (const gone of placesLeft(event)) {
        for (const place of [...places]) if (place === gone || place.startsWith(`${gone}/`)) places.delete(place);
        if (this.#registry.remove(gone).length > 0) changed = true;
      }
      for (const place of this.#placesTold(event)) places.add(place);
    }
    for (const place of places) if (this.#look(place)) changed = true;
    if (lost) {
      console.error("Announcements of devices were lost: looking at all devices");
      if (this.#registry.replace(this.#enumeration.all()).length > 0) changed = true;
    }
    if (changed) this.#changed();
  }

  /** Where something may be, or be different, by now. */
  #placesTold({ action, path }: Uevent): readonly string[] {
    if (action === "remove") return [];
    // The driver of a piece of hardware is a fact of all its devices.
    if (action === "bind" || action === "unbind") return this.#registry.below(path);
    return [path];
  }

  /** True when something is different there. */
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

/** Where something was, and is no more. */
function placesLeft({ action, path, properties }: Uevent): readonly string[] {
  if (action === "remove") return [path];
  const old = action === "move" ? properties.get("DEVPATH_OLD") : undefined;
  return old === undefined ? [] : [old];
}
