/** The component viewer: who runs, how busy they are, and who uses whom. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { configSchema } from "./config.js";
import { openViewer } from "./viewer.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  await openViewer(env, config.current);
  config.follow(() => {}, ["width", "height", "period"]);
});
