/** The terminal: a window in which a program that wants a terminal is seen and talked to. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { Window } from "../../lib/drawing/window.js";
import { TerminalInterface } from "../../sessions/terminal/index.js";
import { Clipboard } from "./clipboard.js";
import { configSchema } from "./config.js";
import { TerminalWindow } from "./terminal-window.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const clipboard = await Clipboard.open(env, config.current.clipboard);
  let window: Window | undefined;
  const content = new TerminalWindow(
    config.current,
    clipboard,
    () => window?.changed(),
    (title) => {
      if (window !== undefined) window.title = title;
    },
  );
  window = await Window.open(env, { title: config.current.title, size: content.size, label: "terminal" }, content);
  config.follow(
    (next, previous) => {
      if (next.fontSize !== previous.fontSize) content.fontSize = next.fontSize;
    },
    ["title", "columns", "lines", "scrollback", "clipboard"],
  );
  await env.announce(TerminalInterface, (request) => content.line.open(request));
});
