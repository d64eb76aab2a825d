// exclusive
// tier: machine of this architecture
// timeout: 900s
/**
 * Devices that come and go in a machine, with drivers that follow them. What they are is compared with lsblk and lsusb; what
 * passes through them, with their far ends; what was written, by the load itself.
 */
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { parseDuration } from "../../base/quantity.js";
import { suite } from "../support/suite.js";
import { type GuestSystem, guestSystem, machineOf, patience } from "./guest.js";

const test = suite("devices of a machine");
const size = "8M";
const machine = machineOf(test, {
  bench: {
    machine: { spare: 1 },
    devices: {
      disk: { kind: "disk", bus: "virtio", size },
      port: { kind: "uart", port: "usb" },
      stick: { kind: "disk", bus: "usb", size },
      key: { kind: "keyboard" },
    },
  },
});

/** How often something is pulled out and plugged in again. */
const times = 200;
/** How often its driver is waited for meanwhile. */
const watched = 40;

function components(stop: boolean): object {
  const client = (route: object): object => ({ route: { ROM: "parent", LOG: "parent", Timer: "timer", ...route } });
  return {
    "report-rom": {
      binary: "servers/report-rom",
      provides: ["Report", "ROM"],
      config: { policies: [{ label: "drivers -> config", report: "driver-manager -> config" }] },
    },
    platform: {
      binary: "servers/platform",
      provides: ["Platform", "ROM"],
      route: { "*": "parent" },
      grants: { host: { devices: true } },
      config: {
        policies: [
          { label: "driver-manager", sees: "all" },
          { labelPrefix: "drivers ->", byLabel: [{ class: "block" }, { class: "tty", bus: "usb" }] },
        ],
      },
    },
    "driver-manager": {
      binary: "servers/driver-manager",
      route: { "ROM devices": "platform", Report: "report-rom", "*": "parent" },
      config: {
        instances: {
          disk: { match: { class: "block", bus: "virtio" } },
          port: { match: { class: "tty", bus: "usb" } },
          stick: { match: { class: "block", bus: "usb" } },
        },
      },
    },
    drivers: {
      binary: "servers/init",
      ram: "64M",
      caps: 600,
      provides: ["Uart", "Terminal", "Block"],
      route: { "ROM config": "report-rom", Platform: "platform", "*": "parent" },
    },
    timer: { binary: "servers/timer", provides: ["Timer"] },
    load: {
      binary: "test/block-load",
      config: { first: 0, blocks: 64, workers: 4, stop },
      ...client({ Block: "drivers: disk" }),
    },
    operator: { binary: "test/line-operator", ...client({ Uart: "drivers: port" }) },
  };
}

/** Waits for lines that come in any order. */
async function begun(system: GuestSystem, ...texts: readonly string[]): Promise<void> {
  const deadline = Date.now() + parseDuration(patience);
  while (!texts.every((text) => system.output().includes(text))) {
    if (Date.now() > deadline)
      throw new Error(`Not all of ${texts.join(", ")} within ${patience}:\n${system.output()}`);
    await delay(100);
  }
}

async function wrong(system: GuestSystem): Promise<readonly string[]> {
  const done = await system.said('"done":true');
  return (JSON.parse(done.replace(/^[^{]*/, "")) as { wrong: string[] }).wrong;
}

test(`keyboards, serial adapters and disks pulled and plugged ${times} times under load`, {
  timeout: 800_000,
}, async (context) => {
  const guest = machine(context);
  const system = guestSystem(context, guest, components(false));
  await begun(system, "ready:", "blockSize");
  const configs = {
    port: { kind: "uart", port: "usb" },
    stick: { kind: "disk", bus: "usb", size },
    key: { kind: "keyboard" },
  } as const;
  const names = Object.keys(configs) as (keyof typeof configs)[];
  for (let count = 0; count < times; ++count) {
    const name = names[count % names.length] as keyof typeof configs;
    await guest.devices.remove(name);
    await guest.devices.add(name, configs[name]);
    if (count % watched !== 0) continue;
    // Bytes written before the driver is there are the wire's to lose: asked until it answers.
    const far = guest.serial("port");
    const word = `round-${count}`;
    const asking = setInterval(() => void far.write(`echo ${word}\n`).catch(() => {}), 1000);
    try {
      await far.readUntil(`${word}\n`, { within: patience });
    } finally {
      clearInterval(asking);
    }
  }
  await system.apply(components(true));
  assert.equal(await wrong(system), []);
  for (const name of ["platform", "driver-manager", "drivers", "report-rom"])
    assert.not.match(system.output(), new RegExp(`"${name}" (was ended|exited)`));
});

test("bulkhead devices lists what lsblk and lsusb list", { timeout: 200_000 }, async (context) => {
  const guest = machine(context);
  const output = async (...command: readonly string[]): Promise<string> =>
    guest.output([...command], { within: patience });
  const listed = JSON.parse(
    await output("node", "dist/programs/bulkhead.js", "devices", "--json", "--socket=/nowhere"),
  ) as {
    devices: {
      device: string;
      class: string;
      name: string;
      bus?: string;
      vendor?: string;
      product?: string;
      properties: { size?: number };
    }[];
  };
  const disks = JSON.parse(await output("lsblk", "--json", "--bytes", "--nodeps", "--output", "NAME,SIZE")) as {
    blockdevices: { name: string; size: number }[];
  };
  const sizes = (all: readonly { name: string; size?: number | undefined }[]): string[] =>
    all.map(({ name, size: bytes }) => `${name} ${bytes}`).sort();
  assert.equal(
    sizes(
      listed.devices.flatMap((one) => (one.class === "block" ? [{ name: one.name, size: one.properties.size }] : [])),
    ),
    sizes(disks.blockdevices.filter(({ size: bytes }) => bytes > 0)),
  );
  const numbers = listed.devices.flatMap((one) => (one.class === "usb" ? [`${one.vendor}:${one.product}`] : [])).sort();
  const usb = (await output("lsusb"))
    .split("\n")
    .flatMap((line) => /ID ([0-9a-f]{4}:[0-9a-f]{4})/.exec(line)?.[1] ?? []);
  assert.equal(numbers, usb.sort());
  const adapter = listed.devices.find((one) => one.class === "tty" && one.bus === "usb");
  assert.match(adapter?.device as string, /^tty\.usb-0403-6001-/);
});

test.run();
