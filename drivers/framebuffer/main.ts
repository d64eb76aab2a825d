/** The framebuffer driver: pictures of Capture sessions on screens of the kernel, or in memory. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { configSchema } from "./config.js";
import { FramebufferDriver } from "./driver.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  await FramebufferDriver.open(env, config.current);
  config.follow(() => {}, ["grant", "name", "rate", "position", "connectors", "standIn"]);
});
