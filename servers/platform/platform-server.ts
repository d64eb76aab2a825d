/**
 * The platform server: knows every device of the host, and hands each to one client at a time, as the policies say.
 *
 * It opens none itself. The root opens what the server asks for, and the descriptor passes through.
 */
import { fstatSync } from "node:fs";
import type { Env } from "../../base/env.js";
import { errorMessage, SessionError } from "../../base/errors.js";
import { labelElements, labelPrefix } from "../../base/label.js";
import { policyFor } from "../../base/policy.js";
import type { SessionRequest } from "../../base/server.js";
import { attributeClasses, type Device } from "../../lib/devices/device.js";
import { deviceNumber } from "../../lib/devices/device-number.js";
import { Sysfs } from "../../lib/devices/sysfs.js";
import { Document } from "../../lib/document.js";
import { type HostGrant, Platform, type PlatformArgs, type PlatformConnection } from "../../sessions/platform/index.js";
import { type ROMArgs, RomSession } from "../../sessions/rom/index.js";
import { System } from "../../sessions/system/index.js";
import type { Access, PlatformConfig } from "./config.js";
import { HostDevices } from "./devices.js";
import { PlatformSession } from "./platform-session.js";
import { visible } from "./view.js";

/** A device that a client has. */
interface Holding {
  readonly holder: PlatformSession;
  /** Name under which the root opened it. */
  readonly source: string;
  /** Which device it was: another one may get its name, and even its place. */
  readonly instance: number;
}

const sysfs = new Sysfs();

export class PlatformServer {
  #config: PlatformConfig;
  readonly #env: Env;
  readonly #host: PlatformConnection;
  readonly #announcements: HostGrant;
  readonly #devices: HostDevices;
  readonly #sessions = new Set<PlatformSession>();
  readonly #documents = new Set<() => void>();
  /** By the device's stable name. */
  readonly #holdings = new Map<string, Holding>();

  private constructor(env: Env, config: PlatformConfig, host: PlatformConnection, announcements: HostGrant) {
    this.#env = env;
    this.#config = config;
    this.#host = host;
    this.#announcements = announcements;
    this.#devices = new HostDevices(announcements.descriptor);
    this.#devices.watch(() => this.#changed());
  }

  /** @throws SessionError `NotFound`, `InvalidArgument`: the system file does not grant the devices */
  static async open(env: Env, config: PlatformConfig): Promise<PlatformServer> {
    const host = await env.connect(Platform);
    return new PlatformServer(env, config, host, await host.acquire(config.grant, { kind: "devices" }));
  }

  /** Who may no longer have a device that it has loses its session. */
  configure(config: PlatformConfig): void {
    this.#config = config;
    this.#changed();
  }

  get devices(): HostDevices["document"] {
    return this.#devices.document;
  }

