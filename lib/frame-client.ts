/** The client's end of two frame streams, opened anew with each session. */
import { Dataspace } from "../base/dataspace.js";
import type { Capability } from "../base/message.js";
import type { RpcClient } from "../base/rpc-client.js";
import { type FrameCounters, FrameLink } from "./frame-link.js";
import { untilAnswered } from "./repetition.js";

/** What Nic and Uplink clients both have. */
interface StreamClient {
  txStream(): Promise<Capability>;
  rxStream(): Promise<Capability>;
  offloads(): Promise<boolean>;
}

interface StreamsSession {
  readonly client: StreamClient;
  readonly rpc: RpcClient;
  ready(): unknown;
  onLost(handler: () => void): void;
  onReopened(handler: () => void | Promise<void>): void;
}

const nothing: FrameCounters = {
  framesSent: 0,
  bytesSent: 0,
  framesDropped: 0,
  framesReceived: 0,
  bytesReceived: 0,
  framesMalformed: 0,
  wakeups: 0,
};

function sum(a: FrameCounters, b: FrameCounters): FrameCounters {
  return {
    framesSent: a.framesSent + b.framesSent,
    bytesSent: a.bytesSent + b.bytesSent,
    framesDropped: a.framesDropped + b.framesDropped,
    framesReceived: a.framesReceived + b.framesReceived,
    bytesReceived: a.bytesReceived + b.bytesReceived,
    framesMalformed: a.framesMalformed + b.framesMalformed,
    wakeups: a.wakeups + b.wakeups,
  };
}

export class FrameClient {
  readonly #session: StreamsSession;
  #dataspaces: Dataspace[] = [];
  #link: FrameLink | undefined;
  #handler: ((frame: Uint8Array) => void) | undefined;
  #offloads = false;
  /** Of the sessions before the present one. What was under way when they ended counts as dropped. */
  #before = nothing;

  private constructor(session: StreamsSession) {
    this.#session = session;
  }

  static async open(session: StreamsSession): Promise<FrameClient> {
    const client = new FrameClient(session);
    session.onLost(() => client.#lose());
    session.onReopened(() => client.#open());
    // The server may die before it answers; then the streams are open once the session is open again.
    await untilAnswered(session, async () => {
      if (client.#link === undefined) await client.#open();
    });
    return client;
  }

  async #open(): Promise<void> {
    const { client, rpc } = this.#session;
    const [tx, rx, offloads] = await Promise.all([client.txStream(), client.rxStream(), client.offloads()]);
    const dataspaces = [tx, rx].map((capability) => Dataspace.of(capability, { writable: true })) as [
      Dataspace,
      Dataspace,
    ];
    if (!rpc.open) {
      for (const dataspace of dataspaces) dataspace.close();
      return;
    }
    this.#dataspaces = dataspaces;
    this.#offloads = offloads;
    this.#link = new FrameLink(rpc, ...dataspaces, (shared) => this.#handler?.(shared.slice()));
    // The server may have sent before there was anybody to hear its bell.
    rpc.onMoved?.();
  }

  #lose(): void {
    if (this.#link !== undefined)
      this.#before = sum(this.counters, { ...nothing, framesDropped: this.#link.source.underWay });
    this.#link = undefined;
    for (const dataspace of this.#dataspaces.splice(0)) dataspace.close();
  }

  /** Whether frames start with a virtio-net header. */
  get offloads(): boolean {
    return this.#offloads;
  }

  /** Sends a frame; false when it was dropped, for want of room or while the session is being reopened. */
  send(frame: Uint8Array): boolean {
    if (this.#link !== undefined) return this.#link.send(frame);
    this.#before = sum(this.#before, { ...nothing, framesDropped: 1 });
    return false;
  }

  /** Calls `handler` with a private copy of each frame. Without a handler they are dropped. */
  onFrame(handler: (frame: Uint8Array) => void): void {
    this.#handler = handler;
  }

  get counters(): FrameCounters {
    return this.#link === undefined ? this.#before : sum(this.#before, this.#link.counters);
  }

  close(): void {
    this.#lose();
  }
}
