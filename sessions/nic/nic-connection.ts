/** The client half of Nic. */
import type { Env } from "../../base/env.js";
import { parseSize } from "../../base/quantity.js";
import type { Session, SessionOptions, SessionType } from "../../base/session.js";
import { FrameClient } from "../../lib/frame-client.js";
import type { FrameCounters } from "../../lib/frame-link.js";
import type { MacAddress } from "../../lib/mac-address.js";
import { untilAnswered } from "../../lib/repetition.js";
import { type NicArgs, type NicClient, type NicHandlers, Nic as NicInterface } from "./nic.generated.js";

export interface NicOptions extends SessionOptions {
  /** Room for frames on their way out and in, in bytes or as "1M", which it is unless told otherwise. */
  readonly txBufferSize?: number | string;
  readonly rxBufferSize?: number | string;
  /** Asks for frames that start with a virtio-net header. */
  readonly offloads?: boolean;
}

/** An Ethernet port. When its server restarts, the session is opened anew; what was under way is lost, and counted. */
export class NicConnection implements AsyncDisposable {
  readonly #session: Session<NicClient, NicHandlers, NicArgs>;
  readonly #frames: FrameClient;
  readonly #watchers = new Set<() => void>();

  constructor(session: Session<NicClient, NicHandlers, NicArgs>, frames: FrameClient) {
    this.#session = session;
    this.#frames = frames;
    session.onSignal("linkChanged", () => this.#announce());
    // The new server's link, and address, may differ.
    session.onReopened(() => this.#announce());
  }

  #announce(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  macAddress(): Promise<MacAddress> {
    return untilAnswered(this.#session, () => this.#session.client.macAddress());
  }

  /** Whether the link is up. */
  linkState(): Promise<boolean> {
    return untilAnswered(this.#session, () => this.#session.client.linkState());
  }

  /** Calls `watcher` when the link went up or down, or the server restarted. Returns the function that ends it. */
  onLinkChange(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
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

/** Ethernet frames in both directions. */
export const Nic: SessionType<NicOptions, NicConnection> = {
  interface: NicInterface,
  async open(env: Env, options: NicOptions): Promise<NicConnection> {
    const { txBufferSize: tx = "1M", rxBufferSize: rx = "1M", offloads = false, ram = 0, ...others } = options;
    const args = { txBufferSize: parseSize(tx), rxBufferSize: parseSize(rx), offloads };
    const donation = Math.max(parseSize(ram), NicInterface.ramQuota + args.txBufferSize + args.rxBufferSize);
    const session = await env.session(NicInterface, args, { ...others, ram: donation });
    try {
      return new NicConnection(session, await FrameClient.open(session));
    } catch (error) {
      await session.close();
      throw error;
    }
  },
};
