/** Reads the picture, and opens the window that shows it. */
import { readFileSync } from "node:fs";
import type { Env } from "../../base/env.js";
import { errorMessage } from "../../base/errors.js";
import { Window } from "../../lib/drawing/window.js";
import { decodePng } from "../../lib/png-decoder.js";
import { Platform } from "../../sessions/platform/index.js";
import { Rom } from "../../sessions/rom/index.js";
import type { ImageViewerConfig } from "./config.js";
import { PictureView } from "./picture-view.js";

const label = "image";

export async function openViewer(env: Env, config: ImageViewerConfig): Promise<Window<PictureView>> {
  const options = { title: "Image", size: config, label };
  const window = await Window.open(env, options, (frame) => new PictureView(frame));
  const view = window.content;
  const show = (file: Uint8Array): void => {
    try {
      if (file.length === 0) view.say("No picture yet");
      else view.show(decodePng(file, { mostPixels: config.mostPixels }));
    } catch (error) {
      console.error(errorMessage(error));
      view.say(errorMessage(error));
    }
  };
  if (config.source === "grant") {
    await using platform = await env.connect(Platform);
    using grant = await platform.acquire(label, { kind: "file" });
    show(readFileSync(grant.descriptor));
  } else {
    const rom = await env.connect(Rom, { label });
    const follow = async (): Promise<void> => show(await rom.content());
    rom.onChange(() => void follow());
    await follow();
  }
  return window;
}
