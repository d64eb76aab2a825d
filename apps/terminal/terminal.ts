/** A window and the service of a terminal, put together. */
import type { Env } from "../../base/env.js";
import { Window } from "../../lib/drawing/window.js";
import { TerminalInterface } from "../../sessions/terminal/index.js";
import { Clipboard } from "./clipboard.js";
import type { TerminalConfig } from "./config.js";
import { TerminalWindow } from "./terminal-window.js";

export async function openTerminal(
  env: Env,
  config: TerminalConfig,
): Promise<{ readonly content: TerminalWindow; readonly window: Window }> {
  const clipboard = await Clipboard.open(env, config.clipboard);
  let window: Window | undefined;
  const content = new TerminalWindow(
    config,
    clipboard,
    () => window?.changed(),
    (title) => {
      if (window !== undefined) window.title = title;
    },
  );
  window = await Window.open(env, { title: config.title, size: content.size, label: "terminal" }, content);
  await env.announce(TerminalInterface, (request) => content.line.open(request));
  return { content, window };
}
