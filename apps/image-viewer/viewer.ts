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

/** Shows what a file has, or says why that is not possible. */
function show(view: PictureView, file: Uint8Array, { mostPixels }: ImageViewerConfig): void {
  try {
    if (file.length === 0) view.say("No picture yet");
    else view.show(decodePng(file, { mostPixels }));
  } catch (error) {
    console.error(errorMessage(error));
    view.say(errorMessage(error));
  }
}

async function grantedFile(env: Env): Promise<Uint8Array> {
  await using platform = await env.connect(Platform);
  using grant = await platform.acquire(label, { kind: "file" });
  return readFileSync(grant.descriptor);
}

export async function openViewer(env: Env, config: ImageViewerConfig): Promise<Window<PictureView>> {
  const rom = config.source === "rom" ? await env.connect(Rom, { label }) : undefined;
  const file = rom === undefined ? await grantedFile(env) : await rom.content();
  const window = await Window.open(env, { title: "Image", size: config }, (frame) => {
    const view = new PictureView(frame);
    show(view, file, config);
    return view;
  });
  const follow = async (): Promise<void> => {
    if (rom !== undefined) show(window.content, await rom.content(), config);
  };
  rom?.onChange(() => void follow());
  // What changed before anybody was told.
  await follow();
  return window;
}
