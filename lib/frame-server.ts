/** The server's end of two frame streams, on dataspaces that its client paid for. */
import type { Dataspace } from "../base/dataspace.js";
import { SessionError } from "../base/errors.js";
import type { Capability } from "../base/message.js";
import type { SessionRequest } from "../base/server.js";
import { type FrameCounters, FrameLink } from "./frame-link.js";
import { frameStreamBytes } from "./frame-stream.js";

/** Room for one frame of the usual length is the least. */
const smallestBuffer = 2048;

export class FrameServer {
  readonly #outgoing: Dataspace;
  readonly #incoming: Dataspace;
  readonly #link: FrameLink;

  private constructor(
    request: SessionRequest<unknown>,
    incoming: Dataspace,
    outgoing: Dataspace,
    handler: (shared: Uint8Array) => void,
  ) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#link = new FrameLink(request.session, outgoing, incoming, handler);
  }

  /** Makes the memory of both streams; the function returned opens them, with the handler of the client's frames. */
  static async prepare(
    request: SessionRequest<{ readonly txBufferSize: number; readonly rxBufferSize: number }>,
  ): Promise<(handler: (shared: Uint8Array) => void) => FrameServer> {
    const { txBufferSize, rxBufferSize } = request.args;
    if (Math.min(txBufferSize, rxBufferSize) < smallestBuffer) {
      throw new SessionError(
        "Denied",
        `Cannot open streams of ${txBufferSize} and ${rxBufferSize} bytes: each needs ${smallestBuffer} at least`,
      );
    }
    const incoming = await request.alloc(frameStreamBytes(txBufferSize));
    const outgoing = await request.alloc(frameStreamBytes(rxBufferSize));
    // Its memory went with the client.
    if (!request.session.open) throw new SessionError("Disconnected", "Cannot open streams: the client is gone");
    return (handler) => new FrameServer(request, incoming, outgoing, handler);
  }

  /** What the client submits frames to. */
  get incoming(): Capability {
    return this.#incoming.capability;
  }

  /** What the client takes frames from. */
  get outgoing(): Capability {
    return this.#outgoing.capability;
  }

  send(frame: Uint8Array): boolean {
    return this.#link.send(frame);
  }

  get counters(): FrameCounters {
    return this.#link.counters;
  }
}
