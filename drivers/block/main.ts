/** The block driver: an image file, a block device or RAM as Block sessions. */
import { component } from "../../base/component.js";
import { readConfig } from "../../lib/config.js";
import { BlockInterface } from "../../sessions/block/index.js";
import { configSchema } from "./config.js";
import { BlockDriver } from "./driver.js";

component(async (env) => {
  const driver = await BlockDriver.open(env, await readConfig(env, configSchema));
  console.log(driver.description);
  await env.announce(BlockInterface, (request) => driver.session(request));
});
