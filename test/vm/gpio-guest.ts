/**
 * Runs in a guest, in one process with the GPIO driver: uses `/dev/gpiochip0` and prints what came of it beside what the
 * kernel says in debugfs. Line 3 is a button that is pressed from outside, three times, and a fourth time after the word
 * "debounced".
 */
import { execFileSync } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { checked } from "../../base/schema.js";
import { gpioLine } from "../../bindings/gpio.js";
import { configSchema } from "../../drivers/gpio/config.js";
import { GpioDriver } from "../../drivers/gpio/driver.js";
import { until } from "../../hil/conformance/case.js";
import { PinControl, PinControlInterface } from "../../sessions/pin-control/index.js";
import { PinState, PinStateInterface } from "../../sessions/pin-state/index.js";
import { TestPlatform } from "../drivers/platform.js";
import { LocalParent } from "../support/local-parent.js";

const path = "/dev/gpiochip0";
const presses = 3;
/** For longer than the button is held. */
const pins = {
  button: { line: 3 },
  calm: { line: 3, debounce: "400ms" },
  lamp: { line: 5, direction: "output", activeLow: true },
  same: { line: 5 },
};

const say = (what: string, value: unknown): void =>
  console.log(`${what}: ${JSON.stringify(value, (_, one) => (typeof one === "bigint" ? String(one) : one))}`);
const kernelView = (): string | undefined => /.*\|bulkhead.*/.exec(readFileSync("/sys/kernel/debug/gpio", "utf8"))?.[0];

const debugfs = readFileSync("/proc/mounts", "utf8").includes(" /sys/kernel/debug ");
if (!debugfs) execFileSync("mount", ["-t", "debugfs", "debugfs", "/sys/kernel/debug"]);

const chip = openSync(path, "r");
const platform = new TestPlatform({ chip: { kind: "character_device", open: () => openSync(path, "r"), path } });
const parent = new LocalParent([platform.service]);
const policies = Object.keys(pins).map((pin) => ({ labelLast: pin, pin }));
const driver = await GpioDriver.open(
  parent.env("gpio"),
  checked(configSchema, { pins, policies }, "the configuration"),
);
const server = parent.env("server");
await server.announce(PinStateInterface, (request) => driver.viewer(request));
await server.announce(PinControlInterface, (request) => driver.controller(request));
const client = parent.env("client");
const freed = (line: number): Promise<void> => until("the line is free", () => !gpioLine(chip, line).used, 30_000);

say("chips", driver.description);
const lamp = await client.connect(PinControl, { label: "lamp" });
say("before it is driven", kernelView());
for (const active of [true, false, true]) {
  await lamp.state(active);
  say(`lamp ${active}`, kernelView());
}
const seen = await client.connect(PinState, { label: "lamp" });
say("lamp is seen", await seen.state());
say("watch of an output", await seen.watch().catch((error: Error) => error.message));
say("line in use", await client.connect(PinState, { label: "same" }).catch((error: Error) => error.message));
await lamp.yield();
say("lamp yields", kernelView());
await lamp.close();
await seen.close();
await freed(5);
say("lamp is free", gpioLine(chip, 5).output);

const button = await client.connect(PinState, { label: "button" });
const edges = await button.watch();
say("ready", await button.state());
let count = 0;
for await (const edge of edges) {
  say("edge", edge);
  if (++count === 2 * presses) break;
}
await button.close();
await freed(3);

const calm = await client.connect(PinState, { label: "calm" });
const calmEdges = await calm.watch();
say("debounced", await calm.state());
// The line's own end of the press, long after which an edge would have come.
void (async () => {
  for await (const edge of calmEdges) say("debounced edge", edge);
})();
await delay(4000);
say("that was all", count);
process.exit(0);
