/** The monitor: a console on a terminal, for whoever looks after a system. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { configSchema } from "./config.js";
import { Monitor } from "./monitor.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const monitor = await Monitor.open(env, config.current);
  config.follow((next) => monitor.configure(next));
  await monitor.run();
});
