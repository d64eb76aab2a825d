/** The loopback: Nic sessions that get their own frames back. */
import { component } from "../../base/component.js";
import { readConfig } from "../../lib/config.js";
import { NicInterface } from "../../sessions/nic/index.js";
import { configSchema } from "./config.js";
import { Loopback } from "./loopback.js";

component(async (env) => {
  const loopback = new Loopback(await readConfig(env, configSchema));
  await env.announce(NicInterface, (request) => loopback.open(request));
});
