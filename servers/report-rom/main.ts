/** The hub of documents: what one component reports, another reads as a ROM. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { ReportInterface, ReportSession } from "../../sessions/report/index.js";
import { ROM, RomSession } from "../../sessions/rom/index.js";
import { configSchema } from "./config.js";
import { Reports } from "./reports.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const reports = new Reports(config.current);
  config.follow((next) => reports.configure(next));
  await env.announce(ReportInterface, (request) =>
    ReportSession.open(request, config.current.largest, () => reports.write(request.label)),
  );
  await env.announce(ROM, (request) => new RomSession(request, reports.readable(request.label)));
});
