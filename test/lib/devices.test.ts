/** Devices in a device tree that the test makes: identity, announcements, conditions, the registry. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { type Device, deviceMatches } from "../../lib/devices/device.js";
import { Enumeration } from "../../lib/devices/enumeration.js";
import { DeviceRegistry } from "../../lib/devices/registry.js";
import { Sysfs } from "../../lib/devices/sysfs.js";
import { parseUevent } from "../../lib/devices/uevent.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("devices");

/** A sysfs of files and links. */
class Tree {
  readonly root: string;

  constructor(context: Context) {
    this.root = mkdtempSync(join(tmpdir(), "bulkhead-sysfs-"));
    context.defer(() => rmSync(this.root, { recursive: true }));
  }

  /** A device with its attributes; `subsystem` and `driver` become links. */
  device(
    path: string,
    { subsystem, driver, ...attributes }: Readonly<Record<string, string>> & { readonly subsystem?: string },
  ): string {
    const folder = join(this.root, path);
    mkdirSync(folder, { recursive: true });
    for (const [name, value] of Object.entries(attributes)) writeFileSync(join(folder, name), `${value}\n`);
    if (subsystem !== undefined) this.link(`${path}/subsystem`, `/class/${subsystem}`);
    if (driver !== undefined) this.link(`${path}/driver`, `/bus/any/drivers/${driver}`);
    return path;
  }

  link(from: string, to: string): void {
    mkdirSync(dirname(join(this.root, from)), { recursive: true });
    symlinkSync(relative(dirname(join(this.root, from)), join(this.root, to)), join(this.root, from));
  }

  /** A member of a class, listed there as the kernel lists it. */
  member(path: string, subsystem: string, attributes: Readonly<Record<string, string>> = {}): void {
    this.device(path, { ...attributes, subsystem });
    this.link(`/class/${subsystem}/${path.slice(path.lastIndexOf("/") + 1)}`, path);
  }

  names(): string[] {
    const registry = new DeviceRegistry();
    registry.replace(new Enumeration(new Sysfs(this.root)).all());
    return Object.keys(registry.document.devices);
  }
}

/** An adapter of `ports` serial lines at a USB port. */
function adapter(tree: Tree, bus: number, port: string, first: number, ports: number, serial?: string): void {
  const usb = tree.device(`/devices/pci0000:00/0000:00:05.0/usb${bus}/${bus}-${port}`, {
    subsystem: "usb",
    idVendor: "0403",
    idProduct: "6011",
    product: "Quad RS232",
    ...(serial !== undefined && { serial }),
  });
  tree.device(`${usb}/${bus}-${port}:1.0`, { subsystem: "usb", driver: "ftdi_sio", bInterfaceNumber: "00" });
  for (let number = 0; number < ports; ++number) {
    const name = `ttyUSB${first + number}`;
    tree.device(`${usb}/${bus}-${port}:1.0/${name}`, { port_number: String(number) });
    tree.member(`${usb}/${bus}-${port}:1.0/${name}/tty/${name}`, "tty", {
      uevent: `MAJOR=188\nMINOR=${first + number}\nDEVNAME=${name}`,
    });
  }
}

test("a USB adapter has its serial number as name, at whatever port, and each of its lines its own", (context) => {
  const one = new Tree(context);
  adapter(one, 1, "2.1", 0, 2, "FT0001");
  const other = new Tree(context);
  adapter(other, 3, "4", 7, 2, "FT0001");
  assert.equal(one.names(), ["tty.usb-0403-6011-FT0001-if0", "tty.usb-0403-6011-FT0001-if0-port1"]);
  assert.equal(other.names(), one.names());
});

