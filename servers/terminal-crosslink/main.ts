/** The crosslink: a line between exactly two Terminal clients. */
import { component } from "../../base/component.js";
import { readConfig } from "../../lib/config.js";
import { TerminalInterface } from "../../sessions/terminal/index.js";
import { configSchema } from "./config.js";
import { Crosslink } from "./crosslink.js";

component(async (env) => {
  const crosslink = new Crosslink(await readConfig(env, configSchema));
  await env.announce(TerminalInterface, (request) => crosslink.open(request));
});
