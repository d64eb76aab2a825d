/** The GPIO driver: lines of GPIO chips as PinState and PinControl sessions. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { PinControlInterface } from "../../sessions/pin-control/index.js";
import { PinStateInterface } from "../../sessions/pin-state/index.js";
import { configSchema } from "./config.js";
import { GpioDriver } from "./driver.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const driver = await GpioDriver.open(env, config.current);
  config.follow((next) => driver.configure(next), ["simulated"]);
  for (const chip of driver.description) console.log(chip);
  await env.announce(PinStateInterface, (request) => driver.viewer(request));
  await env.announce(PinControlInterface, (request) => driver.controller(request));
});
