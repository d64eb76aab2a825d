/** The GUI server: composes the views of its clients to what displays show, and gives input to who it is meant for. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { CaptureInterface } from "../../sessions/capture/index.js";
import { EventInterface } from "../../sessions/event/index.js";
import { GuiInterface } from "../../sessions/gui/index.js";
import { configSchema } from "./config.js";
import { GuiServer } from "./gui-server.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const server = new GuiServer(config.current);
  await env.announce(CaptureInterface, (request) => server.screen.open(request));
  await env.announce(EventInterface, (request) => server.openEvents(request));
  await env.announce(GuiInterface, (request) => server.open(request));
});
