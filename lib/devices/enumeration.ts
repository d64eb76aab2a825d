/** Finds the devices of the host in sysfs. */
import { basename } from "node:path";
import { classFacts, isDevice } from "./class-facts.js";
import { type Device, type DeviceClass, deviceClasses } from "./device.js";
import { stableName } from "./identity.js";
import { Sysfs } from "./sysfs.js";

/** A device with the name that it has by itself; two of one name are told apart by {@link DeviceRegistry}. */
export interface FoundDevice {
  readonly ownName: string;
  readonly device: Device;
}

/** Where the members of a subsystem are listed. */
function listOf(sysfs: Sysfs, deviceClass: DeviceClass): readonly string[] {
  for (const folder of [`/class/${deviceClass}`, `/bus/${deviceClass}/devices`]) {
    const names = sysfs.names(folder);
    if (names.length > 0) return names.map((name) => `${folder}/${name}`);
  }
  return [];
}

/** Facts of the piece of hardware that a device belongs to, from its parents in the device tree. */
function hardware(sysfs: Sysfs, path: string) {
  const chain = [path, ...sysfs.parents(path)];
  const parents = chain.flatMap((one) => {
    const bus = sysfs.linkName(`${one}/subsystem`);
    return bus === undefined || bus === "serial-base" ? [] : [{ bus, name: basename(one) }];
  });
  const driven = chain.find(
    (one) =>
      sysfs.linkName(`${one}/driver`) !== undefined &&
      // Linux 6.5 put this bus between an UART's ports and its driver.
      sysfs.linkName(`${one}/subsystem`) !== "serial-base",
  );
  const usb = chain.find((one) => sysfs.text(`${one}/idVendor`) !== undefined);
  const pci = chain.find((one) => sysfs.linkName(`${one}/subsystem`) === "pci");
  const treeNode = chain.find((one) => sysfs.place(`${one}/of_node`) !== undefined);
  const usbInterface = chain.map((one) => sysfs.text(`${one}/bInterfaceNumber`)).find((one) => one !== undefined);
  const pciNumber = (attribute: string): string | undefined =>
    pci === undefined ? undefined : sysfs.text(`${pci}/${attribute}`)?.replace(/^0x/, "");
  const firstOf = (...attributes: readonly string[]): string | undefined =>
    chain
      .flatMap((one) => attributes.map((attribute) => `${one}/${attribute}`))
      .map((one) => sysfs.text(one))
      .find((one) => one !== undefined);
  const virtual = path.startsWith("/devices/virtual/");
  const driverBus = driven === undefined ? undefined : sysfs.linkName(`${driven}/subsystem`);
  const bus = usb !== undefined ? "usb" : (driverBus ?? parents[1]?.bus);
  return {
    bus: virtual ? undefined : bus,
    driver: driven === undefined ? undefined : sysfs.linkName(`${driven}/driver`),
    vendor: usb === undefined ? pciNumber("vendor") : sysfs.text(`${usb}/idVendor`),
    product: usb === undefined ? pciNumber("device") : sysfs.text(`${usb}/idProduct`),
    manufacturer: usb === undefined ? undefined : sysfs.text(`${usb}/manufacturer`),
    model: usb === undefined ? firstOf("device/model", "model") : sysfs.text(`${usb}/product`),
    serial: usb === undefined ? firstOf("serial", "device/serial") : sysfs.text(`${usb}/serial`),
    parents,
    usbInterface,
    treeNode: treeNode === undefined ? undefined : sysfs.place(`${treeNode}/of_node`),
  };
}

/** Names that the device tree gives to its nodes, by node. */
function treeAliases(sysfs: Sysfs): ReadonlyMap<string, string> {
  const base = "/firmware/devicetree/base";
  return new Map(
    sysfs.names(`${base}/aliases`).flatMap((alias): [string, string][] => {
      const node = alias === "name" ? undefined : sysfs.text(`${base}/aliases/${alias}`);
      return node === undefined ? [] : [[base + node, alias]];
    }),
  );
}

function defined<T extends object>(facts: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as never;
}

export class Enumeration {
  readonly #sysfs: Sysfs;
  readonly #classes: ReadonlySet<string>;
  #aliases: ReadonlyMap<string, string> | undefined;

  /** `classes` limits what is found. */
  constructor(sysfs = new Sysfs(), classes: readonly DeviceClass[] = deviceClasses) {
    this.#sysfs = sysfs;
    this.#classes = new Set(classes);
  }

  /** Every device that is there now, in the order of the device tree. */
  all(): FoundDevice[] {
    const places = new Set<string>();
    for (const one of deviceClasses)
      if (this.#classes.has(one))
        for (const listed of listOf(this.#sysfs, one)) {
          const place = this.#sysfs.place(listed);
          if (place !== undefined) places.add(place);
        }
    return [...places]
      .sort((one, other) => one.localeCompare(other, "en", { numeric: true }))
      .flatMap((place) => this.at(place) ?? []);
  }

  /** The device at a place in the device tree; undefined when nothing to hand out is there. */
  at(path: string): FoundDevice | undefined {
    const sysfs = this.#sysfs;
    const deviceClass = sysfs.linkName(`${path}/subsystem`);
    if (deviceClass === undefined || !this.#classes.has(deviceClass)) return undefined;
    const uevent = sysfs.uevent(path);
    const place = { path, class: deviceClass as DeviceClass, name: basename(path), uevent };
    if (!isDevice(sysfs, place)) return undefined;
    const { parents, usbInterface, treeNode, ...facts } = hardware(sysfs, path);
    this.#aliases ??= treeAliases(sysfs);
    const alias = treeNode === undefined ? undefined : this.#aliases.get(treeNode);
    const { part, model, serial, properties } = classFacts(sysfs, place);
    const device: Device = {
      class: place.class,
      name: place.name,
      path,
      properties,
      ...defined({
        node: uevent.get("DEVNAME"),
        ...facts,
        model: model ?? facts.model,
        serial: serial ?? facts.serial,
        alias,
        compatible: treeNode === undefined ? undefined : sysfs.text(`${treeNode}/compatible`),
      }),
    };
    const interfacePart = usbInterface === undefined ? "" : `-if${Number.parseInt(usbInterface, 16)}`;
    return { device, ownName: stableName({ ...device, parents, part: interfacePart + part }) };
  }
}
