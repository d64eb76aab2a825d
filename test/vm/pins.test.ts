// exclusive
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
  "a light follows its session, and goes back to its trigger when the driver's client ends",
  limits,
  async (context) => {
    // The machine has a keyboard of its own beside this one.
    const own = "for led in /sys/class/leds/*capslock; do case $(readlink -f $led) in *usb*) echo $led; esac; done";
    const folder = (await shell(context, own)).trim();
    const reaches = (name: string, pattern: string): Promise<string> =>
      shell(context, `until grep -q '${pattern}' ${folder}/${name}; do sleep 0.2; done`);
    const components = (change: object = {}) => ({
      timer: { provides: ["Timer"] },
      led: {
        provides: ["PinControl"],
        grants: { light: { directory: folder, write: true } },
        config: { leds: { light: { trigger: "timer" } }, policies: [{ label: "blink -> lamp", led: "light" }] },
      },
      ...change,
    });
    await shell(context, `echo none >${folder}/trigger; echo 0 >${folder}/brightness`);
    const system = guestSystem(context, machine(context), components());
    await system.said(`"light" is ${folder}: levels up to 1, trigger "timer"`);
    await reaches("trigger", "\\[timer\\]");
    await system.apply(components({ blink: {} }));
    await reaches("trigger", "\\[none\\]");
    for (const level of ["1", "0", "1"]) await reaches("brightness", `^${level}$`);
    await system.apply(components());
    await reaches("trigger", "\\[timer\\]");
  },
);

test.run();