  /** @throws SessionError `Denied` */
  access(label: string, service = "Platform"): Access {
    return policyFor<Access>(this.#config, service, label);
  }

  session(request: SessionRequest<PlatformArgs>): PlatformSession {
    const session = new PlatformSession(this, request, this.access(request.label));
    this.#sessions.add(session);
    return session;
  }

  /** A ROM session on the devices that the client may see. */
  rom(request: SessionRequest<ROMArgs>): RomSession {
    const label = labelPrefix(request.label);
    const document = new Document();
    const publish = (): void => document.publish(visible(this.access(label, "ROM"), label, this.devices));
    publish();
    const update = (): void => {
      try {
        publish();
      } catch {
        request.session.close(); // its policy is gone
      }
    };
    this.#documents.add(update);
    request.session.onClosed(() => this.#documents.delete(update));
    return new RomSession(request, document);
  }

  /**
   * Opens a device for a session.
   * @throws SessionError `Unavailable` (somebody has it), `Device` (it cannot be opened, or has just gone)
   */
  async take(name: string, device: Device, holder: PlatformSession): Promise<HostGrant> {
    const held = this.#holdings.get(name);
    if (held !== undefined && held.holder !== holder)
      throw new SessionError("Unavailable", `The device "${name}" is in use by "${held.holder.label}"`);
    if (held !== undefined) await this.give(name, holder);
    const instance = this.#devices.instance(name);
    if (instance === undefined) throw new SessionError("Device", `The device "${name}" has just gone`);
    const { grant } = this.#config;
    const source = `${grant}/${sourceOf(name, device)}`;
    this.#holdings.set(name, { holder, source, instance });
    try {
      const opened = await this.#host.acquire(source);
      if (this.#holdings.get(name)?.holder === holder && same(opened, device)) return opened;
      opened.close();
      throw new SessionError("Device", `The device "${name}" went while it was opened`);
    } catch (error) {
      await this.give(name, holder);
      throw error;
    }
  }

  /** Sets a clock that a session has. @throws SessionError `Unavailable` (it has gone), and what the root says */
  async setClock(name: string, holder: PlatformSession, seconds: number): Promise<void> {
    const held = this.#holdings.get(name);
    if (held?.holder !== holder) throw new SessionError("Unavailable", `Cannot set the clock "${name}": it has gone`);
    await this.#host.setClock(held.source, seconds);
  }

  /** Opens a file of a device that is held and has only a directory of sysfs. @throws SessionError `NotFound`, `Device` */
  async openBelow(name: string, path: string, write: boolean): Promise<number> {
    const held = this.#holdings.get(name);
    if (held === undefined) throw new SessionError("NotFound", `Nobody holds the device "${name}"`);
    return this.#host.open(held.source, path, { write });
  }

  /** Takes a device back from the books; its descriptors are the client's to close. */
  async give(name: string, holder: PlatformSession): Promise<void> {
    const held = this.#holdings.get(name);
    if (held?.holder !== holder) return;
    this.#holdings.delete(name);
    await this.#host
      .release(held.source)
      .catch((error: unknown) => console.error(`Cannot give back "${name}": ${errorMessage(error)}`));
    // Whoever was told that it is in use may ask again.
    for (const session of this.#sessions) if (session !== holder) session.free(name);
  }

  closed(session: PlatformSession): void {
    this.#sessions.delete(session);
    for (const [name, { holder }] of [...this.#holdings]) if (holder === session) void this.give(name, session);
  }

  /**
   * Ends a client that may no longer have what it holds: nobody but its process can close that. Inside a nested init it
   * is that init which ends, since no other is known here.
   */
  async revoke(label: string, why: string): Promise<void> {
    const [component = ""] = labelElements(label);
    console.error(`"${component}" is killed: ${why}`);
    try {
      await using system = await this.#env.connect(System, { bufferSize: 4096 });
      await system.kill(component);
    } catch (error) {
      console.error(
        `Cannot kill "${component}": ${errorMessage(error)}; it keeps what it has open until it ends: route System to the platform server, or restart "${component}"`,
      );
    }
  }

  #changed(): void {
    // While somebody has a device open that is gone, the kernel keeps its number busy.
    for (const [name, { holder, instance }] of [...this.#holdings])
      if (this.#devices.instance(name) !== instance) {
        void this.give(name, holder);
        holder.lost();
      }
    for (const session of [...this.#sessions]) session.update();
    for (const update of [...this.#documents]) update();
  }

  async close(): Promise<void> {
    this.#devices[Symbol.dispose]();
    this.#announcements.close();
    await this.#host.close();
  }
}

/** The name under which the root opens a device. */
function sourceOf(name: string, device: Device): string {
  if (device.class === "net") return `net/${device.name}`;
  if (attributeClasses.has(device.class)) return `sys/${device.class}/${device.name}`;
  if (device.node !== undefined) return `dev/${device.node}`;
  throw new SessionError("Device", `The device "${name}" has no node below /dev: it is read in sysfs only`);
}

/** Whether what was opened is the device that was found, and not another one that got its node since. */
function same(opened: HostGrant, device: Device): boolean {
  if (device.class === "net") return true;
  if (attributeClasses.has(device.class)) return opened.path === sysfs.root + device.path;
  return sysfs.text(`${device.path}/dev`) === deviceNumber(fstatSync(opened.descriptor).rdev);
}
