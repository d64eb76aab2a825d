/** The image viewer: a PNG file in a window. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { configSchema } from "./config.js";
import { openViewer } from "./viewer.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  await openViewer(env, config.current);
  config.follow(() => {}, ["source", "width", "height", "mostPixels"]);
});
