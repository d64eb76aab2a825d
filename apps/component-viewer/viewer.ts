/** The viewer's window, and the System session that feeds it. */
import type { Env } from "../../base/env.js";
import { errorMessage } from "../../base/errors.js";
import { Window } from "../../lib/drawing/window.js";
import { System } from "../../sessions/system/index.js";
import { Timer } from "../../sessions/timer/index.js";
import { ComponentBoard } from "./component-board.js";
import { Components, type StateDocument } from "./components.js";
import type { ComponentViewerConfig } from "./config.js";

export async function openViewer(env: Env, config: ComponentViewerConfig): Promise<Window<ComponentBoard>> {
  const components = new Components();
  const system = await env.connect(System);
  const timer = await env.connect(Timer);
  components.changed((await system.state()) as StateDocument);
  components.measured(await system.usage());
  const options = { title: "Components", size: config };
  const window = await Window.open(env, options, (frame) => new ComponentBoard(components, () => frame.changed()));

  /** States change in bursts: what changes during one look is seen by the next. */
  let stale = false;
  let looking = false;
  const look = async (): Promise<void> => {
    stale = true;
    if (looking) return;
    looking = true;
    try {
      while (stale) {
        stale = false;
        components.changed((await system.state()) as StateDocument);
        window.changed();
      }
    } finally {
      looking = false;
    }
  };
  const measure = async (): Promise<void> => {
    components.measured(await system.usage());
    window.changed();
  };
  const failed = (error: unknown): void => console.error(`Cannot look at the system: ${errorMessage(error)}`);
  system.onChange(() => void look().catch(failed));
  // What changed before anybody was told.
  await look();
  // Nobody's look costs nothing: what a display has not fetched yet is measured no further.
  const follow = async (): Promise<void> => {
    for (;;) {
      await window.fetched();
      await timer.sleep(config.period);
      await measure().catch(failed);
    }
  };
  follow().catch(failed);
  return window;
}
