/** The server's end of two frame streams, on memory that its client paid for: what Nic and Uplink sessions have in common. */
import type { Dataspace } from "../base/dataspace.js";
import { SessionError } from "../base/errors.js";
import type { Capability } from "../base/message.js";
import type { SessionRequest } from "../base/server.js";
import type { FrameArgs } from "./frame-connection.js";
import { type FrameCounters, FrameLink } from "./frame-link.js";
import { frameStreamBytes } from "./frame-stream.js";

/** Room for one frame of the usual length is the least. */
const smallestBuffer = 2048;

export interface FrameStreams {
  /** What the client submits frames to. */
  readonly incoming: Dataspace;
  /** What the client takes frames from. */
  readonly outgoing: Dataspace;
}

/**
 * Makes the memory of both streams, with room for at least `least` bytes each.
 * @throws SessionError `Denied` when the client asks for less, `Disconnected` when it is gone
 */
export async function makeStreams(request: SessionRequest<FrameArgs>, least = smallestBuffer): Promise<FrameStreams> {
  const { txBufferSize, rxBufferSize } = request.args;
  if (Math.min(txBufferSize, rxBufferSize) < least) {
    throw new SessionError(
      "Denied",
      `Cannot open streams of ${txBufferSize} and ${rxBufferSize} bytes: each needs ${least} at least; raise txBufferSize and rxBufferSize`,
    );
  }
  const incoming = await request.alloc(frameStreamBytes(txBufferSize));
  const outgoing = await request.alloc(frameStreamBytes(rxBufferSize));
  // Its memory went with the client.
  if (!request.session.open) throw new SessionError("Disconnected", "Cannot open streams: the client is gone");
  return { incoming, outgoing };
}

/** `Self` is the session class that these are options of. */
export interface FrameSessionOptions<Self> {
  /** Whether the server can handle frames with a virtio-net header; the session has them if its client asks for them. */
  readonly offloads?: boolean;
  /** A frame from the client, in shared memory and valid during the call: copy it before decoding anything of it. */
  readonly onFrame: (shared: Uint8Array, session: Self) => void;
  /** The client closed the session, or died. */
  readonly onClose?: () => void;
}

export class FrameSession<Args extends FrameArgs> {
  protected readonly request: SessionRequest<Args>;
  readonly #options: Omit<FrameSessionOptions<never>, "onFrame">;
  readonly #streams: FrameStreams;
  readonly #link: FrameLink;

  protected constructor(request: SessionRequest<Args>, streams: FrameStreams, options: FrameSessionOptions<never>) {
    this.request = request;
    this.#options = options;
    this.#streams = streams;
    // Subclasses take options of their own class, which `this` is one of.
    this.#link = new FrameLink(request.session, streams.outgoing, streams.incoming, (shared) =>
      options.onFrame(shared, this as never),
    );
  }

  get label(): string {
    return this.request.label;
  }

  /** Sends a frame to the client; false when it was dropped. The client is woken once, at the end of the current turn. */
  send(frame: Uint8Array): boolean {
    return this.#link.send(frame);
  }

  get counters(): FrameCounters {
    return this.#link.counters;
  }

  offloads(): boolean {
    return this.#options.offloads === true && this.request.args.offloads;
  }

  txStream(): Capability {
    return this.#streams.incoming.capability;
  }

  rxStream(): Capability {
    return this.#streams.outgoing.capability;
  }

  close(): void {
    this.#options.onClose?.();
  }
}
