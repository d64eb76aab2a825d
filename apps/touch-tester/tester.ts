/** The window of the tester. */
import type { Env } from "../../base/env.js";
import { Window } from "../../lib/drawing/window.js";
import type { TouchTesterConfig } from "./config.js";
import { InputBoard } from "./input-board.js";

export function openTester(env: Env, config: TouchTesterConfig): Promise<Window<InputBoard>> {
  const size = config.full ? undefined : config;
  const options = { title: "Touch and keys", size };
  return Window.open(env, options, (frame) => new InputBoard(() => frame.changed()));
}
