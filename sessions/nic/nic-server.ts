/** The server half of Nic: servers bring the address, the link state and what becomes of frames. */
import type { Capability } from "../../base/message.js";
import type { SessionRequest } from "../../base/server.js";
import type { FrameCounters } from "../../lib/frame-link.js";
import { FrameServer } from "../../lib/frame-server.js";
import type { MacAddress } from "../../lib/mac-address.js";
import { Nic, type NicArgs, type NicHandlers } from "./nic.generated.js";

export interface NicSessionOptions {
  readonly macAddress: MacAddress;
  readonly linkUp: boolean;
  /** Whether the server can handle frames with a virtio-net header; the session has them if its client asks for them. */
  readonly offloads?: boolean;
  /** A frame from the client, in shared memory and valid during the call: copy it before decoding anything of it. */
  readonly onFrame: (shared: Uint8Array, session: NicSession) => void;
  readonly onClose?: () => void;
}

const linkChanged = Nic.signals.indexOf("linkChanged");

export class NicSession implements NicHandlers {
  readonly #request: SessionRequest<NicArgs>;
  readonly #options: NicSessionOptions;
  readonly #frames: FrameServer;
  #linkUp: boolean;

  private constructor(
    request: SessionRequest<NicArgs>,
    options: NicSessionOptions,
    open: (handler: (shared: Uint8Array) => void) => FrameServer,
  ) {
    this.#request = request;
    this.#options = options;
    this.#linkUp = options.linkUp;
    this.#frames = open((shared) => options.onFrame(shared, this));
  }

  /** Opens a session. The streams come from the client's donation. */
  static async open(request: SessionRequest<NicArgs>, options: NicSessionOptions): Promise<NicSession> {
    return new NicSession(request, options, await FrameServer.prepare(request));
  }

  get label(): string {
    return this.#request.label;
  }

  /** Sends a frame to the client; false when it was dropped. The client is woken once, at the end of the current turn. */
  send(frame: Uint8Array): boolean {
    return this.#frames.send(frame);
  }

  get counters(): FrameCounters {
    return this.#frames.counters;
  }

  get linkUp(): boolean {
    return this.#linkUp;
  }

  set linkUp(up: boolean) {
    if (this.#linkUp === up) return;
    this.#linkUp = up;
    this.#request.session.raise(linkChanged);
  }

  macAddress(): MacAddress {
    return this.#options.macAddress;
  }

  linkState(): boolean {
    return this.#linkUp;
  }

  offloads(): boolean {
    return this.#options.offloads === true && this.#request.args.offloads;
  }

  txStream(): Capability {
    return this.#frames.incoming;
  }

  rxStream(): Capability {
    return this.#frames.outgoing;
  }

  close(): void {
    this.#options.onClose?.();
  }
}
