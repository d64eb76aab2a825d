/** The timer: Timer sessions on the machine's monotonic clock. */
import { component } from "../../base/component.js";
import { readConfig } from "../../lib/config.js";
import { Timer } from "../../sessions/timer/timer.generated.js";
import { configSchema } from "./config.js";
import { TimerServer } from "./timer-server.js";

component(async (env) => {
  const server = new TimerServer(await readConfig(env, configSchema));
  await env.announce(Timer, (request) => server.open(request));
});
