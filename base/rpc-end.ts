/** What both ends of a session are: the user of a channel, which tells of signals, of a moved peer and of the end. */
import { Channel } from "./channel.js";
import type { ChannelUser, Incoming } from "./channel-user.js";
import type { SessionError } from "./errors.js";
import type { Side } from "./layout.js";
import type { Capability, Reader } from "./message.js";
import type { StreamCounters } from "./packet-stream.js";

/** What went through a session since it was opened. */
export interface Flow {
  /** Bytes of message slots, by this side and by the peer. */
  readonly sent: number;
  readonly received: number;
  readonly packets: number;
  /** Of their payload. */
  readonly packetBytes: number;
}

export abstract class RpcEnd implements ChannelUser {
  protected readonly channel: Channel;
  /** Why the session is over; undefined while it is open. */
  protected closedReason: SessionError | undefined;
  readonly #signalHandlers: (((count: number) => void) | undefined)[] = [];
  #whenClosed: ((reason: SessionError) => void)[] = [];
  /** Counters of the packet streams beside the rings. */
  readonly streams: StreamCounters[] = [];
  /** What a packet stream wants to hear: the peer moved. */
  onMoved: (() => void) | undefined;

  /** Takes over the capability's descriptors. */
  protected constructor(capability: Capability, side: Side) {
    this.channel = new Channel(capability, side, this);
  }

  /** What went through so far, packet streams included. */
  get flow(): Flow {
    let [packets, packetBytes] = [0, 0];
    for (const stream of this.streams) {
      packets += stream.packets;
      packetBytes += stream.bytes;
    }
    return { ...this.channel.flow, packets, packetBytes };
  }

  get open(): boolean {
    return this.channel.open;
  }

  /** Calls `handler` with the number of times the peer raised the signal since the last call. */
  onSignal(signal: number, handler: (count: number) => void): void {
    this.#signalHandlers[signal] = handler;
  }

  /** Raises a signal at the peer. */
  raise(signal: number): void {
    this.channel.raise(signal);
  }

  /** The bell of this session, for packet streams. */
  bell(): void {
    this.channel.bell();
  }

  /** Calls `handler` when the session is over; at once when it is. */
  onClosed(handler: (reason: SessionError) => void): void {
    if (this.closedReason !== undefined) handler(this.closedReason);
    else this.#whenClosed.push(handler);
  }

  /** Whether this end keeps the process alive. It does unless told otherwise. */
  reference(keepsAlive: boolean): void {
    this.channel.reference(keepsAlive);
  }

  close(): void {
    this.channel.close();
  }

  /** Ends the session because the peer broke the protocol. */
  fail(why: string): void {
    this.channel.fail(why);
  }

  abstract message(incoming: Incoming, reader: Reader): void;

  abstract room(): void;

  /** Ends what was under way; {@link closedReason} says why. */
  protected abstract endCalls(): void;

  signal(number: number, count: number): void {
    this.#signalHandlers[number]?.(count);
  }

  moved(): void {
    this.onMoved?.();
  }

  closed(reason: SessionError): void {
    this.closedReason = reason;
    this.endCalls();
    for (const handler of this.#whenClosed) handler(reason);
    this.#whenClosed = [];
  }
}
