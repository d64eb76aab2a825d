/** Shows one window of 40 x 30 pixels at 10, 5: each pixel has its place in its colour, `#XXYY80`. */
import { component } from "../../base/index.js";
import { Gui } from "../../sessions/gui/index.js";

component(async (env) => {
  const gui = await env.connect(Gui);
  const [width, height] = [40, 30];
  const { dataspace } = await gui.makeBuffer({ width, height });
  const pixels = new Uint32Array(dataspace.buffer, 0, width * height);
  for (let y = 0; y < height; ++y) for (let x = 0; x < width; ++x) pixels[y * width + x] = (x << 16) | (y << 8) | 0x80;
  await gui.view({ rect: { x: 10, y: 5, width, height } });
  gui.refresh();
  await gui.mode();
  console.log("painted");
});
