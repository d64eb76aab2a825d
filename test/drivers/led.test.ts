/** The LED driver on the stand-in: lights in memory, seen by its report. */
import * as assert from "uvu/assert";
import { checked } from "../../base/schema.js";
import { configSchema } from "../../drivers/led/config.js";
import { LedDriver } from "../../drivers/led/driver.js";
import { until } from "../../hil/conformance/case.js";
import { PinControl, PinControlInterface } from "../../sessions/pin-control/index.js";
import { code } from "../support/error-code.js";
import { LocalParent } from "../support/local-parent.js";
import { ReportReader } from "../support/report-reader.js";
import { type Context, suite } from "../support/suite.js";
import { TestPlatform } from "./platform.js";

const test = suite("led driver");

interface Leds {
  readonly leds: readonly { readonly name: string; readonly brightness: number; readonly trigger: string }[];
}

function configured(leds: object) {
  const policies = Object.keys(leds).map((led) => ({ labelLast: led, led }));
  return checked(configSchema, { report: true, leds, policies }, "the configuration");
}

const lights = { status: { simulated: true }, dim: { simulated: true, brightness: 40 }, absent: {} };

async function system(context: Context) {
  const reports = new ReportReader<Leds>();
  const parent = context.use(new LocalParent([new TestPlatform().service, reports.service]));
  let drivers = 0;
  const start = async (): Promise<LedDriver> => {
    const env = parent.env(`led ${++drivers}`);
    const driver = context.use(await LedDriver.open(env, configured(lights)));
    await env.announce(PinControlInterface, (request) => driver.session(request));
    return driver;
  };
  const env = parent.env("client");
  return {
    driver: await start(),
    start,
    reports,
    open: async (label: string) => context.use(await env.connect(PinControl, { label })),
    shows: (name: string, brightness: number) =>
      until(
        `"${name}" at ${brightness}`,
        () => reports.newest?.leds.some((led) => led.name === name && led.brightness === brightness) === true,
      ),
  };
}

test("a light is as bright as it can be, or as it is configured, until its session ends", async (context) => {
  const { open, shows } = await system(context);
  const status = await open("status");
  await shows("status", 0);
  await status.state(true);
  await shows("status", 255);
  await status.state(false);
  await shows("status", 0);
  const dim = await open("dim");
  await dim.state(true);
  await shows("dim", 40);
  await dim.yield();
  await shows("dim", 0);
  await dim.state(true);
  await shows("dim", 40);
  await dim.close();
  await shows("dim", 0);
});

test("another brightness holds at once", async (context) => {
  const { driver, open, shows } = await system(context);
  const dim = await open("dim");
  await dim.state(true);
  driver.configure(configured({ ...lights, dim: { simulated: true, brightness: 41 } }));
  await shows("dim", 41);
});

test("a light has one session; one that is not there, and one that nobody granted, have none", async (context) => {
  const { open } = await system(context);
  const first = await open("status");
  assert.is(await code(open("status")), "Denied");
  await first.close();
  await until("it is free", async () => (await code(open("status"))) === "resolved");
  assert.is(await code(open("absent")), "Denied");
  assert.is(await code(open("nobody")), "Denied");
});

test("with a new driver the light is switched as before", async (context) => {
  const { driver, start, open, shows, reports } = await system(context);
  const status = await open("status");
  await status.state(true);
  await shows("status", 255);
  reports.newest = undefined;
  // First the new one, or the sessions would come back to the old one.
  await start();
  await driver.close();
  await shows("status", 255);
  // While there is a driver that would hear of it.
  await status.close();
  await shows("status", 0);
});

test.run();
