/** Probes whether components still answer. Off unless the system file asks for it: an idle system makes no wake-ups. */
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
        this.#init.lifecycle.unresponsive(state);
        continue;
      }
      child.outstandingHeartbeats += 1;
      child.raise("heartbeat");
      if (skipped > 0) this.#init.options.stateChanged();
    }
  }
}
