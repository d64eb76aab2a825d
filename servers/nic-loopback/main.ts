/** The loopback: Nic sessions that get their own frames back. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { NicInterface } from "../../sessions/nic/index.js";
import { configSchema } from "./config.js";
import { Loopback } from "./loopback.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const loopback = new Loopback(config.current);
  config.follow((next) => loopback.configure(next));
  await env.announce(NicInterface, (request) => loopback.open(request));
});
