// exclusive
// tier: machine of this architecture
// timeout: 900s
/**
 * I2C, sensors and lights of a machine: the kernel's own simulator of chips, a thermometer driver on one of them, the
 * lights of a keyboard. i2c-tools and sysfs are the witnesses.
 */
import * as assert from "uvu/assert";
import type { Sensors } from "../../drivers/sensor/driver.js";
import { type Context, suite } from "../support/suite.js";
import { guestSystem, machineOf, patience } from "./guest.js";

const test = suite("pins of a machine");
const machine = machineOf(test, {
  within: "180s",
  bench: {
    machine: { spare: 1, modules: ["lm75", "input-leds", "ledtrig-timer"] },
    devices: {
      bus: { kind: "i2c", addresses: [0x48, 0x50] },
      keys: { kind: "keyboard" },
    },
  },
});
const limits = { timeout: 400_000 };

function output(context: Context, ...command: string[]): Promise<string> {
  return machine(context).output(command, { within: patience });
}

function shell(context: Context, script: string): Promise<string> {
  return output(context, "sh", "-c", script);
}

/** The number of the bus. */
async function bus(context: Context): Promise<string> {
  return (await machine(context).node("bus", "i2c-dev")).replace("/dev/i2c-", "");
}

/** Gives the chip at 0x48 to the kernel's driver, once: its directory of hwmon. */
async function thermometer(context: Context): Promise<string> {
  const device = `/sys/bus/i2c/devices/i2c-${await bus(context)}`;
  const number = await bus(context);
  return (
    await shell(
      context,
      `[ -e ${device}/${number}-0048 ] || echo lm75 0x48 >${device}/new_device; echo ${device}/${number}-0048/hwmon/hwmon*`,
    )
  ).trim();
}

test("what a session does to a chip is what i2c-tools see, and the other way round", limits, async (context) => {
  const number = await bus(context);
  await thermometer(context);
  await shell(context, `i2cset -y ${number} 0x50 0x10 0xc3; i2cset -y ${number} 0x50 0x11 0xbeef w`);
  const system = guestSystem(context, machine(context), {
    i2c: {
      provides: ["I2c"],
      grants: { bus: { device: `/dev/i2c-${number}` } },
      config: {
        policies: [
          { label: "user -> memory", address: "0x50" },
          { label: "user -> taken", address: "0x48" },
          { label: "user -> absent", address: "0x51" },
        ],
      },
    },
    user: { binary: "test/register-user" },
  });
  await system.said("that was all");
  const said = system.output();
  assert.match(said, /\/dev\/i2c-\d+: the transfers of SMBus only/);
  assert.match(said, /presence: done/);
  assert.match(said, /byte: bytes c3$/m);
  assert.match(said, /word: bytes efbe$/m);
  assert.match(said, /block read: bytes a0a1a2[0-9a-f]*bf$/m);
  assert.match(said, /four parts: Unsupported: .*SMBus/);
  assert.match(said, /taken: Device: .*a driver of the kernel has this address/);
  assert.match(said, /absent: NotAcknowledged: .*no chip acknowledged/);
  const read = (register: string, mode = "b"): Promise<string> =>
    output(context, "i2cget", "-y", number, "0x50", register, mode);
  assert.is((await read("0x50")).trim(), "0x5a");
  assert.is((await read("0x52", "w")).trim(), "0x1234");
});

test("the report says what the thermometer says, and follows it", limits, async (context) => {
  const number = await bus(context);
  const hwmon = await thermometer(context);
  // The chip sends the higher byte first; whole degrees.
  const degrees = (value: number): Promise<string> =>
    shell(context, `i2cset -f -y ${number} 0x48 0x00 0x00${value.toString(16)} w`);
  await degrees(25);
  const system = guestSystem(context, machine(context), {
    "report-rom": {
      provides: ["Report", "ROM"],
      config: { policies: [{ label: "reader -> state", report: "sensor -> sensors" }] },
    },
    sensor: {
      grants: { room: { directory: hwmon }, absent: { directory: "/sys/class/hwmon/hwmon99" } },
      config: { period: "100ms" },
    },
    reader: { binary: "test/reader", route: { "ROM state": "report-rom", "*": "default" } },
  });
  const reading = async (value: number): Promise<Sensors> => {
    const line = await system.said(`"value":${value}`);
    return JSON.parse(line.slice(line.indexOf("{"))) as Sensors;
  };
  const { chips } = await reading(25);
  const [absent, room] = chips;
  assert.match(absent?.error ?? "", /hwmon99/);
  assert.is(room?.chip, "lm75");
  assert.equal(room?.channels, [{ channel: "temp1", kind: "temperature", unit: "°C", value: 25 }]);
  assert.is((await output(context, "cat", `${hwmon}/temp1_input`)).trim(), "25000");
  await degrees(31);
  await reading(31);
});

