// exclusive
// tier: machine of this architecture
// timeout: 900s
/** The UART driver on an emulated 16550 and on a USB adapter. This process is the far end of both; stty is the witness. */
import { createHash } from "node:crypto";
import * as assert from "uvu/assert";
import { mebibyte } from "../support/mebibyte.js";
import { suite } from "../support/suite.js";
import { guestSystem, machineOf, patience } from "./guest.js";
import { checkLine, lineSettings, lineSystem } from "./line-checks.js";

const test = suite("serial lines of a machine");
const machine = machineOf(test, {
  bench: {
    machine: { spare: 1 },
    devices: { line: { kind: "uart" }, adapter: { kind: "uart", port: "usb" } },
  },
});
const limits = { timeout: 400_000 };

/** Connects a port's outputs with its inputs from one line of its input to the next: TIOCMBIS and TIOCMBIC of TIOCM_LOOP. */
const loopProgram = `
import fcntl, os, struct, sys
line = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
print("ready", flush=True)
sys.stdin.readline()
fcntl.ioctl(line, 0x5416, struct.pack("i", 0x8000))
print("looped", flush=True)
sys.stdin.readline()
fcntl.ioctl(line, 0x5417, struct.pack("i", 0x8000))
`;

for (const name of ["line", "adapter"]) {
  test(`${name}: bytes pass both ways, and what is set is what stty reads`, limits, async (context) => {
    const guest = machine(context);
    await checkLine(context, guest, name, await guest.node(name, "tty"));
  });
}

test(
  "line: breaks are told and sent, and modem lines follow DTR and RTS while the port is looped to itself",
  limits,
  async (context) => {
    const path = await machine(context).node("line", "tty");
    const far = machine(context).serial("line");
    const system = guestSystem(context, machine(context), lineSystem(path));
    await system.said("ready:");
    await far.sendBreak();
    await system.said("breaks: 1");
    await far.write("counters\n");
    assert.match(await system.said("counters:"), /"breaks":1\b/);
    await far.write("break 200\n");
    await system.said("break sent: 200");

    for (const [dtr, rts] of [
      [true, false],
      [false, true],
    ]) {
      // By another program than the driver: the loop is no concern of a UART session.
      const loop = machine(context).spawn(["python3", "-c", loopProgram, path]);
      await loop.line((line) => line === "ready", { within: patience });
      await far.write(`modem ${Number(dtr)} ${Number(rts)}\n`);
      await system.said("modem soon:");
      loop.write("loop\n");
      await loop.line((line) => line === "looped", { within: patience });
      const modem = JSON.parse((await system.said("modem:")).replace(/^.*modem: /, "")) as Record<string, boolean>;
      assert.equal({ dtr: modem["dtr"], rts: modem["rts"] }, { dtr, rts });
      assert.equal({ dsr: modem["dsr"], cts: modem["cts"] }, { dsr: dtr, cts: rts });
      loop.write("end\n");
      assert.is((await loop.ended({ within: patience })).code, 0);
    }
    assert.match(system.output(), /modem changed:/);
  },
);

test(
  "adapter: unplugged in the middle of a transfer and plugged in again, the line comes back as it was set",
  limits,
  async (context) => {
    const { devices } = machine(context);
    const path = await machine(context).node("adapter", "tty");
    const system = guestSystem(context, machine(context), lineSystem(path));
    await system.said("ready:");
    let far = machine(context).serial("adapter");
    await far.write('set {"baudRate":19200}\n');
    await system.said("set:");
    await far.write(`echo ${"x".repeat(100_000)}`);
    await devices.remove("adapter");
    await system.said("connected: false");
    await devices.add("adapter", { kind: "uart", port: "usb" });
    await system.said("connected: true");
    assert.is(await machine(context).node("adapter", "tty"), path, "the kernel could give it its name again");
    assert.match(await lineSettings(machine(context), path), /speed 19200 baud/);
    far = machine(context).serial("adapter");
    await far.write("\necho here again\n");
    await far.readUntil("here again\n", { within: patience });
  },
);

// The last ones: a transfer that fails would leave its bytes to the tests after it.
for (const name of ["adapter", "line"]) {
  test(`${name}: a mebibyte passes both ways at once, and no byte is lost`, limits, async (context) => {
    const path = await machine(context).node(name, "tty");
    const far = machine(context).serial(name);
    far.take();
    const system = guestSystem(context, machine(context), lineSystem(path, "test/line-peer"));
    await system.said("line is set");
    const sent = far.write(mebibyte, { within: "300s" });
    const hash = createHash("sha256").update(await far.read(mebibyte.length, { within: "300s" }));
    await sent;
    const expected = createHash("sha256").update(mebibyte).digest("hex");
    assert.is(hash.digest("hex"), expected);
    await system.said(`read: ${expected}`);
  });
}

test.run();
