/** The sensor driver on directories that look like the kernel's, and on its stand-in. */
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { checked } from "../../base/schema.js";
import { configSchema } from "../../drivers/sensor/config.js";
import { SensorDriver, type Sensors } from "../../drivers/sensor/driver.js";
import { until } from "../device/host.js";
import { LocalParent } from "../support/local-parent.js";
import { ReportReader } from "../support/report-reader.js";
import { type Context, suite } from "../support/suite.js";
import { TestPlatform } from "./platform.js";

const test = suite("sensor driver");

interface Chip {
  readonly folder: string;
  write(name: string, text: string): void;
}

function chip(context: Context, files: Readonly<Record<string, string>>): Chip {
  const folder = mkdtempSync(join(tmpdir(), "chip-"));
  context.defer(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), `${text}\n`);
  for (const [name, text] of Object.entries(files)) write(name, text);
  return { folder, write };
}

async function system(context: Context, chips: Readonly<Record<string, string>>, change: object = {}) {
  const reports = new ReportReader<Sensors>();
  const grants = Object.entries(chips).map(
    ([name, folder]) => [name, { kind: "directory", open: () => openSync(folder, "r") }] as const,
  );
  const parent = context.use(new LocalParent([new TestPlatform(Object.fromEntries(grants)).service, reports.service]));
  const config = (options: object) => checked(configSchema, { period: "10ms", ...options }, "the configuration");
  const driver = context.use(await SensorDriver.open(parent.env("sensor"), config(change)));
  return { driver, config, reports };
}

test("hwmon's channels come in units of people, with their labels", async (context) => {
  const { folder } = chip(context, {
    name: "lm75",
    temp1_input: "25500",
    temp1_max: "80000",
    temp1_label: "CPU",
    in0_input: "3312",
    fan1_input: "1200",
    power1_input: "1500000",
    humidity1_input: "45250",
    pwm1: "128",
    uevent: "",
  });
  mkdirSync(join(folder, "power"));
  const { reports } = await system(context, { board: folder });
  assert.equal(reports.newest, {
    chips: [
      {
        name: "board",
        chip: "lm75",
        channels: [
          { channel: "fan1", kind: "speed", unit: "1/min", value: 1200 },
          { channel: "humidity1", kind: "humidity", unit: "%", value: 45.25 },
          { channel: "in0", kind: "voltage", unit: "V", value: 3.312 },
          { channel: "power1", kind: "power", unit: "W", value: 1.5 },
          { channel: "temp1", kind: "temperature", unit: "°C", label: "CPU", value: 25.5 },
        ],
      },
    ],
  });
});

test("IIO's channels are reckoned with their offset and scale, their own or the shared one", async (context) => {
  const { folder } = chip(context, {
    name: "bme280",
    in_temp_raw: "1000",
    in_temp_offset: "-200",
    in_temp_scale: "31.25",
    in_voltage0_raw: "2048",
    in_voltage1_raw: "2048",
    in_voltage1_scale: "2",
    in_voltage_scale: "0.5",
    in_pressure_input: "101.325",
    in_pressure_raw: "1",
    in_accel_x_raw: "100",
    in_accel_scale: "0.01",
    "in_voltage0-voltage1_raw": "7",
    in_count0_raw: "7",
  });
  const { reports } = await system(context, { iio: folder });
  assert.equal(
    reports.newest?.chips[0]?.channels.map(({ channel, value, unit }) => [channel, value, unit]),
    [
      ["in_accel_x", 1, "m/s²"],
      ["in_pressure", 101325, "Pa"],
      ["in_temp", 25, "°C"],
      ["in_voltage0", 1.024, "V"],
      ["in_voltage1", 4.096, "V"],
    ],
  );
});

test("values are followed; a channel that fails says why, and is there again when it answers", async (context) => {
  const { folder, write } = chip(context, { name: "chip", temp1_input: "20000", temp2_input: "30000" });
  const { reports } = await system(context, { board: folder });
  const channels = () => reports.newest?.chips[0]?.channels ?? [];
  write("temp1_input", "21000");
  await until("the new value", () => channels()[0]?.value === 21);
  write("temp2_input", "");
  await until("the failure", () => channels()[1]?.error !== undefined);
  assert.is(channels()[1]?.value, undefined);
  assert.is(channels()[0]?.value, 21);
  write("temp2_input", "31000");
  await until("the value", () => channels()[1]?.value === 31);
});

test("a chip that is not there says so, and is found when it comes; the stand-in serves until then", async (context) => {
  const folder = join(tmpdir(), "comes-later");
  context.defer(() => rmSync(folder, { recursive: true, force: true }));
  const { reports, driver, config } = await system(context, { board: folder });
  assert.match(reports.newest?.chips[0]?.error ?? "", /ENOENT/);
  await driver.configure(
    config({
      simulated: { board: { value: 19.5 }, room: { channel: "in_pressure", kind: "pressure", value: 99_000 } },
    }),
  );
  assert.equal(reports.newest, {
    chips: [
      {
        name: "board",
        chip: "simulated",
        channels: [{ channel: "temp1", kind: "temperature", unit: "°C", value: 19.5 }],
      },
      {
        name: "room",
        chip: "simulated",
        channels: [{ channel: "in_pressure", kind: "pressure", unit: "Pa", value: 99_000 }],
      },
    ],
  });
  mkdirSync(folder);
  writeFileSync(join(folder, "temp1_input"), "22000\n");
  await until("the real one", () => reports.newest?.chips[0]?.channels[0]?.value === 22);
});

test.run();
