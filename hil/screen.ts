/** The screen of a GUI server: a display of the test's own, whose pixels can be read. */
import type { Env } from "../base/env.js";
import { Capture, type CaptureConnection } from "../sessions/capture/index.js";
import type { Area, Rect } from "../sessions/geometry/geometry.generated.js";
import type { Display } from "./parts.js";
import { Picture } from "./picture.js";

/** Bytes of a pixel in a capture: blue, green, red, and one that is nobody's. */
const captured = 4;

export class Screen implements Display {
  readonly area: Area;
  readonly #capture: CaptureConnection;
  #shown: Picture;

  private constructor(capture: CaptureConnection, area: Area) {
    this.#capture = capture;
    this.area = area;
    this.#shown = new Picture(area.width, area.height);
  }

  static async open(env: Env, area: Area): Promise<Screen> {
    const capture = await env.connect(Capture, { label: "screen" });
    await capture.buffer({ area, millimeters: { width: 0, height: 0 }, viewport: { x: 0, y: 0, ...area } });
    return new Screen(capture, area);
  }

  /** What is shown now: what was shown before, with what the server says has changed. */
  async screenshot(): Promise<Picture> {
    const { pixels, changed } = await this.#capture.captureAt();
    const bytes = new Uint8Array(pixels.buffer);
    for (const rect of changed) this.#take(bytes, rect);
    return new Picture(this.area.width, this.area.height, this.#shown.pixels.slice());
  }

  #take(bytes: Uint8Array, { x, y, width, height }: Rect): void {
    for (let line = y; line < y + height; ++line) {
      const first = line * this.area.width + x;
      for (let at = first; at < first + width; ++at) {
        const blue = at * captured;
        this.#shown.pixels.set([bytes[blue + 2] ?? 0, bytes[blue + 1] ?? 0, bytes[blue] ?? 0, 255], at * 4);
      }
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#capture.close();
  }
}
