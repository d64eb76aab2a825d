/** The server half of Nic: servers bring the address, the link state and what becomes of frames. */
import type { SessionRequest } from "../../base/server.js";
import { FrameSession, type FrameSessionOptions, type FrameStreams, makeStreams } from "../../lib/frame-session.js";
import type { MacAddress } from "../../lib/mac-address.js";
import { Nic, type NicArgs, type NicHandlers } from "./nic.generated.js";

export interface NicSessionOptions extends FrameSessionOptions<NicSession> {
  readonly macAddress: MacAddress;
  readonly linkUp: boolean;
}

const linkChanged = Nic.signals.indexOf("linkChanged");

export class NicSession extends FrameSession<NicArgs> implements NicHandlers {
  readonly #macAddress: MacAddress;
  #linkUp: boolean;

  private constructor(request: SessionRequest<NicArgs>, streams: FrameStreams, options: NicSessionOptions) {
    super(request, streams, options);
    this.#macAddress = options.macAddress;
    this.#linkUp = options.linkUp;
  }

  /** Opens a session. The streams come from the client's donation. */
  static async open(request: SessionRequest<NicArgs>, options: NicSessionOptions): Promise<NicSession> {
    return new NicSession(request, await makeStreams(request), options);
  }

  get linkUp(): boolean {
    return this.#linkUp;
  }

  set linkUp(up: boolean) {
    if (this.#linkUp === up) return;
    this.#linkUp = up;
    this.request.session.raise(linkChanged);
  }

  macAddress(): MacAddress {
    return this.#macAddress;
  }

  linkState(): boolean {
    return this.#linkUp;
  }
}
