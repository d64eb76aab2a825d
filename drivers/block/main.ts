/** The block driver: an image file, a block device or RAM as Block sessions. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { BlockInterface } from "../../sessions/block/index.js";
import { Platform } from "../../sessions/platform/index.js";
import { configSchema } from "./config.js";
import { BlockDriver } from "./driver.js";

component(async (env) => {
  const [config, platform] = await Promise.all([ConfigFile.open(env, configSchema), env.connect(Platform)]);
  const driver = await BlockDriver.open(platform, config.current);
  config.follow((next) => driver.configure(next), ["grant", "engine", "depth"]);
  console.log(driver.description);
  await env.announce(BlockInterface, (request) => driver.session(request));
});
