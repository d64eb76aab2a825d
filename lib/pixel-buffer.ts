/** Pixels in shared memory, laid out as the Framebuffer session says. */
import type { Dataspace } from "../base/dataspace.js";
import { SessionError } from "../base/errors.js";
import type { FramebufferMode } from "../sessions/framebuffer/framebuffer.generated.js";
import type { Area } from "../sessions/geometry/geometry.generated.js";

/** Bytes of the memory of a mode: 4 a pixel, 6 with alpha. */
export function pixelBufferBytes({ area: { width, height }, alpha }: FramebufferMode): number {
  return width * height * (alpha ? 6 : 4);
}

/**
 * A picture: `pixels`, and with alpha a plane of opacity and one of the input mask, all in lines of `area.width`.
 *
 * The arrays lie on shared memory. Once the buffer is replaced or its session closed they have no elements, and writing
 * to them does nothing: take them from the buffer anew rather than keep them.
 */
export class PixelBuffer implements Disposable {
  readonly area: Area;
  readonly alpha: boolean;
  readonly dataspace: Dataspace;
  /** One 0xRRGGBB a pixel. */
  readonly pixels: Uint32Array;
  /** 0: transparent, 255: opaque. */
  readonly opacity: Uint8Array | undefined;
  /** 0: input at this pixel is for what lies behind it. */
  readonly inputMask: Uint8Array | undefined;

  /** Takes the dataspace over, also when it fails. @throws SessionError `Malformed` when it is too small for the mode */
  constructor(dataspace: Dataspace, { area, alpha }: FramebufferMode) {
    const bytes = pixelBufferBytes({ area, alpha });
    if (dataspace.size < bytes) {
      dataspace.close();
      throw new SessionError(
        "Malformed",
        `Cannot use a buffer of ${dataspace.size} bytes: ${area.width} by ${area.height} pixels need ${bytes}`,
      );
    }
    const count = area.width * area.height;
    this.area = area;
    this.alpha = alpha;
    this.dataspace = dataspace;
    this.pixels = new Uint32Array(dataspace.buffer, 0, count);
    this.opacity = alpha ? new Uint8Array(dataspace.buffer, 4 * count, count) : undefined;
    this.inputMask = alpha ? new Uint8Array(dataspace.buffer, 5 * count, count) : undefined;
  }

  [Symbol.dispose](): void {
    this.dataspace.close();
  }
}
