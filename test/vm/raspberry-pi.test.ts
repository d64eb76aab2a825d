// exclusive
// tier: Raspberry Pi
// timeout: 900s
/** What the emulator knows of a Raspberry Pi 3, each part with this process or the file below it as witness. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { Machine } from "../../bench/machine.js";
import { suite } from "../support/suite.js";
import { compiledForArm64 } from "./cross-build.js";
import { guestSystem, machineOf, patience, startTime } from "./guest.js";
import { checkLine } from "./line-checks.js";

const test = suite("Raspberry Pi");
const limits = { timeout: 400_000 };
const wait = { within: patience };

/** What a system of components needs there. */
const carried = [
  ...["package.json", "dist/components", "dist/programs", "prebuilds/linux-arm64"],
  ...["@serialport", "debug", "ms", "node-gyp-build"].map((name) => `node_modules/${name}`),
];

/** A size that a card can have. */
const cardSize = 16 << 20;

/** Bytes in no short pattern, other ones for each seed. */
function noise(length: number, seed: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => (Math.imul(index + seed, 2_654_435_761) >>> 11) & 0xff));
}

const machine = machineOf(test, (hook) => {
  compiledForArm64();
  const folder = mkdtempSync(join(tmpdir(), "card-"));
  hook.defer(() => rmSync(folder, { recursive: true }));
  const image = join(folder, "image");
  writeFileSync(image, noise(cardSize, 1));
  return {
    carried,
    within: startTime,
    bench: {
      machine: { board: "raspberry-pi-3" },
      devices: {
        line: { kind: "uart", port: "mini" },
        card: { kind: "disk", bus: "sd", image },
        keys: { kind: "keyboard" },
        screen: { kind: "display", adapter: "firmware" },
        watchdog: { kind: "watchdog", model: "bcm2835" },
      },
    },
  };
});

test("Node.js runs on it", limits, async (context) => {
  const guest = machine(context);
  console.log(guest.timing.map(([name, time]) => `${name} ${time.toFixed(0)}`).join(", "));
  assert.match(await guest.output(["cat", "/proc/device-tree/model"], wait), /^Raspberry Pi 3 Model B/);
  assert.is(await guest.output(["node", "-p", "process.arch"], wait), "arm64\n");
});

test("keys of a USB keyboard come as events", limits, async (context) => {
  const guest = machine(context);
  const path = await guest.node("keys", "input");
  const eventBytes = 24;
  const script = 'exec <"$1"; echo open; head -c "$2" | base64 -w 0; echo';
  // Each change is three events: the key's code on the bus, the key, the end of the report.
  const reader = guest.spawn(["sh", "-c", script, "sh", path, String(6 * eventBytes)]);
  await reader.line((line) => line === "open", wait);
  await guest.keyboard("keys").type("q");
  const { output } = await reader.ended(wait);
  const bytes = Buffer.from(output.trim().split("\n")[1] ?? "", "base64");
  const events = Array.from({ length: 6 }, (_, index) => bytes.subarray(index * eventBytes + 16));
  const keys = events.filter((event) => event.readUInt16LE(0) === 1);
  assert.equal(
    keys.map((event) => [event.readUInt16LE(2), event.readInt32LE(4)]),
    [
      [16, 1],
      [16, 0],
    ],
  );
});

test("the SD card holds what this machine put there, and takes what the guest writes", limits, async (context) => {
  const guest = machine(context);
  const path = await guest.node("card", "block");
  const place = 5 << 20;
  const length = 1 << 16;
  const script = `
    const fs = require("node:fs");
    const card = fs.openSync(process.argv[1], "r+");
    const bytes = Buffer.alloc(${length});
    fs.readSync(card, bytes, 0, ${length}, ${place});
    console.log(bytes.toString("base64"));
    fs.writeSync(card, bytes.map((byte) => byte ^ 0xff), 0, ${length}, ${place + length});
    fs.fsyncSync(card);`;
  const read = Buffer.from(await guest.output(["node", "-e", script, path], wait), "base64");
  const before = noise(cardSize, 1);
  assert.ok(read.equals(before.subarray(place, place + length)), "it was read as it is in the file");
  const expected = Buffer.from(before);
  expected.set(
    read.map((byte) => byte ^ 0xff),
    place + length,
  );
  assert.ok(readFileSync(guest.disk("card").file).equals(expected), "only what was written is another");
});

