/** What shows pictures: the kernel's frame buffer, a connector of a graphics card, or nothing. */
import type { Captured } from "../../sessions/capture/index.js";
import type { Area } from "../../sessions/geometry/geometry.generated.js";

export interface Display {
  /** Among those of its driver; the label of its Capture session. */
  readonly name: string;
  readonly area: Area;
  /** 0 and 0 where nobody knows. */
  readonly millimeters: Area;
  /** What it is, for people. */
  readonly description: string;
  /**
   * Shows what has changed; the pixels are read before it returns. Resolves when the next picture may come, which paces
   * whoever draws where the hardware has a pace.
   * @throws an error of the system when the display is gone
   */
  show(captured: Captured): void | Promise<void>;
  close(): void;
}
