/** The input driver: a device of the kernel, a script or a terminal as events. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { configSchema } from "./config.js";
import { InputDriver } from "./driver.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const driver = await InputDriver.open(env, config.current);
  config.follow((next) => driver.configure(next), ["source", "grant", "grab", "lightsRom"]);
});
