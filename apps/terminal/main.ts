/** The terminal: a window in which a program that wants a terminal is seen and talked to. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { configSchema } from "./config.js";
import { openTerminal } from "./terminal.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const { content } = await openTerminal(env, config.current);
  config.follow(
    (next, previous) => {
      if (next.fontSize !== previous.fontSize) content.fontSize = next.fontSize;
    },
    ["title", "columns", "lines", "scrollback", "clipboard"],
  );
});
