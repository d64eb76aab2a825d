/** The monitor: a console on a terminal, for whoever looks after a system. */
import { component } from "../../base/component.js";
import { readConfig } from "../../lib/config.js";
import { configSchema } from "./config.js";
import { Monitor } from "./monitor.js";

component(async (env) => {
  const monitor = await Monitor.open(env, await readConfig(env, configSchema));
  await monitor.run();
});
