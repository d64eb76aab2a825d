/** The network driver: a device of the host as an Uplink, or as a Nic session. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { NicInterface } from "../../sessions/nic/index.js";
import { Platform } from "../../sessions/platform/index.js";
import { configSchema } from "./config.js";
import { NicDriver } from "./driver.js";

component(async (env) => {
  const [config, platform] = await Promise.all([ConfigFile.open(env, configSchema), env.connect(Platform)]);
  const driver = await NicDriver.open(env, platform, config.current);
  config.follow((next) => driver.configure(next), ["grant", "serve"]);
  console.log(driver.description);
  if (config.current.serve === "nic") await env.announce(NicInterface, (request) => driver.session(request));
});
