/** Runs in a guest, in one process with the LED driver: switches the light whose directory is its argument, and prints what sysfs then says. */
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checked } from "../../base/schema.js";
import { configSchema } from "../../drivers/led/config.js";
import { LedDriver } from "../../drivers/led/driver.js";
import { until } from "../../hil/conformance/case.js";
import { PinControl, PinControlInterface } from "../../sessions/pin-control/index.js";
import { TestPlatform } from "../drivers/platform.js";
import { LocalParent } from "../support/local-parent.js";

const folder = process.argv[2] as string;
const attribute = (name: string): string => readFileSync(join(folder, name), "utf8").trim();
const trigger = (): string => /\[(.*)\]/.exec(attribute("trigger"))?.[1] ?? "";
const say = (what: string): void => console.log(`${what}: ${trigger()} ${attribute("brightness")}`);

const platform = new TestPlatform({ light: { kind: "directory", open: () => openSync(folder, "r"), path: folder } });
const parent = new LocalParent([platform.service]);
const config = { leds: { light: { trigger: "timer" } }, policies: [{ labelLast: "lamp", led: "light" }] };
const driver = await LedDriver.open(parent.env("led"), checked(configSchema, config, "the configuration"));
await parent.env("server").announce(PinControlInterface, (request) => driver.session(request));
console.log(`started: ${trigger()}`);
const lamp = await parent.env("client").connect(PinControl, { label: "lamp" });
for (const active of [true, false, true]) {
  await lamp.state(active);
  say(String(active));
}
await lamp.yield();
console.log(`yields: ${trigger()}`);
await lamp.state(true);
say("again");
await lamp.close();
await until("the light goes back to its trigger", () => trigger() === "timer", 30_000);
console.log(`closed: ${trigger()}`);
driver.configure(checked(configSchema, { leds: { light: { trigger: "no-such" } } }, "the configuration"));
process.exit(0);
