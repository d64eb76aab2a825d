/** One client of the platform server. */
import { isDeepStrictEqual } from "node:util";
import { errorMessage, SessionError } from "../../base/errors.js";
import type { Capability } from "../../base/message.js";
import type { SessionRequest } from "../../base/server.js";
import {
  namesAfter,
  type PlatformArgs,
  type PlatformGrant,
  type PlatformHandlers,
  PlatformInterface,
  PlatformKind,
} from "../../sessions/platform/index.js";
import type { Access } from "./config.js";
import type { PlatformServer } from "./platform-server.js";
import { awaited, granted } from "./view.js";

const changed = PlatformInterface.signals.indexOf("changed");

export class PlatformSession implements PlatformHandlers {
  readonly label: string;
  readonly #server: PlatformServer;
  readonly #session: SessionRequest<PlatformArgs>["session"];
  #access: Access;
  /** Stable names of the devices that it may have, by the names under which it asks for them. */
  #view: ReadonlyMap<string, string>;
  /** What they are, in that order. */
  #facts: readonly unknown[];
  /** Stable names of the devices that it has, likewise. */
  readonly #held = new Map<string, string>();

  constructor(server: PlatformServer, { label, session }: SessionRequest<PlatformArgs>, access: Access) {
    this.label = label;
    this.#server = server;
    this.#session = session;
    this.#access = access;
    this.#view = granted(access, label, server.devices.devices);
    this.#facts = [...this.#view.values()].map((device) => server.devices.devices[device]);
  }

  granted(after: string): readonly string[] {
    return namesAfter(after, this.#view.keys());
  }

  async acquire(name: string): Promise<PlatformGrant> {
    const device = this.#view.get(name);
    const facts = device === undefined ? undefined : this.#server.devices.devices[device];
    if (device === undefined || facts === undefined) {
      if (awaited(this.#access, this.label).has(name))
        throw new SessionError("Device", `The device "${name}" of "${this.label}" is not there: plug it in`);
      throw new SessionError(
        "NotFound",
        `No device "${name}" is granted to "${this.label}": add it to the policy of this label in the platform server's config`,
      );
    }
    const before = this.#held.get(name);
    if (before !== undefined && before !== device) await this.release(name);
    const opened = await this.#server.take(device, facts, this);
    this.#held.set(name, device);
    return {
      kind: PlatformKind[opened.kind],
      // The descriptor is the client's from here on.
      file: { kind: "file", descriptors: [opened.descriptor], move: true },
      path: opened.path,
      writeable: opened.writeable,
      facts: JSON.stringify({ ...opened.facts, device }),
    };
  }

  async open(name: string, path: string, write: boolean): Promise<Capability> {
    const device = this.#held.get(name);
    if (device === undefined)
      throw new SessionError("NotFound", `Cannot open "${path}" below "${name}": acquire the device first`);
    const descriptor = await this.#server.openBelow(device, path, write);
    return { kind: "file", descriptors: [descriptor], move: true };
  }

  async release(name: string): Promise<void> {
    const device = this.#held.get(name);
    this.#held.delete(name);
    if (device !== undefined) await this.#server.give(device, this);
  }

  async setClock(name: string, seconds: number): Promise<void> {
    const device = this.#held.get(name);
    if (device === undefined) throw new SessionError("NotFound", `Cannot set "${name}": acquire it first`);
    await this.#server.setClock(device, this, seconds);
  }

  /** A device that it has is gone, or there anew. */
  lost(): void {
    this.#session.raise(changed);
  }

  /** Another client gave back a device. */
  free(device: string): void {
    if ([...this.#view.values()].includes(device)) this.#session.raise(changed);
  }

  /** Compares with the devices and policies as they are now; ends itself when it may not go on. */
  update(): void {
    try {
      this.#access = this.#server.access(this.label);
    } catch (error) {
      this.#revoke(errorMessage(error));
      return;
    }
    const view = granted(this.#access, this.label, this.#server.devices.devices);
    const may = new Set(view.values());
    for (const [name, device] of this.#held) {
      if (may.has(device)) continue;
      if (Object.hasOwn(this.#server.devices.devices, device)) {
        this.#revoke(`the policies no longer grant it the device "${device}"`);
        return;
      }
      this.#held.delete(name); // unplugged
    }
    const facts = [...view.values()].map((device) => this.#server.devices.devices[device]);
    // Also when nothing came or went: a screen that is plugged in at a graphics card is a fact of the card.
    if (isDeepStrictEqual([...view], [...this.#view]) && isDeepStrictEqual(facts, this.#facts)) return;
    this.#view = view;
    this.#facts = facts;
    this.#session.raise(changed);
  }

  #revoke(why: string): void {
    if (this.#held.size > 0) void this.#server.revoke(this.label, why);
    this.#session.close();
  }

  close(): void {
    this.#server.closed(this);
  }
}
