/** The window manager: a Gui service for applications, on the Gui service of a GUI server. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { GuiInterface } from "../../sessions/gui/index.js";
import { configSchema } from "./config.js";
import { keepLayout } from "./layout-keeper.js";
import { WindowManager } from "./window-manager.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const manager = await WindowManager.open(env, config.current);
  config.follow((next) => manager.configure(next), ["reports", "restore"]);
  await keepLayout(env, config.current, manager);
  await env.announce(GuiInterface, (request) => manager.openSession(request));
});
