/** The web console: a page with the live screen, which takes keyboard, mouse and touch back, and the system beside it. */
import { text as html } from "page-text:./page/index.html";
import { text as script } from "page-text:./page/page.ts";
import { text as style } from "page-text:./page/style.css";
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { Platform } from "../../sessions/platform/index.js";
import { configSchema } from "./config.js";
import { WebConsole } from "./web-console.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const platform = await env.connect(Platform);
  const web = await WebConsole.start(env, platform, config.current, { html, style, script });
  config.follow((next) => web.configure(next), ["listener", "token", "certificate", "key", "names", "screen"]);
  console.log(`The console is at ${web.url}`);
});