test("without a serial number its place counts, not the number of the bus", (context) => {
  const one = new Tree(context);
  one.device("/devices/pci0000:00/0000:00:05.0", { subsystem: "pci", vendor: "0x1033", device: "0x0194" });
  adapter(one, 1, "2.1", 0, 1);
  const other = new Tree(context);
  other.device("/devices/pci0000:00/0000:00:05.0", { subsystem: "pci", vendor: "0x1033", device: "0x0194" });
  adapter(other, 2, "2.1", 5, 1);
  assert.equal(one.names(), ["tty.pci-0000-00-05.0-usb-2.1-if0"]);
  assert.equal(other.names(), one.names());
});

test("the device tree's alias comes first; places without an UART, consoles and connectors are no devices", (context) => {
  const tree = new Tree(context);
  const port = tree.device("/devices/platform/soc/fe201000.serial", { subsystem: "amba", driver: "uart-pl011" });
  mkdirSync(join(tree.root, "/firmware/devicetree/base/aliases"), { recursive: true });
  writeFileSync(join(tree.root, "/firmware/devicetree/base/aliases/serial0"), "/soc/serial@7e201000\0");
  mkdirSync(join(tree.root, "/firmware/devicetree/base/soc/serial@7e201000"), { recursive: true });
  writeFileSync(
    join(tree.root, "/firmware/devicetree/base/soc/serial@7e201000/compatible"),
    "arm,pl011\0arm,primecell\0",
  );
  tree.link(`${port}/of_node`, "/firmware/devicetree/base/soc/serial@7e201000");
  tree.member(`${port}/tty/ttyAMA0`, "tty", { uevent: "DEVNAME=ttyAMA0" });
  tree.member("/devices/platform/serial8250/tty/ttyS1", "tty", { uevent: "DEVNAME=ttyS1", type: "0", port: "0x2F8" });
  tree.member("/devices/virtual/tty/tty1", "tty", { uevent: "DEVNAME=tty1" });
  tree.member("/devices/platform/gpu/drm/card0", "drm", { uevent: "DEVNAME=dri/card0" });
  tree.member("/devices/platform/gpu/drm/card0/card0-HDMI-A-1", "drm", { uevent: "" });
  const [first] = new Enumeration(new Sysfs(tree.root)).all().filter(({ device }) => device.class === "tty");
  assert.equal(tree.names(), ["drm.card0", "tty.serial0"]);
  assert.equal(
    [first?.device.node, first?.device.compatible, first?.device.driver, first?.device.bus],
    ["ttyAMA0", "arm,pl011", "uart-pl011", "amba"],
  );
});

test("two sticks with one serial number are two devices; partitions belong to their disk", (context) => {
  const tree = new Tree(context);
  for (const [port, name] of [
    ["1", "sda"],
    ["2", "sdb"],
  ] as const) {
    const usb = tree.device(`/devices/pci0000:00/usb1/1-${port}`, {
      subsystem: "usb",
      idVendor: "0951",
      idProduct: "1666",
      serial: "000000000001",
    });
    const disk = `${usb}/host0/target0:0:0/0:0:0:0/block/${name}`;
    tree.member(disk, "block", { uevent: `DEVNAME=${name}`, size: "2048", removable: "1" });
    tree.member(`${disk}/${name}1`, "block", { uevent: `DEVNAME=${name}1`, size: "1024", partition: "1" });
  }
  const name = "block.usb-0951-1666-000000000001";
  assert.equal(tree.names(), [name, `${name}-part1`, `${name}-part1.1`, `${name}.1`]);
});

const keyName = fc.stringMatching(/^[A-Z_]{1,12}$/).filter((key) => key !== "ACTION" && key !== "DEVPATH");
const printable = fc.stringMatching(/^[ -~]{0,24}$/);
const announcement = fc.record({
  action: fc.constantFrom("add", "remove", "change", "move", "bind", "unbind"),
  path: fc.stringMatching(/^(\/[a-z0-9:-]{1,8}){1,6}$/),
  properties: fc.dictionary(keyName, printable, { noNullPrototype: true }),
});

function lines({ action, path, properties }: { action: string; path: string; properties: Record<string, string> }) {
  return [
    `ACTION=${action}`,
    `DEVPATH=${path}`,
    ...Object.entries(properties).map(([key, value]) => `${key}=${value}`),
  ];
}

