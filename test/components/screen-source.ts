/**
 * A Capture server with a picture: a colour for each place, and rectangles of one colour over it, as its config says.
 * The tests of display drivers in a machine know the colours.
 */
import { component } from "../../base/index.js";
import { s } from "../../base/schema.js";
import { ConfigFile } from "../../lib/config.js";
import { FakeScreen } from "../support/fake-screen.js";

const number = s.integer({ min: 0 });
const configSchema = s.object({
  width: s.integer({ default: 1040 }),
  height: s.integer({ default: 780 }),
  rectangles: s.array(s.object({ x: number, y: number, width: number, height: number, color: number }), {
    default: [],
  }),
});

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const { width, height } = config.current;
  const screen = new FakeScreen({ width, height });
  screen.draw({ x: 0, y: 0, width, height }, (x, y) => ((x & 255) << 16) | ((y & 255) << 8) | ((x >> 3) & 255));
  config.follow(({ rectangles }) => {
    for (const { color, ...rect } of rectangles) screen.draw(rect, () => color);
  });
  await screen.announce(env);
});
