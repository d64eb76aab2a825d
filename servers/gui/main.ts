/** The GUI server: composes the views of its clients to what displays show, and gives input to who it is meant for. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { CaptureInterface } from "../../sessions/capture/index.js";
import { EventInterface } from "../../sessions/event/index.js";
import { GuiInterface } from "../../sessions/gui/index.js";
import { configSchema } from "./config.js";
import { followFocus } from "./focus-rom.js";
import { GuiServer } from "./gui-server.js";
import { GuiReports } from "./reports.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const reports = new GuiReports(env, config.current.reports);
  const server = new GuiServer(config.current, reports);
  let focus = config.current.focus === "rom" ? followFocus(env, (label) => server.choose(label)) : undefined;
  config.follow(async (next) => {
    reports.configure(next.reports);
    server.configure(next);
    if (next.focus === "rom") await (focus ??= followFocus(env, (label) => server.choose(label)));
  });
  await focus;
  await env.announce(CaptureInterface, (request) => server.openCapture(request));
  await env.announce(EventInterface, (request) => server.openEvents(request));
  await env.announce(GuiInterface, (request) => server.open(request));
});
