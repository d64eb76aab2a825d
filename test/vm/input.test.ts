// exclusive
// timeout: 900s
/** Devices that the test makes out of reports. evtest, or hidraw, tells what the guest's kernel made of them. */
import * as assert from "uvu/assert";
import type { GuestProcess } from "../../bench/guest-processes.js";
import { installed } from "../device/host.js";
import { type Context, suite } from "../support/suite.js";
import { machineOf, patience } from "./guest.js";

const test = suite("touch, pads and HID devices of a machine");
/** Reports with numbers: 1 comes from the device, 2 goes to it, 3 is a feature; four bytes each, of the maker's own kind. */
const descriptor = `06 00 ff 09 01 a1 01 15 00 26 ff 00 75 08 95 04
  85 01 09 01 81 02  85 02 09 01 91 02  85 03 09 01 b1 02  c0`;
const machine = machineOf(test, {
  bench: {
    machine: { spare: 0 },
    devices: {
      panel: { kind: "touch", width: 200, height: 100 },
      pad: { kind: "touch", surface: "pad" },
      game: { kind: "gamepad" },
      meter: { kind: "hid", descriptor },
    },
  },
});
const limits = { timeout: 300_000 };
const wait = { within: patience };

/** evtest on a device's node, once it reads. */
async function watched(context: Context, name: string): Promise<{ process: GuestProcess; about: string }> {
  if (!installed("evtest")) context.skip("needs evtest: apt-get install evtest");
  const guest = machine(context);
  const nodes = await guest.nodes(name, wait);
  const path = nodes.find((node) => node.name.startsWith("event"))?.path;
  assert.ok(path, `"${name}" has an event node: ${JSON.stringify(nodes)}`);
  const process = guest.spawn(["evtest", path as string]);
  context.defer(() => process.kill("SIGKILL"));
  await process.line((line) => line.startsWith("Testing ..."), wait);
  return { process, about: process.output.text() };
}

/** What evtest says up to the end of so many reports: `ABS_X 5`. */
async function told(process: GuestProcess, reports: number): Promise<string[]> {
  const said: string[] = [];
  for (let ends = 0; ends < reports; ) {
    const line = await process.line((text) => text.startsWith("Event: "), wait);
    if (line.includes("SYN_REPORT")) ++ends;
    const [, code, value] = /\((\w+)\), value (\S+)$/.exec(line) ?? [];
    if (code !== undefined) said.push(`${code} ${value}`);
  }
  return said;
}

test(
  "two fingers on a screen have a slot each, move on their own, and are lifted one by one",
  limits,
  async (context) => {
    const { process, about } = await watched(context, "panel");
    assert.match(about, /INPUT_PROP_DIRECT/);
    assert.match(about, /ABS_MT_POSITION_X.*?Max\s+32767\s+Resolution\s+164/s, "200 mm have 32767 steps");
    const panel = machine(context).touch("panel");
    panel.touch({ finger: 0, x: 0.25, y: 0.5 }, { finger: 7, x: 0.75, y: 1 });
    const down = await told(process, 1);
    const first = Number(down.find((line) => line.startsWith("ABS_MT_TRACKING_ID"))?.split(" ")[1]);
    assert.equal(
      down.filter((line) => line.startsWith("ABS_MT")),
      [
        `ABS_MT_TRACKING_ID ${first}`,
        "ABS_MT_POSITION_X 8192",
        "ABS_MT_POSITION_Y 16384",
        "ABS_MT_SLOT 1",
        `ABS_MT_TRACKING_ID ${first + 1}`,
        "ABS_MT_POSITION_X 24575",
        "ABS_MT_POSITION_Y 32767",
      ],
    );
    assert.ok(down.includes("BTN_TOUCH 1"), down.join());
    panel.touch({ finger: 7, x: 0.5, y: 1 });
    assert.equal(await told(process, 1), ["ABS_MT_POSITION_X 16384"]);
    panel.lift(0);
    const lifted = await told(process, 1);
    assert.equal(lifted.slice(0, 2), ["ABS_MT_SLOT 0", "ABS_MT_TRACKING_ID -1"]);
    assert.not.ok(lifted.includes("BTN_TOUCH 0"), "the other one is still there");
    panel.lift();
    const last = await told(process, 1);
    assert.equal(last.slice(0, 2), ["ABS_MT_SLOT 1", "ABS_MT_TRACKING_ID -1"]);
    assert.ok(last.includes("BTN_TOUCH 0"), last.join());
  },
);

