/** The client half of Uplink: what a network driver opens for its device. */
import type { Env } from "../../base/env.js";
import { parseSize } from "../../base/quantity.js";
import type { Session, SessionOptions, SessionType } from "../../base/session.js";
import { FrameClient } from "../../lib/frame-client.js";
import type { FrameCounters } from "../../lib/frame-link.js";
import { formatMacAddress, type MacAddress } from "../../lib/mac-address.js";
import {
  type UplinkArgs,
  type UplinkClient,
  type UplinkHandlers,
  Uplink as UplinkInterface,
} from "./uplink.generated.js";

export interface UplinkOptions extends SessionOptions {
  readonly macAddress: MacAddress;
  /** Room for frames on their way out and in, in bytes or as "1M", which it is unless told otherwise. */
  readonly txBufferSize?: number | string;
  readonly rxBufferSize?: number | string;
  /** Asks for frames that start with a virtio-net header. */
  readonly offloads?: boolean;
}

/** A device's link: it is up as long as this session is open. When the server restarts, the session is opened anew; what was under way is lost, and counted. */
export class UplinkConnection implements AsyncDisposable {
  readonly #session: Session<UplinkClient, UplinkHandlers, UplinkArgs>;
  readonly #frames: FrameClient;

  constructor(session: Session<UplinkClient, UplinkHandlers, UplinkArgs>, frames: FrameClient) {
    this.#session = session;
    this.#frames = frames;
  }

  /** Whether frames start with a virtio-net header: asked for, and granted by the server. */
  get offloads(): boolean {
    return this.#frames.offloads;
  }

  /** Sends a frame; false when it was dropped: for want of room, or while the session is being reopened. */
  send(frame: Uint8Array): boolean {
    return this.#frames.send(frame);
  }

  /** Calls `handler` with each frame that comes, a copy of its own. Without a handler frames are dropped. */
  onFrame(handler: (frame: Uint8Array) => void): void {
    this.#frames.onFrame(handler);
  }

  get counters(): FrameCounters {
    return this.#frames.counters;
  }

  async close(): Promise<void> {
    this.#frames.close();
    await this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Ethernet frames as a network driver offers them. */
export const Uplink: SessionType<UplinkOptions, UplinkConnection> = {
  interface: UplinkInterface,
  async open(env: Env, options: UplinkOptions): Promise<UplinkConnection> {
    const {
      macAddress,
      txBufferSize: tx = "1M",
      rxBufferSize: rx = "1M",
      offloads = false,
      ram = 0,
      ...others
    } = options;
    const args = {
      macAddress: formatMacAddress(macAddress),
      txBufferSize: parseSize(tx),
      rxBufferSize: parseSize(rx),
      offloads,
    };
    const donation = Math.max(parseSize(ram), UplinkInterface.ramQuota + args.txBufferSize + args.rxBufferSize);
    const session = await env.session(UplinkInterface, args, { ...others, ram: donation });
    try {
      return new UplinkConnection(session, await FrameClient.open(session));
    } catch (error) {
      await session.close();
      throw error;
    }
  },
};
