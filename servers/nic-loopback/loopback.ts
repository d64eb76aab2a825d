/** Ethernet ports whose every frame comes back. */
import type { SessionRequest } from "../../base/server.js";
import { numberedMacAddress, parseMacAddress } from "../../lib/mac-address.js";
import { type NicArgs, NicSession } from "../../sessions/nic/index.js";
import type { LoopbackConfig } from "./config.js";

export class Loopback {
  #config: LoopbackConfig;
  #opened = 0;

  constructor(config: LoopbackConfig) {
    this.#config = config;
  }

  /** For sessions from now on. */
  configure(config: LoopbackConfig): void {
    this.#config = config;
  }

  open(request: SessionRequest<NicArgs>): Promise<NicSession> {
    this.#opened += 1;
    return NicSession.open(request, {
      macAddress: numberedMacAddress(parseMacAddress(this.#config.macPrefix), this.#opened),
      linkUp: true,
      // Nothing of the frame is looked at, so it goes from one shared memory to the other as it is.
      onFrame: (shared, session) => session.send(shared),
    });
  }
}
