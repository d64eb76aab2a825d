/** The device served to one Nic client. */
import type { Dataspace } from "../../base/dataspace.js";
import { SessionError } from "../../base/errors.js";
import type { Capability } from "../../base/message.js";
import type { SessionRequest } from "../../base/server.js";
import { frameStreamBytes } from "../../lib/frame-stream.js";
import type { MacAddress } from "../../lib/mac-address.js";
import { type NicArgs, NicInterface } from "../../sessions/nic/index.js";
import type { NicHandlers } from "../../sessions/nic/nic.generated.js";
import { FramePump } from "./frame-pump.js";
import type { Wire } from "./wire.js";

const linkChanged = NicInterface.signals.indexOf("linkChanged");
/** A place for one frame, each way. */
const smallestBuffer = 2048;
const smallestOffloadBuffer = 128 << 10;

export class NicPort implements NicHandlers {
  readonly #request: SessionRequest<NicArgs>;
  readonly #wire: Wire;
  readonly #macAddress: MacAddress;
  readonly #offloads: boolean;
  readonly #fromClient: Dataspace;
  readonly #toClient: Dataspace;
  #pump: FramePump | undefined;

  private constructor(
    request: SessionRequest<NicArgs>,
    wire: Wire,
    options: NicPortOptions,
    fromClient: Dataspace,
    toClient: Dataspace,
  ) {
    this.#request = request;
    this.#wire = wire;
    this.#macAddress = options.macAddress;
    this.#offloads = options.offloads && request.args.offloads && wire.offload(true);
    this.#fromClient = fromClient;
    this.#toClient = toClient;
    this.#attach();
  }

  /** The streams come from the client's donation. @throws SessionError `Denied` */
  static async open(request: SessionRequest<NicArgs>, wire: Wire, options: NicPortOptions): Promise<NicPort> {
    const { txBufferSize, rxBufferSize, offloads } = request.args;
    const least = offloads && options.offloads ? smallestOffloadBuffer : smallestBuffer;
    if (Math.min(txBufferSize, rxBufferSize) < least)
      throw new SessionError(
        "Denied",
        `Cannot open streams of ${txBufferSize} and ${rxBufferSize} bytes: each needs ${least} at least`,
      );
    const fromClient = await request.alloc(frameStreamBytes(txBufferSize));
    const toClient = await request.alloc(frameStreamBytes(rxBufferSize));
    if (!request.session.open) throw new SessionError("Disconnected", "Cannot open streams: the client is gone");
    return new NicPort(request, wire, options, fromClient, toClient);
  }

  #attach(): void {
    const { device } = this.#wire;
    if (device === undefined) return;
    if (!this.#offloads) this.#wire.offload(false);
    this.#pump = new FramePump(device, this.#request.session, this.#toClient, this.#fromClient, {
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
    return this.#fromClient.capability;
  }

  rxStream(): Capability {
    return this.#toClient.capability;
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
