/** The sensor driver: what the kernel's sensors say, as a report. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { configSchema } from "./config.js";
import { SensorDriver } from "./driver.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const driver = await SensorDriver.open(env, config.current);
  config.follow((next) => driver.configure(next));
});