function fromUdev(texts: readonly string[]): Buffer {
  const body = Buffer.from(`${texts.join("\0")}\0`);
  const header = Buffer.alloc(40);
  header.write("libudev\0", "latin1");
  header.writeUInt32BE(0xfeedcafe, 8);
  header.writeUInt32LE(40, 12);
  header.writeUInt32LE(40, 16);
  header.writeUInt32LE(body.length, 20);
  return Buffer.concat([header, body]);
}

test("announcements of the kernel and of udevd say the same", () => {
  fc.assert(
    fc.property(announcement, (event) => {
      const texts = lines(event);
      const kernel = parseUevent(Buffer.from(`${event.action}@${event.path}\0${texts.join("\0")}\0`));
      const udev = parseUevent(fromUdev(texts));
      for (const parsed of [kernel, udev]) {
        assert.equal([parsed?.action, parsed?.path], [event.action, event.path]);
        for (const [key, value] of Object.entries(event.properties)) assert.is(parsed?.properties.get(key), value);
      }
    }),
  );
});

test("damaged announcements are none: cut, changed, or leading out of the device tree", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const parsed = parseUevent(bytes);
      assert.ok(parsed === undefined || parsed.path.startsWith("/"));
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(announcement, fc.nat(), fc.nat({ max: 255 }), (event, at, value) => {
      const whole = fromUdev(lines(event));
      whole[at % 40] = value;
      const parsed = parseUevent(whole);
      // Whatever the header says then, nothing outside of the datagram is read.
      assert.ok(parsed === undefined || whole.includes(parsed.path));
      assert.not.throws(() => parseUevent(whole.subarray(0, at % whole.length)));
    }),
  );
  assert.is(parseUevent(Buffer.from("add@/a\0ACTION=add\0DEVPATH=/b\0")), undefined);
  assert.is(parseUevent(Buffer.from("add@/a/../../etc\0ACTION=add\0DEVPATH=/a/../../etc\0")), undefined);
});

const device: Device = { class: "tty", name: "ttyUSB0", path: "/devices/x", properties: {}, serial: "A" };

test("conditions: all that are given, with * for any characters; none given matches nothing", () => {
  const symbols = fc.stringMatching(/^[ab.]{0,8}$/);
  fc.assert(
    fc.property(fc.stringMatching(/^[ab.*]{1,8}$/), symbols, (pattern, serial) => {
      const expected = new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`).test(serial);
      assert.is(deviceMatches({ serial: pattern }, "id", { ...device, serial }), expected);
    }),
    { numRuns: 3000 },
  );
  assert.is(deviceMatches({}, "id", device), false);
  assert.is(deviceMatches({ class: "tty", serial: "A", device: "i*" }, "id", device), true);
  assert.is(deviceMatches({ class: "tty", serial: "B" }, "id", device), false);
  assert.is(deviceMatches({ class: "tty", model: "*" }, "id", device), false, "it tells no model");
});

test("names are unique, and stay while their device is there", () => {
  const step = fc.record({ place: fc.nat({ max: 5 }), own: fc.constantFrom("x", "y"), gone: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const registry = new DeviceRegistry();
      const names = new Map<string, string>();
      for (const { place, own, gone } of steps) {
        const path = `/devices/p${place}`;
        if (gone) {
          const left = registry.remove(path).map(({ name }) => name);
          assert.equal(left, names.has(path) ? [names.get(path)] : []);
          names.delete(path);
        } else {
          const change = registry.put({ ownName: own, device: { ...device, path, serial: own } });
          if (names.has(path)) assert.ok(change === undefined || change.name === names.get(path));
          else names.set(path, change?.name as string);
        }
        assert.is(new Set(names.values()).size, names.size);
        assert.equal(Object.keys(registry.document.devices).sort(), [...names.values()].sort());
      }
    }),
  );
});

test.run();