test(
  "drivers of pins follow their devices, whose directories the platform server hands out",
  limits,
  async (context) => {
    const hwmon = await thermometer(context);
    const number = await bus(context);
    await shell(context, `i2cset -f -y ${number} 0x48 0x00 0x0015 w; i2cset -y ${number} 0x50 0x10 0xc3`);
    const lights = "$(for led in /sys/class/leds/*; do case $(readlink -f $led) in *usb*) echo $led; esac; done)";
    await shell(context, `for led in ${lights}; do echo none >$led/trigger; echo 0 >$led/brightness; done`);
    const devices = ["leds", "hwmon", "i2c-dev"];
    const system = guestSystem(context, machine(context), {
      timer: { binary: "servers/timer", provides: ["Timer"] },
      "report-rom": {
        provides: ["Report", "ROM"],
        config: {
          policies: [
            { label: "drivers -> config", report: "driver-manager -> config" },
            { label: "reader -> state", report: "drivers -> room -> sensors" },
          ],
        },
      },
      platform: {
        provides: ["Platform", "ROM"],
        route: { "*": "parent" },
        grants: { host: { devices } },
        config: {
          policies: [
            { label: "driver-manager", sees: "all" },
            { labelPrefix: "drivers ->", byLabel: devices.map((one) => ({ class: one })) },
          ],
        },
      },
      "driver-manager": {
        route: { "ROM devices": "platform", Report: "report-rom", "*": "parent" },
        config: {
          instances: {
            lamp: { match: { class: "leds", bus: "usb" } },
            room: { match: { class: "hwmon", path: `*${number}-0048*` }, config: { period: "100ms" } },
            bus: {
              match: { class: "i2c-dev", name: `i2c-${number}` },
              config: { grant: "device", defaultPolicy: { address: "0x50" } },
            },
          },
        },
      },
      drivers: {
        binary: "servers/init",
        ram: "64M",
        caps: 600,
        provides: ["PinControl", "I2c"],
        route: { "ROM config": "report-rom", Platform: "platform", Report: "report-rom", "*": "parent" },
      },
      reader: { binary: "test/reader", route: { "ROM state": "report-rom", "*": "default" } },
      user: { binary: "test/register-user", route: { I2c: "drivers: bus", "*": "default" } },
      blink: { binary: "examples/blink", route: { PinControl: "drivers: lamp", "*": "default" } },
    });
    // The thermometer has a directory, the bus a node, the light a directory to write to.
    const { chips } = JSON.parse((await system.said('"value":21')).replace(/^[^{]*/, "")) as Sensors;
    assert.is(chips[0]?.chip, "lm75");
    assert.is((await output(context, "cat", `${hwmon}/temp1_input`)).trim(), "21000");
    // Which of the two comes first is left open.
    if (!system.output().includes("byte: bytes c3")) await system.said("byte: bytes c3");
    const brightest = `$(cat $(for led in ${lights}; do echo $led/brightness; done) | sort | tail -n 1)`;
    for (const level of [1, 0, 1]) await shell(context, `until [ ${brightest} = ${level} ]; do sleep 0.05; done`);
  },
);

test("a light follows its session, and goes back to its trigger after it", limits, async (context) => {
  // The machine has a keyboard of its own beside this one.
  const own = "for led in /sys/class/leds/*capslock; do case $(readlink -f $led) in *usb*) echo $led; esac; done";
  const folder = (await shell(context, own)).trim();
  await shell(context, `echo none >${folder}/trigger; echo 0 >${folder}/brightness`);
  const guest = machine(context);
  const command = ["node", guest.hostFile("dist/test/programs/vm/led-guest.js"), folder];
  const { output: said, errors } = await guest.run(command, { within: patience });
  const expected = [
    "started: timer",
    "true: none 1",
    "false: none 0",
    "true: none 1",
    "yields: timer",
    "again: none 1",
  ];
  assert.equal(said.split("\n").slice(1, -1), [...expected, "closed: timer"], errors);
  assert.match(errors, /with the trigger "no-such": .*EINVAL/);
});

test.run();
