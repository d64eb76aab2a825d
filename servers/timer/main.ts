/** The timer: Timer sessions on the machine's monotonic clock. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { Timer } from "../../sessions/timer/timer.generated.js";
import { configSchema } from "./config.js";
import { TimerServer } from "./timer-server.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const server = new TimerServer(config.current);
  config.follow((next) => server.configure(next));
  await env.announce(Timer, (request) => server.open(request));
});
