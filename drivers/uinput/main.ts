/** The uinput driver: events of Bulkhead as input devices of Linux. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { EventInterface } from "../../sessions/event/index.js";
import { configSchema } from "./config.js";
import { UinputDriver } from "./driver.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const driver = await UinputDriver.open(env, config.current);
  console.log(`Linux has ${driver.description}`);
  config.follow(() => {}, ["grant", "name", "devices"]);
  await env.announce(EventInterface, (request) => driver.session(request));
});
