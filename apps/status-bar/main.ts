/** The status bar: a strip that says who has the focus, how busy the system is, and what time it is. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { configSchema } from "./config.js";
import { openStatusBar } from "./status-bar.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  await openStatusBar(env, config.current);
  config.follow(() => {}, ["name", "height", "clock", "timeZone", "seconds", "focus", "load"]);
});
