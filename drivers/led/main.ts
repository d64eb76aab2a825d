/** The LED driver: lights of the board as PinControl sessions, and as a report. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { PinControlInterface } from "../../sessions/pin-control/index.js";
import { configSchema } from "./config.js";
import { LedDriver } from "./driver.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const driver = await LedDriver.open(env, config.current);
  config.follow((next) => driver.configure(next), ["report"]);
  await env.announce(PinControlInterface, (request) => driver.session(request));
});
