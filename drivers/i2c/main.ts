/** The I2C driver: chips on one bus as I2c sessions. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { I2cInterface } from "../../sessions/i2c/index.js";
import { configSchema } from "./config.js";
import { I2cDriver } from "./driver.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const driver = await I2cDriver.open(env, config.current);
  config.follow((next) => driver.configure(next), ["grant", "timeout", "simulated"]);
  console.log(driver.description);
  await env.announce(I2cInterface, (request) => driver.session(request));
});
