/** The network driver: a device of the host as an Uplink, or as a Nic session. */
import { component } from "../../base/component.js";
import { readConfig } from "../../lib/config.js";
import { NicInterface } from "../../sessions/nic/index.js";
import { configSchema } from "./config.js";
import { NicDriver } from "./driver.js";

component(async (env) => {
  const config = await readConfig(env, configSchema);
  const driver = await NicDriver.open(env, config);
  console.log(driver.description);
  if (config.serve === "nic") await env.announce(NicInterface, (request) => driver.session(request));
});
