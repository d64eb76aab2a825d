/** The block driver: an image file, a block device or RAM as Block sessions. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { BlockInterface } from "../../sessions/block/index.js";
import { configSchema } from "./config.js";
import { BlockDriver } from "./driver.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const driver = await BlockDriver.open(env, config.current);
  config.follow((next) => driver.configure(next), ["grant", "engine", "depth"]);
  console.log(driver.description);
  await env.announce(BlockInterface, (request) => driver.session(request));
});