test("a pad is one, and can be pressed down", limits, async (context) => {
  const { process, about } = await watched(context, "pad");
  assert.match(about, /INPUT_PROP_POINTER/);
  const pad = machine(context).touch("pad");
  pad.touch({ finger: 0, x: 0.5, y: 0.5 }, { finger: 1, x: 0.6, y: 0.5 });
  assert.ok((await told(process, 1)).includes("BTN_TOOL_DOUBLETAP 1"));
  pad.press(true);
  pad.press(false);
  assert.equal(await told(process, 2), ["BTN_LEFT 1", "BTN_LEFT 0"]);
});

test("buttons, sticks and the cross of a game pad", limits, async (context) => {
  const { process } = await watched(context, "game");
  const game = machine(context).gamepad("game");
  game.press("a", "start");
  const pressed = await told(process, 1);
  for (const button of [/^BTN_(SOUTH|A|GAMEPAD) 1$/, /^BTN_START 1$/])
    assert.ok(
      pressed.some((line) => button.test(line)),
      pressed.join(),
    );
  game.release("a");
  assert.ok((await told(process, 1)).some((line) => /^BTN_(SOUTH|A|GAMEPAD) 0$/.test(line)));
  game.stick("left", -1, 0.5);
  assert.equal(await told(process, 1), ["ABS_X -32767", "ABS_Y 16384"]);
  game.cross("down-left");
  assert.equal(await told(process, 1), ["ABS_HAT0X -1", "ABS_HAT0Y 1"]);
});

test("reports of a device of the test's own go both ways, and it can be unplugged", limits, async (context) => {
  const guest = machine(context);
  const path = await guest.node("meter", "hidraw", wait);
  const meter = guest.hid("meter");
  // Another program than ours reads and writes: the shell, and for features Python's ioctl.
  const reader = guest.spawn(["sh", "-c", 'exec 3<"$1"; echo open; head -c 5 <&3 | od -An -tx1', "sh", path]);
  await reader.line((line) => line === "open", wait);
  meter.send(Uint8Array.of(1, 0xde, 0xad, 0xbe, 0xef));
  assert.is((await reader.line(() => true, wait)).trim(), "01 de ad be ef");
  await guest.output(["sh", "-c", `printf '\\002wxyz' >"$1"`, "sh", path], wait);
  const { kind, bytes } = await meter.report(wait);
  assert.equal([kind, bytes.toString("latin1")], ["output", "\x02wxyz"]);

  meter.setFeature(3, Buffer.from("left"));
  const features = `
import fcntl, sys
node = open(sys.argv[1], "r+b", buffering=0)
buffer = bytearray(b"\\x03____")
fcntl.ioctl(node, 0xC0054807, buffer)
print(bytes(buffer[1:]).decode())
fcntl.ioctl(node, 0xC0054806, bytearray(b"\\x03back"))
`;
  assert.is(await guest.output(["python3", "-c", features, path], wait), "left\n");
  const set = await meter.report(wait);
  assert.equal([set.kind, set.bytes.toString("latin1")], ["feature", "\x03back"]);

  await guest.devices.remove("meter");
  assert.is((await guest.run(["test", "-e", path], wait)).code, 1, "its node is gone");
  assert.throws(() => meter.send(Uint8Array.of(1)), /no more/);
  await guest.devices.add("meter", { kind: "hid", descriptor });
  await guest.node("meter", "hidraw", wait);
});

test.run();