test("the screen shows what is in its memory, 16 bits a pixel", limits, async (context) => {
  const guest = machine(context);
  const path = await guest.node("screen", "graphics");
  const facts = "cd /sys/class/graphics/fb0; cat virtual_size bits_per_pixel stride";
  assert.is(await guest.output(["sh", "-c", facts], wait), "640,480\n16\n1280\n");
  // Without its text, whose cursor blinks.
  await guest.output(["sh", "-c", "for console in /sys/class/vtconsole/*; do echo 0 >$console/bind; done"], wait);
  const colour = (index: number): number => (Math.imul(index, 2_654_435_761) >>> 13) & 0xffff;
  const script = `
    const pixels = Uint16Array.from({ length: 640 * 480 }, (_, index) => (Math.imul(index, 2654435761) >>> 13) & 0xffff);
    require("node:fs").writeFileSync(process.argv[1], pixels);`;
  await guest.output(["node", "-e", script, path], wait);
  const { width, height, pixels } = await guest.display("screen").picture(wait);
  assert.equal([width, height], [640, 480]);
  const different = Array.from({ length: width * height }, (_, index) => index).filter((index) => {
    const [red = 0, green = 0, blue = 0] = pixels.subarray(index * 3);
    return colour(index) !== (((red >> 3) << 11) | ((green >> 2) << 5) | (blue >> 3));
  });
  assert.is(different.length, 0, `pixel ${different[0]} and ${different.length - 1} others differ`);
});

test("the UART driver passes bytes through the mini UART both ways, and sets its line", limits, async (context) => {
  const guest = machine(context);
  // The mini UART knows neither parity nor two stop bits.
  await checkLine(context, guest, "line", await guest.node("line", "tty"), { framing: false });
});

/** Levels of the first 32 lines, a bit each, as the emulated chip itself has them. */
async function levels(guest: Machine): Promise<number> {
  const level = 0x3f200034;
  const said = await guest.emulator.monitor.execute("human-monitor-command", {
    "command-line": `xp /1xw ${level}`,
  });
  return Number(String(said).split(":")[1]?.trim());
}

test("the GPIO driver blinks a lamp, as the chip itself tells", limits, async (context) => {
  const guest = machine(context);
  const line = 17;
  const system = guestSystem(context, guest, {
    timer: { binary: "servers/timer", provides: ["Timer"] },
    gpio: {
      binary: "drivers/gpio",
      provides: ["PinState", "PinControl"],
      grants: { chip: { device: "/dev/gpiochip0" } },
      config: { pins: { lamp: { line, direction: "output" } }, policies: [{ labelPrefix: "blink", pin: "lamp" }] },
    },
    blink: { binary: "examples/blink" },
  });
  await system.said("/dev/gpiochip0");
  const others = (await levels(guest)) & ~(1 << line);
  for (const wanted of [true, false, true, false]) {
    const end = performance.now() + 60_000;
    for (let lit = !wanted; lit !== wanted; ) {
      const now = await levels(guest);
      lit = (now & (1 << line)) !== 0;
      assert.is(now & ~(1 << line), others, "no other line moves");
      assert.ok(performance.now() < end, `line ${line} does not become ${wanted ? "high" : "low"}`);
    }
  }
});

// The last one: the machine does not survive it.
test("the watchdog is there, and once started it resets the machine", limits, async (context) => {
  const guest = machine(context);
  const path = await guest.node("watchdog", "watchdog");
  const facts = "cd /sys/class/watchdog/watchdog0; cat identity timeout state";
  assert.is(await guest.output(["sh", "-c", facts], wait), "Broadcom BCM2835 Watchdog timer\n15\ninactive\n");
  // The emulator's chip counts no time: its time is over at once.
  const reset = guest.emulator.monitor.event("SHUTDOWN", ({ reason }) => reason === "guest-reset", wait);
  guest.spawn(["sh", "-c", 'exec >"$1"', "sh", path]);
  await reset;
});

test.run();
