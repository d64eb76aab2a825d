/** The device served to one Nic client. */
import type { Capability } from "../../base/message.js";
import type { SessionRequest } from "../../base/server.js";
import { type FrameStreams, makeStreams } from "../../lib/frame-session.js";
import type { MacAddress } from "../../lib/mac-address.js";
import { type NicArgs, NicInterface } from "../../sessions/nic/index.js";
import type { NicHandlers } from "../../sessions/nic/nic.generated.js";
import { FramePump } from "./frame-pump.js";
import type { Wire } from "./wire.js";

const linkChanged = NicInterface.signals.indexOf("linkChanged");
/** Room for a whole segment, each way. */
const smallestOffloadBuffer = 128 << 10;

export class NicPort implements NicHandlers {
  readonly #request: SessionRequest<NicArgs>;
  readonly #wire: Wire;
  readonly #macAddress: MacAddress;
  readonly #offloads: boolean;
  readonly #streams: FrameStreams;
  #pump: FramePump | undefined;

  private constructor(request: SessionRequest<NicArgs>, wire: Wire, options: NicPortOptions, streams: FrameStreams) {
    this.#request = request;
    this.#wire = wire;
    this.#macAddress = options.macAddress;
    this.#offloads = options.offloads && request.args.offloads && wire.offload(true);
    this.#streams = streams;
    this.#attach();
  }

  /** The streams come from the client's donation. @throws SessionError `Denied` */
  static async open(request: SessionRequest<NicArgs>, wire: Wire, options: NicPortOptions): Promise<NicPort> {
    const least = request.args.offloads && options.offloads ? smallestOffloadBuffer : undefined;
    return new NicPort(request, wire, options, await makeStreams(request, least));
  }

  #attach(): void {
    const { device } = this.#wire;
    if (device === undefined) return;
    if (!this.#offloads) this.#wire.offload(false);
    const { incoming, outgoing } = this.#streams;
    this.#pump = new FramePump(device, this.#request.session, outgoing, incoming, {
      offloads: this.#offloads,
      gone: () => this.#wire.lost(),
    });
  }

  /** The device came or went. */
  changed(): void {
    this.#pump?.close();
    this.#pump = undefined;
    // A stream's indices belong to its two ends; with another device new ends would begin at 0. The client opens anew.
    if (this.#wire.device !== undefined) return this.#request.session.close();
    this.#request.session.raise(linkChanged);
  }

  macAddress(): MacAddress {
    return this.#macAddress;
  }

  linkState(): boolean {
    return this.#pump !== undefined;
  }

  offloads(): boolean {
    return this.#offloads;
  }

  txStream(): Capability {
    return this.#streams.incoming.capability;
  }

  rxStream(): Capability {
    return this.#streams.outgoing.capability;
  }

  close(): void {
    this.#pump?.close();
    this.#pump = undefined;
  }
}

export interface NicPortOptions {
  readonly macAddress: MacAddress;
  /** Whether the client may have them. */
  readonly offloads: boolean;
}
