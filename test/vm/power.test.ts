// exclusive
// tier: machine of this architecture
// timeout: 900s
/** Switches on real kernel devices, which the guest has: modem lines, a GPIO chip, a USB port. Each has its own witness. */
import * as assert from "uvu/assert";
import type { GuestProcess } from "../../bench/guest-processes.js";
import { type Context, suite } from "../support/suite.js";
import { machineOf, patience } from "./guest.js";

const test = suite("power in a machine");
/** Reports of 64 bytes in both directions, without numbers. */
const descriptor = "06 00 ff 09 01 a1 01 15 00 26 ff 00 75 08 95 40 09 01 81 02 09 01 91 02 c0";
/** A USB adapter with four GPIO lines that the kernel has a driver for: MCP2221 of Microchip. */
const gpioAdapter = { kind: "hid", descriptor, vendor: 0x04d8, product: 0x00dd } as const;
const machine = machineOf(test, {
  bench: {
    machine: { spare: 0, modules: ["hid-mcp2221"] },
    devices: { line: { kind: "uart" }, stick: { kind: "disk", bus: "usb", size: "2M" } },
  },
});
const limits = { timeout: 300_000 };
const wait = { within: patience };

/** The guest's own process that switches, by the module under test: one of its methods a line. */
async function switching(context: Context, make: string): Promise<(step: "on" | "off" | "cycle") => Promise<void>> {
  const program = `
    const { Power } = await import("./dist/hil/power.js");
    const { gpioSwitch, modemLineSwitch, usbPortSwitch } = await import("./dist/hil/switches.js");
    const { createInterface } = await import("node:readline");
    const power = new Power(${make}, { pause: "10ms" });
    console.log("ready");
    for await (const step of createInterface({ input: process.stdin })) {
      await power[step]();
      console.log(step);
    }
    await power[Symbol.asyncDispose]();`;
  const process = machine(context).spawn(["node", "--input-type=module", "-e", program]);
  await process.line((line) => line === "ready", wait);
  context.defer(async () => {
    process.endInput();
    await process.ended(wait);
  });
  return async (step) => {
    process.write(`${step}\n`);
    await process.line((line) => line === step, wait);
  };
}

/** Joins a port's outputs with its inputs (TIOCM_LOOP), and says, asked by a line, which of DSR and CTS are raised. */
const inputs = `
import fcntl, os, struct, sys
line = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
fcntl.ioctl(line, 0x5416, struct.pack("i", 0x8000))
print("looped", flush=True)
for _ in sys.stdin:
    lines, = struct.unpack("i", fcntl.ioctl(line, 0x5415, struct.pack("i", 0)))
    print("DSR", int(lines & 0x100 != 0), "CTS", int(lines & 0x20 != 0), flush=True)
fcntl.ioctl(line, 0x5417, struct.pack("i", 0x8000))
`;

async function answer(witness: GuestProcess): Promise<string> {
  witness.write("\n");
  return witness.line(() => true, wait);
}

test(
  "DTR and RTS of a serial port switch, as its inputs see when they are joined with them",
  limits,
  async (context) => {
    const tty = await machine(context).node("line", "tty", wait);
    // Each has its line at first as the kernel opened it: raised. So "off" has to lower RTS here.
    const power = await switching(context, `modemLineSwitch({ tty: "${tty}" })`);
    const reset = await switching(context, `modemLineSwitch({ tty: "${tty}", line: "rts", active: false })`);
    const witness = machine(context).spawn(["python3", "-c", inputs, tty]);
    context.defer(async () => {
      witness.endInput();
      await witness.ended(wait);
    });
    await witness.line((line) => line === "looped", wait);
    await power("on");
    await reset("off");
    assert.is(await answer(witness), "DSR 0 CTS 0");
    await power("off");
    assert.is(await answer(witness), "DSR 1 CTS 0");
    await reset("on");
    assert.is(await answer(witness), "DSR 1 CTS 1");
    await power("cycle");
    assert.is(await answer(witness), "DSR 0 CTS 1");
  },
);

/** What the adapter is told to do with a line: its command 0x50 has four bytes a line. */
function commandOf(bytes: Buffer, line: number): { level?: number; direction?: number } {
  const at = 2 + line * 4;
  return {
    ...(bytes[at] !== 0 && { level: bytes[at + 1] as number }),
    ...(bytes[at + 2] !== 0 && { direction: bytes[at + 3] as number }),
  };
}

test("a line of a GPIO chip switches, as the adapter behind it is told", limits, async (context) => {
  const guest = machine(context);
  const levels: number[] = [];
  const directions: number[] = [];
  // It answers the driver's questions from the moment on that it exists.
  await guest.devices.add("adapter", gpioAdapter);
  const adapter = guest.hid("adapter");
  adapter.onReport(({ bytes }) => {
    const report = Buffer.concat([bytes, Buffer.alloc(64)], 64);
    if (report[0] === 0x50) {
      const { level, direction } = commandOf(report, 2);
      if (level !== undefined) levels.push(level);
      if (direction !== undefined) directions.push(direction);
    }
    report[1] = 0; // done
    // All four are inputs at first, and low.
    if (report[0] === 0x51) report.set([0, 1, 0, 1, 0, 1, 0, 1], 2);
    adapter.send(report);
  });
  const chip = await guest.node("adapter", "gpio", wait);
  const power = await switching(context, `gpioSwitch({ chip: "${chip}", line: 2 })`);
  assert.equal(levels, [], "nothing is driven before the first switching");
  await power("on");
  assert.equal([levels.at(-1), directions.at(-1)], [1, 0], "high, and an output");
  await power("off");
  assert.is(levels.at(-1), 0);
  levels.length = 0;
  await power("cycle");
  assert.equal(levels, [0, 1]);

  const second = guest.run(
    [
      "node",
      "--input-type=module",
      "-e",
      `const { gpioSwitch } = await import("./dist/hil/switches.js"); await gpioSwitch({ chip: "${chip}", line: 2 }).on();`,
    ],
    wait,
  );
  assert.match((await second).errors, /Cannot switch by line 2 of .*another program or a driver of the kernel has it/);
});

test("a USB port that is off has no device, and has it again when it is on", limits, async (context) => {
  const guest = machine(context);
  const disk = await guest.node("stick", "block", wait);
  const place = await guest.output(["readlink", "-f", `/sys/block/${disk.replace("/dev/", "")}`], wait);
  const port = /\/(\d+-\d+)\//.exec(place)?.[1];
  assert.ok(port, place);
  const power = await switching(context, `usbPortSwitch({ port: "${port}" })`);
  const isThere = async (): Promise<boolean> => (await guest.run(["test", "-b", disk], wait)).code === 0;
  const becomes = async (there: boolean): Promise<void> => {
    for (let attempt = 0; (await isThere()) !== there && attempt < 100; ++attempt)
      await guest.run(["sleep", "0.1"], wait);
    assert.is(await isThere(), there);
  };
  await power("off");
  await becomes(false);
  assert.not.match(await guest.output(["cat", "/proc/partitions"], wait), /\bsda\b/);
  await power("on");
  await becomes(true);
});

test.run();
