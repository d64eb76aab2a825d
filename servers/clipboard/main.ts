/** The clipboard: what one component copies, by a report, another pastes, from a ROM. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { ReportInterface, ReportSession } from "../../sessions/report/index.js";
import { ROM, Rom, RomSession } from "../../sessions/rom/index.js";
import { Clipboard } from "./clipboard.js";
import { configSchema } from "./config.js";
import { focusedLabel } from "./focus.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const clipboard = new Clipboard(config.current);
  config.follow((next) => clipboard.configure(next), ["focus"]);
  if (config.current.focus) {
    const focus = await env.connect(Rom, { label: "focus" });
    const follow = async (): Promise<void> => clipboard.focus(focusedLabel(await focus.text()));
    focus.onChange(() => void follow());
    await follow();
  }
  await env.announce(ReportInterface, (request) =>
    ReportSession.open(request, config.current.largest, () => clipboard.write(request.label)),
  );
  await env.announce(ROM, (request) => new RomSession(request, clipboard.readable(request.label)));
});
