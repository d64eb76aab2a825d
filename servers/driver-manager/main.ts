/** The driver manager: says which drivers are to run, as a system file for the init that runs them. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { configSchema } from "./config.js";
import { DriverManager } from "./driver-manager.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const manager = await DriverManager.open(env, config.current);
  config.follow((next) => manager.configure(next));
});
