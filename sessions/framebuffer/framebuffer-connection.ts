/** The client half of Framebuffer: mapped pixels, and when the next picture may be drawn. */
import { Dataspace } from "../../base/dataspace.js";
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import type { CallOptions } from "../../base/interface.js";
import type { Session, SessionOptions, SessionType } from "../../base/session.js";
import { Occurrence } from "../../lib/occurrence.js";
import { PixelBuffer } from "../../lib/pixel-buffer.js";
import { at0 } from "../../lib/rectangle.js";
import { onGivenUp, untilAnswered } from "../../lib/repetition.js";
import { Watchers } from "../../lib/watchers.js";
import type { Point, Rect } from "../geometry/geometry.generated.js";
import {
  type FramebufferArgs,
  type FramebufferBlit,
  type FramebufferClient,
  type FramebufferHandlers,
  Framebuffer as FramebufferInterface,
  type FramebufferMode,
} from "./framebuffer.generated.js";

export type FramebufferOptions = SessionOptions;

export type FramebufferPort = Session<FramebufferClient, FramebufferHandlers, FramebufferArgs>;

function sameMode(a: FramebufferMode, b: FramebufferMode): boolean {
  return a.area.width === b.area.width && a.area.height === b.area.height && a.alpha === b.alpha;
}

/**
 * Pixels that a server shows.
 *
 * When the server restarts, the session is opened anew and {@link buffer} is another one, which is empty, and shown from
 * its first refresh on: {@link onRedraw} tells when to draw it.
 */
export class FramebufferConnection implements AsyncDisposable {
  readonly #port: FramebufferPort;
  #buffer: PixelBuffer | undefined;
  readonly #synced = new Occurrence();
  /** How often the display had synced when the last refresh was sent; undefined once that was waited for. */
  #refreshed: number | undefined;
  #panning: Point | undefined;
  #syncSource: string | undefined;
  readonly #modeWatchers = new Watchers();
  readonly #redrawWatchers = new Watchers<[buffer: PixelBuffer]>();
  readonly #ended = new AbortController();

  constructor(port: FramebufferPort) {
    this.#port = port;
    port.onSignal("sync", () => this.#synced.happened());
    port.onSignal("modeChanged", () => this.#modeWatchers.tell());
    onGivenUp(port, (reason) => this.#ended.abort(reason));
    // Where the session ends again meanwhile, the next reopening restores it.
    port.onReopened(() => this.restore().catch(() => {}));
  }

  /** The mode that the next {@link map} brings. */
  mode(options?: CallOptions): Promise<FramebufferMode> {
    return untilAnswered(this.#port, () => this.#port.client.mode(options));
  }

  /** The buffer that was mapped last; undefined before the first {@link map}. */
  get buffer(): PixelBuffer | undefined {
    return this.#buffer;
  }

  /** Maps the buffer in the current mode, and unmaps the one before. */
  async map(): Promise<PixelBuffer> {
    return untilAnswered(this.#port, async () => {
      const { client } = this.#port;
      for (;;) {
        const mode = await client.mode();
        const dataspace = Dataspace.of(await client.dataspace(), { writable: true });
        // The mode may have changed in between, and then the memory is of the other one.
        if (sameMode(mode, await client.mode())) return this.#replace(new PixelBuffer(dataspace, mode));
        dataspace.close();
      }
    });
  }

  #replace(buffer: PixelBuffer): PixelBuffer {
    this.#buffer?.[Symbol.dispose]();
    this.#buffer = buffer;
    return buffer;
  }

  /** Brings a new server into the old state, but for the pixels: their memory went with the old one. */
  protected async restore(): Promise<void> {
    const { client } = this.#port;
    if (this.#syncSource !== undefined) await client.syncSource(this.#syncSource);
    if (this.#panning !== undefined) await client.panning(this.#panning);
    if (this.#buffer !== undefined) this.#redrawWatchers.tell(await this.map());
    // What was refreshed before is not shown any more: nobody waits for that.
    this.#synced.happened();
  }

  /** Says that there was drawn: in `rect`, or everywhere. */
  refresh(rect?: Rect): void {
    if (this.#buffer === undefined && rect === undefined) return;
    this.#refreshed = this.#synced.count;
    // When it is lost with its server, everything is drawn anew.
    this.#port.client.refresh(rect ?? at0((this.#buffer as PixelBuffer).area)).catch(() => {});
  }

  /**
   * Resolves once a display has fetched what was refreshed: the time to draw the next picture. At once where nothing was
   * refreshed since the last time. A picture that no display shows is fetched when one does.
   * @throws SessionError `Aborted` when `signal` fires
   */
  async sync({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const seen = this.#refreshed;
    if (seen === undefined) return;
    await this.#synced.after(seen, signal, this.#ended.signal);
    if (this.#ended.signal.aborted) throw this.#ended.signal.reason;
    if (this.#synced.count === seen) throw new SessionError("Aborted", `Wait for ${this.#port.name} to show aborted`);
    if (this.#refreshed === seen) this.#refreshed = undefined;
  }

  /** Copies within the buffer, and refreshes; waits while the server is busy with those before. */
  async blit(blits: readonly FramebufferBlit[], options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    for (;;) {
      this.#refreshed = this.#synced.count;
      if (await untilAnswered(this.#port, () => this.#port.client.blit(blits))) return;
      await this.sync(options);
    }
  }

  /** Which pixel of the buffer is shown at the top left. Outlives a restart of the server. */
  panning(point: Point): void {
    this.#panning = point;
    this.#refreshed = this.#synced.count;
    this.#port.client.panning(point).catch(() => {});
  }

  /** Whose display {@link sync} follows, by its label; empty for whichever shows this buffer. */
  async syncSource(label: string): Promise<void> {
    this.#syncSource = label;
    await untilAnswered(this.#port, () => this.#port.client.syncSource(label));
  }

  /** Calls `watcher` when there is another mode, which {@link map} brings. Returns the function that ends it. */
  onModeChange(watcher: () => void): () => void {
    return this.#modeWatchers.add(watcher);
  }

  /** Calls `watcher` when the server restarted, and everything must be drawn anew. Returns the function that ends it. */
  onRedraw(watcher: (buffer: PixelBuffer) => void): () => void {
    return this.#redrawWatchers.add(watcher);
  }

  async close(): Promise<void> {
    this.#ended.abort(new SessionError("Disconnected", `Cannot use ${this.#port.name}: it was closed`));
    this.#buffer?.[Symbol.dispose]();
    this.#buffer = undefined;
    await this.#port.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Pixels that a client draws, and a server shows. */
export const Framebuffer: SessionType<FramebufferOptions, FramebufferConnection> = {
  interface: FramebufferInterface,
  async open(env: Env, options: FramebufferOptions): Promise<FramebufferConnection> {
    return new FramebufferConnection(await env.session(FramebufferInterface, {}, options));
  },
};
