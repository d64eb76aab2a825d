/** The server half of Uplink: the client is a driver, and frames from it are what its device received. */
import type { Capability } from "../../base/message.js";
import type { SessionRequest } from "../../base/server.js";
import type { FrameCounters } from "../../lib/frame-link.js";
import { FrameServer } from "../../lib/frame-server.js";
import { type MacAddress, parseMacAddress } from "../../lib/mac-address.js";
import type { UplinkArgs, UplinkHandlers } from "./uplink.generated.js";

export interface UplinkSessionOptions {
  /** Whether the server can handle frames with a virtio-net header; the session has them if its client asks for them. */
  readonly offloads?: boolean;
  /** A frame that the device received, in shared memory and valid during the call: copy it before decoding anything of it. */
  readonly onFrame: (shared: Uint8Array, session: UplinkSession) => void;
  /** The link went down: the driver closed the session, or died. */
  readonly onClose?: () => void;
}

export class UplinkSession implements UplinkHandlers {
  /** The device's address. */
  readonly macAddress: MacAddress;
  readonly #request: SessionRequest<UplinkArgs>;
  readonly #options: UplinkSessionOptions;
  readonly #frames: FrameServer;

  private constructor(
    request: SessionRequest<UplinkArgs>,
    macAddress: MacAddress,
    options: UplinkSessionOptions,
    open: (handler: (shared: Uint8Array) => void) => FrameServer,
  ) {
    this.macAddress = macAddress;
    this.#request = request;
    this.#options = options;
    this.#frames = open((shared) => options.onFrame(shared, this));
  }

  /** Opens a session. The streams come from the driver's donation. */
  static async open(request: SessionRequest<UplinkArgs>, options: UplinkSessionOptions): Promise<UplinkSession> {
    const macAddress = parseMacAddress(request.args.macAddress);
    return new UplinkSession(request, macAddress, options, await FrameServer.prepare(request));
  }

  get label(): string {
    return this.#request.label;
  }

  /** Has the device send a frame; false when it was dropped. The driver is woken once, at the end of the current turn. */
  send(frame: Uint8Array): boolean {
    return this.#frames.send(frame);
  }

  get counters(): FrameCounters {
    return this.#frames.counters;
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
