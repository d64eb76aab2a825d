/** The window of the tester. */
import type { Env } from "../../base/env.js";
import { Window } from "../../lib/drawing/window.js";
import type { TouchTesterConfig } from "./config.js";
import { InputBoard } from "./input-board.js";

export async function openTester(env: Env, config: TouchTesterConfig): Promise<Window> {
  let window: Window | undefined;
  const board = new InputBoard(() => window?.changed());
  const size = config.full ? undefined : config;
  window = await Window.open(env, { title: "Touch and keys", size, label: "tester" }, board);
  return window;
}
