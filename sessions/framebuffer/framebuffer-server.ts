/** The server half of Framebuffer: the client's buffers, of which one is shown while it draws the first picture of the next. */
import type { Dataspace } from "../../base/dataspace.js";
import { SessionError } from "../../base/errors.js";
import type { Capability } from "../../base/message.js";
import type { SessionRequest } from "../../base/server.js";
import { PixelBuffer, pixelBufferBytes } from "../../lib/pixel-buffer.js";
import { at0, covers, intersection, isEmpty } from "../../lib/rectangle.js";
import type { Area, Point, Rect } from "../geometry/geometry.generated.js";
import {
  Framebuffer,
  type FramebufferBlit,
  type FramebufferHandlers,
  type FramebufferMode,
} from "./framebuffer.generated.js";

/** Pixels a side: more than any display has. */
const longestSide = 16_384;
/** How many times the buffer's pixels a client may have copied between two syncs. */
const blitsBetweenSyncs = 8;

const sync = Framebuffer.signals.indexOf("sync");
const modeChanged = Framebuffer.signals.indexOf("modeChanged");

/** What the server does with a client's pixels. */
export interface Picture {
  /** There are other pixels in `rect`, which lies in the buffer. */
  refreshed(rect: Rect): void;
  /** Another buffer is shown, or another part of it: everything changed. */
  replaced(): void;
  /** Copies the rectangle within the buffer; both lie inside, and do not overlap. */
  copy(buffer: PixelBuffer, from: Rect, to: Point): void;
}

/**
 * The part of a session, Framebuffer or one that composes it, that has the pixels. The server makes a buffer with
 * {@link resize}; it is shown once the client has fetched it and refreshed for the first time, and until then the one
 * before is.
 */
export class FramebufferSession implements FramebufferHandlers {
  readonly #request: SessionRequest<object>;
  readonly #picture: Picture;
  /** What displays show. */
  #shown: PixelBuffer | undefined;
  /** What the client was given, if it is not shown yet. */
  #given: PixelBuffer | undefined;
  /** What the client will be given. */
  #next: PixelBuffer | undefined;
  #panning: Point = { x: 0, y: 0 };
  #unsynced = false;
  #blitted = 0;
  #syncSource = "";

  constructor(request: SessionRequest<object>, picture: Picture) {
    this.#request = request;
    this.#picture = picture;
  }

  /** What is shown; undefined before the client has refreshed for the first time. */
  get shown(): PixelBuffer | undefined {
    return this.#shown;
  }

  /** Which pixel of {@link shown} is at the top left. */
  get offset(): Point {
    return this.#panning;
  }

  /** The label of the display whose captures the client wants to follow; empty for any that shows it. */
  get source(): string {
    return this.#syncSource;
  }

  /** The client has refreshed since it was last told that a display fetched its pixels. */
  get unsynced(): boolean {
    return this.#unsynced;
  }

  /**
   * Makes the next buffer out of the client's donation, and tells the client.
   * @throws SessionError `InvalidArgument` for an area without pixels or too large, `InsufficientRam` with `bytes` that
   * are missing at most
   */
  async resize(area: Area, alpha: boolean): Promise<void> {
    if (isEmpty(area) || area.width > longestSide || area.height > longestSide) {
      throw new SessionError(
        "InvalidArgument",
        `Cannot make a buffer of ${area.width} by ${area.height} pixels: sides of 1 to ${longestSide} are possible`,
      );
    }
    const mode: FramebufferMode = { area: { width: area.width, height: area.height }, alpha };
    this.#drop(this.#next);
    this.#next = undefined;
    const next = new PixelBuffer(await this.#memory(pixelBufferBytes(mode)), mode);
    // Another call may have made one meanwhile.
    this.#drop(this.#next);
    this.#next = next;
    this.#request.session.raise(modeChanged);
  }

  async #memory(bytes: number): Promise<Dataspace> {
    try {
      return await this.#request.alloc(bytes);
    } catch (error) {
      const code = error instanceof SessionError ? error.code : "";
      if (code === "OutOfRam")
        throw new SessionError("InsufficientRam", `A buffer of ${bytes} bytes must be donated`, { bytes });
      if (code === "OutOfCaps") throw new SessionError("InsufficientCaps", "A buffer needs a capability");
      throw error;
    }
  }

  #drop(buffer: PixelBuffer | undefined): void {
    if (buffer !== undefined) this.#request.free(buffer.dataspace);
  }

  /** The buffer into which the client draws. */
  get #drawn(): PixelBuffer | undefined {
    return this.#given ?? this.#shown;
  }

  mode(): FramebufferMode {
    const { area, alpha } = this.#next ?? this.#drawn ?? { area: { width: 0, height: 0 }, alpha: false };
    return { area, alpha };
  }

  dataspace(): Capability {
    if (this.#next !== undefined) {
      this.#drop(this.#given);
      this.#given = this.#next;
      this.#next = undefined;
    }
    const buffer = this.#drawn;
    if (buffer === undefined)
      throw new SessionError("InvalidArgument", "Cannot map the pixels: there is no buffer yet; make one first");
    return buffer.dataspace.capability;
  }

  refresh(rect: Rect): void {
    const drawn = this.#drawn;
    if (drawn === undefined) return;
    this.#unsynced = true;
    if (this.#given !== undefined) {
      const old = this.#shown;
      this.#shown = this.#given;
      this.#given = undefined;
      this.#picture.replaced();
      this.#drop(old);
      return;
    }
    const common = intersection(rect, at0(drawn.area));
    if (!isEmpty(common)) this.#picture.refreshed(common);
  }

  /** Leaves out, as harmless, what does not lie inside or overlaps its copy. */
  blit(blits: readonly FramebufferBlit[]): boolean {
    const buffer = this.#drawn;
    if (buffer === undefined) return true;
    const bounds = at0(buffer.area);
    const possible = blits.filter(({ from, to }) => {
      const target = { ...from, ...to };
      return !isEmpty(from) && covers(bounds, from) && covers(bounds, target) && isEmpty(intersection(from, target));
    });
    const pixels = possible.reduce((sum, { from }) => sum + from.width * from.height, 0);
    if (this.#blitted > 0 && this.#blitted + pixels > blitsBetweenSyncs * bounds.width * bounds.height) return false;
    this.#blitted += pixels;
    for (const { from, to } of possible) {
      this.#picture.copy(buffer, from, to);
      this.refresh({ ...from, ...to });
    }
    this.#unsynced = true;
    return true;
  }

  panning(point: Point): void {
    this.#panning = point;
    this.#unsynced = true;
    this.#picture.replaced();
  }

  syncSource(label: string): void {
    this.#syncSource = label;
  }

  /** A display has fetched what is shown. */
  synced(): void {
    if (!this.#unsynced) return;
    this.#unsynced = false;
    this.#blitted = 0;
    this.#request.session.raise(sync);
  }

  /** The session ended, and its memory with it. */
  close(): void {
    this.#shown = undefined;
    this.#given = undefined;
    this.#next = undefined;
  }
}
