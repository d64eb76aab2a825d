/** The device offered to an Uplink server. The session is open as long as the device is there: that is the link state. */
import type { Env } from "../../base/env.js";
import { errorMessage } from "../../base/errors.js";
import type { Session } from "../../base/session.js";
import { type MappedStreams, mapStreams, openFrameSession } from "../../lib/frame-connection.js";
import { formatMacAddress, type MacAddress } from "../../lib/mac-address.js";
import { UplinkInterface } from "../../sessions/uplink/index.js";
import type { UplinkArgs, UplinkClient, UplinkHandlers } from "../../sessions/uplink/uplink.generated.js";
import { FramePump } from "./frame-pump.js";
import type { Wire } from "./wire.js";

export interface UplinkPortOptions {
  readonly bufferSize: number;
  readonly offloads: boolean;
  readonly macAddress: MacAddress;
}

export class UplinkPort {
  readonly #env: Env;
  readonly #wire: Wire;
  readonly #options: () => UplinkPortOptions;
  #session: Session<UplinkClient, UplinkHandlers, UplinkArgs> | undefined;
  #streams: MappedStreams | undefined;
  #pump: FramePump | undefined;
  /** Changes of the link follow one another. */
  #last: Promise<void> = Promise.resolve();

  /** `options`: as they are when a session is opened. */
  constructor(env: Env, wire: Wire, options: () => UplinkPortOptions) {
    this.#env = env;
    this.#wire = wire;
    this.#options = options;
  }

  /** The device came or went, or is to be offered differently. */
  changed(): Promise<void> {
    this.#last = this.#last
      .then(() => this.#change())
      .catch((error: unknown) => console.error(`Cannot offer ${this.#wire.description}: ${errorMessage(error)}`));
    return this.#last;
  }

  async #change(): Promise<void> {
    await this.#close();
    if (this.#wire.device === undefined) return;
    const { bufferSize, offloads, macAddress } = this.#options();
    const wanted = offloads && this.#wire.offload(true);
    const more = { macAddress: formatMacAddress(macAddress) };
    const sizes = { txBufferSize: bufferSize, rxBufferSize: bufferSize };
    const session = await openFrameSession(this.#env, UplinkInterface, more, { ...sizes, offloads: wanted });
    this.#session = session;
    session.onLost(() => this.#detach());
    session.onReopened(() => this.#attach());
    await this.#attach();
  }

  async #attach(): Promise<void> {
    const session = this.#session;
    if (session === undefined) return;
    const streams = await mapStreams(session);
    if (streams === undefined) return;
    this.#streams = streams;
    const { device } = this.#wire;
    if (device === undefined) return this.#detach();
    const { tx: received, rx: toSend, offloads } = streams;
    if (!offloads) this.#wire.offload(false);
    this.#pump = new FramePump(device, session.rpc, received, toSend, { offloads, gone: () => this.#wire.lost() });
  }

  #detach(): void {
    this.#pump?.close();
    this.#pump = undefined;
    this.#streams?.tx.close();
    this.#streams?.rx.close();
    this.#streams = undefined;
  }

  async #close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#detach();
    await session?.close();
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#close();
  }
}
