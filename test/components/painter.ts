/** Shows one window of 160 x 60 pixels at 10, 5: each pixel has its place in its colour, `#XXYY80`. */
import { component } from "../../base/index.js";
import { Gui } from "../../sessions/gui/index.js";

const [width, height] = [160, 60];

component(async (env) => {
  const gui = await env.connect(Gui);
  const draw = ({ pixels }: { readonly pixels: Uint32Array }): void => {
    for (let y = 0; y < height; ++y)
      for (let x = 0; x < width; ++x) pixels[y * width + x] = (x << 16) | (y << 8) | 0x80;
    gui.refresh();
  };
  gui.onRedraw(draw);
  const buffer = await gui.makeBuffer({ width, height });
  await gui.view({ rect: { x: 10, y: 5, width, height } });
  draw(buffer);
  await gui.mode();
  console.log("painted");
});
