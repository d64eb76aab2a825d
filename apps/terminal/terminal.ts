/** A window and the service of a terminal, put together. */
import type { Env } from "../../base/env.js";
import { Window } from "../../lib/drawing/window.js";
import { TerminalInterface } from "../../sessions/terminal/index.js";
import { Clipboard } from "./clipboard.js";
import type { TerminalConfig } from "./config.js";
import { TerminalWindow } from "./terminal-window.js";

export async function openTerminal(env: Env, config: TerminalConfig): Promise<Window<TerminalWindow>> {
  const clipboard = await Clipboard.open(env, config.clipboard);
  const options = { title: config.title, size: TerminalWindow.size(config) };
  const window = await Window.open(env, options, (frame) => new TerminalWindow(config, clipboard, frame));
  await env.announce(TerminalInterface, (request) => window.content.line.open(request));
  return window;
}
