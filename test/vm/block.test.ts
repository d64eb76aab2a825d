// exclusive
// tier: machine of this architecture
// timeout: 900s
/** The block driver on disks of several buses. The files below the disks, and fsck on them, are the witnesses. */
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { suite } from "../support/suite.js";
import { checkCopy, diskDriver, diskSize, fileSystemImage } from "./disk-checks.js";
import { guestSystem, machineOf } from "./guest.js";

const test = suite("disks of a machine");
const size = diskSize;
const machine = machineOf(test, (hook) => ({
  bench: {
    machine: { spare: 1 },
    devices: {
      first: { kind: "disk", bus: "virtio", image: fileSystemImage(hook) },
      fast: { kind: "disk", bus: "nvme", size },
      stick: { kind: "disk", bus: "usb", size },
      bad: { kind: "disk", bus: "virtio", size, errors: [{ operation: "read", sector: 1000 }] },
    },
  },
}));
const limits = { timeout: 400_000 };

for (const target of ["fast", "stick"]) {
  test(`a file system copied to the disk "${target}" is whole`, limits, async (context) => {
    const guest = machine(context);
    const [from, to] = [await guest.node("first", "block"), await guest.node(target, "block")];
    await checkCopy(context, guest, { from: ["first", from], to: [target, to] });
  });
}

test("a disk with a bad sector takes a copy, and says which sector it cannot read", limits, async (context) => {
  const guest = machine(context);
  const [from, to] = [await guest.node("first", "block"), await guest.node("bad", "block")];
  await checkCopy(context, guest, {
    from: ["first", from],
    to: ["bad", to],
    read: [999, 1000, 1001],
    async seen(system) {
      await system.said("sector 999: read");
      await system.said("sector 1000: Device");
      await system.said("sector 1001: read");
    },
  });
});

test("a disk pulled out under load and put back: nothing that was acknowledged is lost", limits, async (context) => {
  const guest = machine(context);
  await guest.devices.add("loose", { kind: "disk", bus: "virtio", size });
  const path = await guest.node("loose", "block");
  const load = (stop: boolean): object => ({
    disk: diskDriver(path),
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
