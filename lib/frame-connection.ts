/** The client's end of two frame streams: what Nic and Uplink connections have in common. */
import { Dataspace } from "../base/dataspace.js";
import type { Env } from "../base/env.js";
import type { Interface } from "../base/interface.js";
import type { Capability } from "../base/message.js";
import { parseSize } from "../base/quantity.js";
import type { Session, SessionOptions } from "../base/session.js";
import { type FrameCounters, FrameLink } from "./frame-link.js";
import { untilAnswered } from "./repetition.js";

export interface FrameOptions extends SessionOptions {
  /** Room for frames on their way out and in, in bytes or as "1M", which it is unless told otherwise. */
  readonly txBufferSize?: number | string;
  readonly rxBufferSize?: number | string;
  /** Asks for frames that start with a virtio-net header. */
  readonly offloads?: boolean;
}

/** What the clients of Nic and Uplink both have. */
export interface FrameStreamClient {
  txStream(): Promise<Capability>;
  rxStream(): Promise<Capability>;
  offloads(): Promise<boolean>;
}

/** The arguments of both. */
export interface FrameArgs {
  readonly txBufferSize: number;
  readonly rxBufferSize: number;
  readonly offloads: boolean;
}

type FrameStreamSession = Pick<
  Session<FrameStreamClient, never, FrameArgs>,
  "client" | "rpc" | "ready" | "onLost" | "onReopened" | "close"
>;

/** The streams of a session, mapped, and what the server decided about offloads. */
export interface MappedStreams {
  readonly tx: Dataspace;
  readonly rx: Dataspace;
  readonly offloads: boolean;
}

/** Maps the streams of a session. Undefined when its server died meanwhile: its next one has others. */
export async function mapStreams({
  client,
  rpc,
}: Pick<FrameStreamSession, "client" | "rpc">): Promise<MappedStreams | undefined> {
  const [tx, rx, offloads] = await Promise.all([client.txStream(), client.rxStream(), client.offloads()]);
  const streams = {
    tx: Dataspace.of(tx, { writable: true }),
    rx: Dataspace.of(rx, { writable: true }),
    offloads,
  };
  if (rpc.open) return streams;
  streams.tx.close();
  streams.rx.close();
  return undefined;
}

/** Opens a session that pays for its streams; `more` are the arguments that only this interface has. */
export function openFrameSession<Client, Handlers, Args extends FrameArgs>(
  env: Env,
  served: Interface<Client, Handlers, Args>,
  more: Omit<Args, keyof FrameArgs>,
  { txBufferSize: tx = "1M", rxBufferSize: rx = "1M", offloads = false, ram = 0, ...options }: FrameOptions,
): Promise<Session<Client, Handlers, Args>> {
  const sizes = { txBufferSize: parseSize(tx), rxBufferSize: parseSize(rx) };
  const donation = Math.max(parseSize(ram), served.ramQuota + sizes.txBufferSize + sizes.rxBufferSize);
  const args = { ...more, ...sizes, offloads } as Partial<Args>;
  return env.session(served, args, { ...options, ram: donation });
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

/**
 * Frames in both directions. When the server restarts, the session is opened anew; what was under way is lost, and
 * counted.
 */
export class FrameConnection implements AsyncDisposable {
  readonly #session: FrameStreamSession;
  #streams: MappedStreams | undefined;
  #link: FrameLink | undefined;
  #handler: ((frame: Uint8Array) => void) | undefined;
  #offloads = false;
  /** Of the sessions before the present one. What was under way when they ended counts as dropped. */
  #before = nothing;

  protected constructor(session: FrameStreamSession) {
    this.#session = session;
    session.onLost(() => this.#lose());
    session.onReopened(() => this.#open());
  }

  /** Opens the streams for the first time; closes the session when that fails. */
  protected async opened(): Promise<this> {
    try {
      // The server may die before it answers; then the streams are open once the session is open again.
      await untilAnswered(this.#session, async () => {
        if (this.#link === undefined) await this.#open();
      });
      return this;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async #open(): Promise<void> {
    const { rpc } = this.#session;
    const streams = await mapStreams(this.#session);
    if (streams === undefined) return;
    this.#streams = streams;
    this.#offloads = streams.offloads;
    this.#link = new FrameLink(rpc, streams.tx, streams.rx, (shared) => this.#handler?.(shared.slice()));
    // The server may have sent before there was anybody to hear its bell.
    rpc.onMoved?.();
  }

  #lose(): void {
    if (this.#link !== undefined)
      this.#before = sum(this.counters, { ...nothing, framesDropped: this.#link.source.underWay });
    this.#link = undefined;
    this.#streams?.tx.close();
    this.#streams?.rx.close();
    this.#streams = undefined;
  }

  /** Whether frames start with a virtio-net header: asked for, and granted by the server. */
  get offloads(): boolean {
    return this.#offloads;
  }

  /** Sends a frame; false when it was dropped: for want of room, or while the session is being reopened. */
  send(frame: Uint8Array): boolean {
    if (this.#link !== undefined) return this.#link.send(frame);
    this.#before = sum(this.#before, { ...nothing, framesDropped: 1 });
    return false;
  }

  /** Calls `handler` with each frame that comes, a copy of its own. Without a handler frames are dropped. */
  onFrame(handler: (frame: Uint8Array) => void): void {
    this.#handler = handler;
  }

  get counters(): FrameCounters {
    return this.#link === undefined ? this.#before : sum(this.#before, this.#link.counters);
  }

  async close(): Promise<void> {
    this.#lose();
    await this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
