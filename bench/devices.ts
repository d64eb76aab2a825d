/** The devices of a running machine, by name: their far ends, their nodes in the guest, coming and going. */
import { rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { suggestion } from "../base/nearest.js";
import { checked } from "../base/schema.js";
import type { GuestNode } from "./agent-protocol.js";
import { addBackend, removeBackend } from "./backends.js";
import { type DeviceConfig, type DeviceDocument, type DeviceKind, deviceSchema, misplaced } from "./bench-file.js";
import { bounded, type WaitOptions } from "./deadline.js";
import { type DevicePlan, onUsb, planDevice, type Slots } from "./device-plan.js";
import type { GuestProcesses } from "./guest-processes.js";
import { HidDevice } from "./hid-device.js";
import type { Monitor } from "./monitor.js";
import { Wire } from "./wire.js";

export interface Port {
  readonly bus: string;
  readonly slot: number;
}

interface Entry {
  readonly plan: DevicePlan;
  readonly wires: ReadonlyMap<string, Wire>;
  readonly port: Port | undefined;
  /** What lies above a disk's content and makes accesses fail. */
  layer?: string | undefined;
  hid?: HidDevice;
}

const pollingPeriod = 50;

export class Devices implements Disposable {
  readonly #folder: string;
  readonly #slots: Slots;
  readonly #spare: Port[];
  readonly #usbModules: readonly string[];
  readonly #entries = new Map<string, Entry>();
  #monitor: Monitor | undefined;
  #processes: GuestProcesses | undefined;

  constructor({
    folder,
    slots,
    spare,
    usbModules,
  }: {
    readonly folder: string;
    readonly slots: Slots;
    readonly spare: readonly Port[];
    readonly usbModules: readonly string[];
  }) {
    this.#folder = folder;
    this.#slots = slots;
    this.#spare = [...spare];
    this.#usbModules = usbModules;
  }

  /** Listens for the emulator's ends of a device that it is about to make. */
  async listen(plan: DevicePlan, port?: Port): Promise<void> {
    const wires = new Map<string, Wire>();
    for (const backend of plan.backends)
      if (backend.kind === "chardev" || backend.kind === "netdev") {
        rmSync(backend.path, { force: true });
        wires.set(backend.kind, await Wire.listen(backend.path));
      }
    this.#entries.set(plan.name, { plan, wires, port });
  }

  /** The guest runs: completes what needs it. */
  async begin(
    monitor: Monitor,
    processes: GuestProcesses,
    others: readonly string[],
    options: WaitOptions,
  ): Promise<void> {
    this.#monitor = monitor;
    this.#processes = processes;
    const plans = [...this.#entries.values()].map(({ plan }) => plan);
    const usb = plans.some(onUsb) ? this.#usbModules : [];
    const modules = [...new Set([...usb, ...plans.flatMap((plan) => plan.modules), ...others])];
    await processes.loadModules(modules, options);
    for (const plan of plans) await this.#complete(plan, options);
  }

  async #complete({ name, script, hid }: DevicePlan, options: WaitOptions): Promise<void> {
    if (hid !== undefined) this.#entry(name).hid = await HidDevice.create(this.#guest, hid, options);
    if (script === undefined) return;
    const { code, errors } = await this.#guest.start(["sh", "-c", script], { cwd: "/" }).ended(options);
    if (code !== 0) throw new Error(`Cannot make "${name}" in the guest: ${errors.trim()}`);
  }

  get monitor(): Monitor {
    if (this.#monitor === undefined) throw new Error("The machine does not run yet");
    return this.#monitor;
  }

  get #guest(): GuestProcesses {
    if (this.#processes === undefined) throw new Error("The machine does not run yet");
    return this.#processes;
  }

  get names(): string[] {
    return [...this.#entries.keys()];
  }

  #entry(name: string): Entry {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new Error(`The machine has no device "${name}"${suggestion(name, this.names)}`);
    return entry;
  }

  /** What a device is. @throws Error when it is of another kind. */
  config<Kind extends DeviceKind>(name: string, ...kinds: readonly Kind[]): DeviceConfig<Kind> {
    const { config } = this.#entry(name).plan;
    if (!kinds.includes(config.kind as Kind))
      throw new Error(`"${name}" is a ${config.kind}, not a ${kinds.join(" or ")}`);
    return config as DeviceConfig<Kind>;
  }

  /** The far end of a UART or of a network card. */
  wire(name: string, kind: "chardev" | "netdev"): Wire {
    const wire = this.#entry(name).wires.get(kind);
    if (wire === undefined) throw new Error(`"${name}" has no wire`);
    return wire;
  }

  /** A device that is made out of reports. */
  hid(name: string): HidDevice {
    const { hid } = this.#entry(name);
    if (hid === undefined) throw new Error(`"${name}" is made of no reports`);
    return hid;
  }

  /** The node above a disk's content, if there is one. */
  layer(name: string): string | undefined {
    return this.#entry(name).layer;
  }

  setLayer(name: string, layer: string | undefined): void {
    this.#entry(name).layer = layer;
  }

  async nodes(name: string, options: WaitOptions = {}, subsystem?: string): Promise<readonly GuestNode[]> {
    const { plan } = this.#entry(name);
    const search = async (): Promise<readonly GuestNode[]> => {
      for (;;) {
        const all: GuestNode[] = [];
        for (const place of plan.places) all.push(...(await this.#guest.nodes(place, options)));
        const found = subsystem === undefined ? all : all.filter((node) => node.subsystem === subsystem);
        if (found.length > 0) return found;
        await delay(pollingPeriod);
      }
    };
    return bounded(`a node of "${name}"${subsystem === undefined ? "" : ` in ${subsystem}`}`, search(), {
      within: "15s",
      ...options,
    });
  }

  /** Plugs a device in while the machine runs. */
  async add(name: string, document: DeviceDocument, options: WaitOptions = {}): Promise<void> {
    if (this.#entries.has(name)) throw new Error(`The machine has a device "${name}" already`);
    const config = checked(deviceSchema, document, `the device "${name}"`);
    const problem = misplaced(config, this.#slots.board);
    if (problem !== undefined) throw new Error(`Cannot plug in "${name}": ${problem.message}`);
    const port = this.#spare[0];
    const plan = planDevice({ name, config, folder: this.#folder, slots: this.#slots, port });
    if (plan.words !== undefined) throw new Error(`"${name}" is part of the board: it belongs in the bench file`);
    const usesPort = plan.devices.some(({ bus }) => bus === port?.bus);
    if (!usesPort && plan.devices.some(({ addr, index }) => addr !== undefined || index !== undefined))
      throw new Error(`There is no free slot for "${name}": give the machine more with "spare"`);
    if (usesPort) this.#spare.shift();
    await this.listen(plan, usesPort ? port : undefined);
    for (const backend of plan.backends) await addBackend(this.monitor, backend);
    for (const device of plan.devices) await this.monitor.execute("device_add", device, options);
    await this.#guest.loadModules([...(onUsb(plan) ? this.#usbModules : []), ...plan.modules], options);
    await this.#complete(plan, options);
  }

  /** Pulls a device out, and waits until the guest has noticed. Its captured frames and its disk's file stay. */
  async remove(name: string, options: WaitOptions = {}): Promise<void> {
    const { plan, wires, port, layer, hid } = this.#entry(name);
    if (hid !== undefined) {
      await hid.remove(options);
      this.#entries.delete(name);
      return;
    }
    const serial = wires.get("chardev");
    if (serial !== undefined) await this.#unplugSerial(name, serial, options);
    const from = this.monitor.eventCount;
    await this.monitor.execute("device_del", { id: name }, options);
    await this.monitor.event("DEVICE_DELETED", ({ device }) => device === name, options, from);
    if (layer !== undefined) await this.monitor.execute("blockdev-del", { "node-name": layer });
    for (const backend of [...plan.backends].reverse()) await removeBackend(this.monitor, backend);
    for (const wire of wires.values()) wire[Symbol.dispose]();
    this.#entries.delete(name);
    if (port !== undefined) this.#spare.push(port);
    for (const device of plan.devices) if (typeof device["port"] === "string") this.#slots.usbGone(device["port"]);
  }

  /** The emulator (7.2) crashes when a USB serial adapter goes away while bytes for it wait: its far end goes first. */
  async #unplugSerial(name: string, wire: Wire, options: WaitOptions): Promise<void> {
    wire[Symbol.dispose]();
    const gone = async (): Promise<void> => {
      for (;;) {
        const chardevs = (await this.monitor.execute("query-chardev")) as { label: string; filename: string }[];
        if (chardevs.find(({ label }) => label === `${name}-wire`)?.filename.startsWith("disconnected") !== false)
          return;
        await delay(5);
      }
    };
    await bounded(`the emulator to let go of the far end of "${name}"`, gone(), { within: "10s", ...options });
  }

  [Symbol.dispose](): void {
    for (const { wires } of this.#entries.values()) for (const wire of wires.values()) wire[Symbol.dispose]();
  }
}
