/** The server half of Capture: the display's buffer; what is drawn into it is a {@link CaptureSource}'s business. */
import { SessionError } from "../../base/errors.js";
import type { Capability } from "../../base/message.js";
import type { SessionRequest } from "../../base/server.js";
import { PixelBuffer, pixelBufferBytes } from "../../lib/pixel-buffer.js";
import { at0, covers, isEmpty } from "../../lib/rectangle.js";
import type { Area, Point, Rect } from "../geometry/geometry.generated.js";
import { Capture, type CaptureAttributes, type CaptureHandlers } from "./capture.generated.js";

/** Pixels a side: more than any display has. */
const longestSide = 16_384;
/** Rectangles that the interface can tell of at once. */
export const captureMostRects = 3;

const screenSizeChanged = Capture.signals.indexOf("screenSizeChanged");
const wakeup = Capture.signals.indexOf("wakeup");

/** Where a display's picture comes from. */
export interface CaptureSource {
  readonly screenSize: Area;
  /** The display shows something else, or something at all; everything is to be drawn into a new buffer. */
  configured(attributes: CaptureAttributes): void;
  /** Draws what has changed since the last call, of the screen from `point` on; returns where in the buffer. */
  capture(buffer: PixelBuffer, point: Point): readonly Rect[];
  /** Whether the next {@link capture} would draw something. */
  readonly changed: boolean;
  close(): void;
}

export class CaptureSession implements CaptureHandlers {
  readonly #request: SessionRequest<object>;
  readonly #source: CaptureSource;
  #buffer: PixelBuffer | undefined;
  #stopped = false;

  constructor(request: SessionRequest<object>, attach: (session: CaptureSession) => CaptureSource) {
    this.#request = request;
    this.#source = attach(this);
  }

  get label(): string {
    return this.#request.label;
  }

  /** For the source: something has changed. */
  damaged(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#request.session.raise(wakeup);
  }

  /** For the source: the screen has another size. */
  resized(): void {
    this.#request.session.raise(screenSizeChanged);
  }

  screenSize(): Area {
    const { width, height } = this.#source.screenSize;
    return { width, height };
  }

  async buffer(attributes: CaptureAttributes): Promise<void> {
    const { area, viewport } = attributes;
    if (isEmpty(area) || area.width > longestSide || area.height > longestSide || !covers(at0(area), viewport)) {
      throw new SessionError(
        "InvalidArgument",
        `Cannot capture ${area.width} by ${area.height} pixels: sides of 1 to ${longestSide} are possible, and the viewport lies inside`,
      );
    }
    const mode = { area, alpha: false };
    const old = this.#buffer;
    this.#buffer = undefined;
    if (old !== undefined) this.#request.free(old.dataspace);
    const bytes = pixelBufferBytes(mode);
    const fresh = await this.#request.alloc(bytes).catch((error: unknown) => {
      const code = error instanceof SessionError ? error.code : "";
      if (code === "OutOfRam")
        throw new SessionError("InsufficientRam", `A buffer of ${bytes} bytes must be donated`, { bytes });
      if (code === "OutOfCaps") throw new SessionError("InsufficientCaps", "A buffer needs a capability");
      throw error;
    });
    // Our own mapping stays writable; the display reads.
    fresh.sealWrites();
    const raced = this.#buffer as PixelBuffer | undefined;
    if (raced !== undefined) this.#request.free(raced.dataspace);
    this.#buffer = new PixelBuffer(fresh, mode);
    this.#source.configured(attributes);
  }

  dataspace(): Capability {
    return this.#made().dataspace.capability;
  }

  #made(): PixelBuffer {
    if (this.#buffer !== undefined) return this.#buffer;
    throw new SessionError("InvalidArgument", "Cannot capture: there is no buffer yet; make one first");
  }

  captureAt(point: Point): readonly Rect[] {
    this.#stopped = false;
    return this.#source.capture(this.#made(), point);
  }

  captureStopped(): void {
    this.#stopped = true;
    if (this.#source.changed) this.damaged();
  }

  close(): void {
    this.#buffer = undefined;
    this.#source.close();
  }
}
