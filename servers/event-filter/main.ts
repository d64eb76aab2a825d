/** The event filter: input events on their way from those who make them to those who take them. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { EventInterface } from "../../sessions/event/index.js";
import { configSchema } from "./config.js";
import { EventFilterService } from "./service.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const service = await EventFilterService.start(env, config.current);
  config.follow((next) => service.configure(next));
  await env.announce(EventInterface, (request) => service.open(request));
});
