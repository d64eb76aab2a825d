/** Two frame streams of one session, in opposite directions: what Nic and Uplink have in common on either side. */
import type { Dataspace } from "../base/dataspace.js";
import { FrameSink, FrameSource, type StreamSession } from "./frame-stream.js";

/** One that tells when its peer moved. */
export interface MovingSession extends StreamSession {
  onMoved: (() => void) | undefined;
}

/** Since the link was opened. */
export interface FrameCounters {
  readonly framesSent: number;
  readonly bytesSent: number;
  /** Frames not sent for want of room. */
  readonly framesDropped: number;
  readonly framesReceived: number;
  readonly bytesReceived: number;
  /** Frames received whose descriptor was wrong. */
  readonly framesMalformed: number;
  /** How often the peer was told of frames, and of acknowledgements. */
  readonly wakeups: number;
}

export class FrameLink {
  readonly source: FrameSource;
  readonly sink: FrameSink;
  /**
   * Starts on mapped dataspaces, which stay the caller's. `handler` gets each frame in shared memory, as
   * {@link FrameSink.drain} says.
   */
  constructor(session: MovingSession, outgoing: Dataspace, incoming: Dataspace, handler: (shared: Uint8Array) => void) {
    this.source = new FrameSource(outgoing, session);
    this.sink = new FrameSink(incoming, session);
    session.onMoved = () => {
      this.source.reclaim();
      this.sink.drain(handler);
    };
  }

  /** False when the frame was dropped. */
  send(frame: Uint8Array): boolean {
    return this.source.send(frame);
  }

  get counters(): FrameCounters {
    const { source, sink } = this;
    return {
      framesSent: source.counters.packets,
      bytesSent: source.counters.bytes,
      framesDropped: source.dropped,
      framesReceived: sink.counters.packets,
      bytesReceived: sink.counters.bytes,
      framesMalformed: sink.malformed,
      wakeups: source.counters.wakeups + sink.counters.wakeups,
    };
  }
}
