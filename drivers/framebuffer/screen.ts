/** One display and its Capture session: fetches what has changed as often as the display shows pictures, and not when idle. */
import { monotonic } from "../../base/monotonic.js";
import { Occurrence } from "../../lib/occurrence.js";
import { at0 } from "../../lib/rectangle.js";
import type { CaptureConnection } from "../../sessions/capture/index.js";
import type { Point } from "../../sessions/geometry/geometry.generated.js";
import type { Display } from "./display.js";

/** For how long nothing has to change until the display waits to be woken, in milliseconds. */
const idleAfter = 50;

export interface ScreenOptions {
  /** Where the display is on the screen of the server. */
  readonly position: Point;
  /** Pictures a second, at most. */
  readonly rate: number;
}

export class Screen {
  readonly display: Display;
  readonly #capture: CaptureConnection;
  readonly #options: ScreenOptions;
  readonly #woken = new Occurrence();
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;
  /** Pictures that were shown so far. */
  shown = 0;

  /** `failed` is called when the display can show no more, with the reason. Takes over both. */
  constructor(display: Display, capture: CaptureConnection, options: ScreenOptions, failed: (reason: unknown) => void) {
    this.display = display;
    this.#capture = capture;
    this.#options = options;
    capture.onWakeup(() => this.#woken.happened());
    this.#running = this.#run().catch((reason: unknown) => {
      if (!this.#ending.signal.aborted) failed(reason);
    });
  }

  async #run(): Promise<void> {
    const { display } = this;
    const { signal } = this.#ending;
    const period = 1000 / this.#options.rate;
    await this.#capture.buffer({ area: display.area, millimeters: display.millimeters, viewport: at0(display.area) });
    let lastChange = monotonic();
    let next = lastChange;
    while (!signal.aborted) {
      const woken = this.#woken.count;
      const captured = await this.#capture.captureAt(this.#options.position);
      if (signal.aborted) return;
      if (captured.changed.length > 0) {
        const shown = display.show(captured);
        this.shown += 1;
        lastChange = monotonic();
        await shown;
      } else if (monotonic() - lastChange >= idleAfter) {
        await this.#capture.captureStopped();
        await this.#woken.after(woken, signal);
        lastChange = monotonic();
      }
      const now = monotonic();
      // A picture that was late does not make the following ones early.
      next = Math.max(next + period, now);
      if (next > now) await pause(next - now, signal);
    }
  }

  /** Resolves when the display is no longer used. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#capture.close();
    await this.#running;
    this.display.close();
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
}
