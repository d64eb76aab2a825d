/** A picture of the screen, as a PNG file. */
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import { monotonic } from "../../base/monotonic.js";
import { Occurrence } from "../../lib/occurrence.js";
import { encodePng } from "../../lib/png.js";
import { Capture, type CaptureConnection } from "../../sessions/capture/index.js";

/** Milliseconds for which nothing changes in a picture that is taken, and at most until it is. */
const quiet = 100;
const patience = 1000;

/** Who draws for nobody does not: the first look has them draw what they have, and a later one gets it. */
async function settle(capture: CaptureConnection): Promise<void> {
  const changed = new Occurrence();
  const end = capture.onWakeup(() => changed.happened());
  try {
    for (const last = monotonic() + patience; monotonic() < last; ) {
      const seen = changed.count;
      await capture.captureAt();
      await capture.captureStopped();
      await changed.after(seen, AbortSignal.timeout(quiet));
      if (changed.count === seen) return;
    }
  } finally {
    end();
  }
}

/**
 * Takes a picture of the whole screen as it is now. The session that it takes, and the memory, are given back.
 * @throws SessionError `Unavailable` when the screen has no pixels
 */
export async function screenshot(env: Env): Promise<Uint8Array> {
  const capture = await env.connect(Capture);
  try {
    const { width, height } = await capture.screenSize();
    if (width === 0 || height === 0)
      throw new SessionError(
        "Unavailable",
        "Cannot take a picture of the screen: it has no pixels, since no display shows it",
      );
    const area = { width, height };
    await capture.buffer({ area, millimeters: { width: 0, height: 0 }, viewport: { x: 0, y: 0, ...area } });
    await settle(capture);
    const { pixels } = await capture.captureAt();
    return encodePng({ width, height, pixels: pixels.bytes.copy(0, 4 * width * height) });
  } finally {
    await capture.close();
  }
}
