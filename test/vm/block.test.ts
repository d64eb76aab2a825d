// exclusive
// timeout: 900s
/** The block driver on disks of several buses. The guest's own file system tools and the file below a disk are the witnesses. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { suite } from "../support/suite.js";
import { guestSystem, machineOf, patience } from "./guest.js";

const test = suite("disks of a machine");
const size = "8M";
const machine = machineOf(test, {
  bench: {
    machine: { spare: 1 },
    devices: {
      first: { kind: "disk", bus: "virtio", size },
      fast: { kind: "disk", bus: "nvme", size },
      stick: { kind: "disk", bus: "usb", size },
      bad: { kind: "disk", bus: "virtio", size, errors: [{ operation: "read", sector: 1000 }] },
    },
  },
});
const limits = { timeout: 400_000 };

function driver(path: string): object {
  return {
    binary: "drivers/block",
    provides: ["Block"],
    grants: { disk: { device: path, write: true } },
    config: { defaultPolicy: { writeable: true } },
  };
}

function copier(from: string, to: string, read: readonly number[]): object {
  return {
    source: driver(from),
    target: driver(to),
    copier: {
      binary: "test/disk-copier",
      config: { read },
      route: { "Block from": "source", "Block to": "target", "*": "default" },
    },
  };
}

function hash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

for (const target of ["fast", "stick", "bad"]) {
  test(`a file system copied to the disk "${target}" is whole`, limits, async (context) => {
    const guest = machine(context);
    const from = await guest.node("first", "block");
    const to = await guest.node(target, "block");
    await guest.output(["mkfs.ext4", "-q", "-F", "-d", "bench", from], { within: patience });
    const system = guestSystem(context, guest, copier(from, to, target === "bad" ? [999, 1000, 1001] : []));
    await system.said("copied 8388608 bytes");
    if (target === "bad") {
      await system.said("sector 999: read");
      await system.said("sector 1000: Device");
      await system.said("sector 1001: read");
    } else await guest.output(["fsck.ext4", "-f", "-n", to], { within: patience });
    await system.said("done");
    // What is below the disks, as this process sees it.
    assert.is(hash(readFileSync(guest.disk(target).file)), hash(readFileSync(guest.disk("first").file)));
  });
}

test("a disk pulled out under load and put back: nothing that was acknowledged is lost", limits, async (context) => {
  const guest = machine(context);
  await guest.devices.add("loose", { kind: "disk", bus: "virtio", size });
  const path = await guest.node("loose", "block");
  const load = (stop: boolean): object => ({
    disk: driver(path),
    timer: { binary: "servers/timer", provides: ["Timer"] },
    load: { binary: "test/block-load", config: { first: 0, blocks: 64, workers: 8, stop } },
  });
  const system = guestSystem(context, guest, load(false));
  await system.said("blockSize");
  const { file } = guest.disk("loose");
  await guest.devices.remove("loose");
  await system.said("refused");
  // As quick as nobody is with a real one; the driver gives its name back meanwhile.
  await delay(2000);
  await guest.devices.add("loose", { kind: "disk", bus: "virtio", size, image: file });
  assert.is(await guest.node("loose", "block"), path, "the kernel could give it its name again");
  await system.said("is back");
  await system.apply(load(true));
  const { wrong, writes } = JSON.parse((await system.said('"done":true')).replace(/^[^{]*/, "")) as {
    wrong: string[];
    writes: number;
  };
  assert.equal(wrong, []);
  assert.ok(writes > 0);
});

test.run();
