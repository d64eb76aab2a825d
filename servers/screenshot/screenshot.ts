/** A picture of the screen, as a PNG file. */
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import { encodePng } from "../../lib/png.js";
import { Capture } from "../../sessions/capture/index.js";

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
    const { pixels } = await capture.captureAt();
    return encodePng({ width, height, pixels: pixels.bytes.copy(0, 4 * width * height) });
  } finally {
    await capture.close();
  }
}
