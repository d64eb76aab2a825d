/** The crosslink: a line between exactly two Terminal clients. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { TerminalInterface } from "../../sessions/terminal/index.js";
import { configSchema } from "./config.js";
import { Crosslink } from "./crosslink.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const crosslink = new Crosslink(config.current);
  config.follow((next) => crosslink.configure(next));
  await env.announce(TerminalInterface, (request) => crosslink.open(request));
});
