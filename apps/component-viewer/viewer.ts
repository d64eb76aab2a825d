/** The viewer's window, and the System session that feeds it. */
import type { Env } from "../../base/env.js";
import { errorMessage } from "../../base/errors.js";
import { Window } from "../../lib/drawing/window.js";
import { System } from "../../sessions/system/index.js";
import { Timer } from "../../sessions/timer/index.js";
import { ComponentBoard } from "./component-board.js";
import { Components, type StateDocument } from "./components.js";
import type { ComponentViewerConfig } from "./config.js";

export async function openViewer(
  env: Env,
  config: ComponentViewerConfig,
): Promise<{ readonly board: ComponentBoard; readonly window: Window }> {
  const components = new Components();
  let window: Window | undefined;
  const board = new ComponentBoard(components, () => window?.changed());
  const system = await env.connect(System);
  const timer = await env.connect(Timer);
  /** States change in bursts: what changes during one look is seen by the next. */
  let stale = true;
  let looking = false;
  const look = async (): Promise<void> => {
    stale = true;
    if (looking) return;
    looking = true;
    try {
      while (stale) {
        stale = false;
        components.changed((await system.state()) as StateDocument);
        window?.changed();
      }
    } finally {
      looking = false;
    }
  };
  const measure = async (): Promise<void> => {
    components.measured(await system.usage());
    window?.changed();
  };
  const failed = (error: unknown): void => console.error(`Cannot look at the system: ${errorMessage(error)}`);
  await look();
  await measure();
  window = await Window.open(env, { title: "Components", size: config, label: "components" }, board);
  system.onChange(() => void look().catch(failed));
  // Nobody's look costs nothing: what a display has not fetched yet is measured no further.
  const follow = async (shown: Window): Promise<void> => {
    for (;;) {
      await shown.fetched();
      await timer.sleep(config.period);
      await measure().catch(failed);
    }
  };
  follow(window).catch(failed);
  return { board, window };
}
