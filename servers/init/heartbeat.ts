/** Probes whether components still answer. Off unless the system file asks for it: an idle system makes no wake-ups. */
import type { Child } from "./child.js";
import type { ChildState } from "./child-state.js";
import type { SystemModel } from "./config.js";
import type { Init } from "./init.js";

export class Heartbeat {
  readonly #init: Init;
  #timer: NodeJS.Timeout | undefined;
  #rate = 0;

  constructor(init: Init) {
    this.#init = init;
  }

  configure(model: SystemModel): void {
    const watched = [...model.start.values()].some((node) => node.heartbeat !== undefined);
    const rate = model.heartbeat !== undefined && watched ? model.heartbeat.rate : 0;
    if (rate === this.#rate) return;
    this.stop();
    this.#rate = rate;
    if (rate > 0) this.#timer = setInterval(() => this.#tick(), rate);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#rate = 0;
  }

  #tick(): void {
    for (const state of this.#init.children.values()) {
      const { heartbeat } = state.node;
      const child = state.instance;
      if (heartbeat === undefined || child === undefined || state.phase !== "alive") continue;
      const skipped = child.outstandingHeartbeats;
      if (heartbeat.restartAfterSkipped > 0 && skipped > heartbeat.restartAfterSkipped) {
        void this.#unresponsive(state, child);
        continue;
      }
      child.outstandingHeartbeats += 1;
      child.raise("heartbeat");
      if (skipped > 0) this.#init.options.stateChanged();
    }
  }

  /** A component that stands at a breakpoint is not hung. It is given time to answer again when its debugger has gone. */
  async #unresponsive(state: ChildState, child: Child): Promise<void> {
    const debugged = await child.process?.debugged().catch(() => false);
    if (state.instance !== child) return;
    if (debugged === true) child.outstandingHeartbeats = 0;
    else this.#init.lifecycle.unresponsive(state);
  }
}
