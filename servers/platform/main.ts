/** The platform server: the devices of the host as the `devices` ROM, and by policy as Platform sessions. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { PlatformInterface } from "../../sessions/platform/index.js";
import { ROM } from "../../sessions/rom/index.js";
import { configSchema } from "./config.js";
import { PlatformServer } from "./platform-server.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const server = await PlatformServer.open(env, config.current);
  config.follow((next) => server.configure(next));
  await env.announce(PlatformInterface, (request) => server.session(request));
  await env.announce(ROM, (request) => server.rom(request));
});
