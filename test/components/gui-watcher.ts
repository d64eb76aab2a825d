/**
 * Says the pixels at some points of the screen whenever they change, and presses the button at one as soon as there is a
 * window. Config: `{ points, click? }`.
 */
import { component, s } from "../../base/index.js";
import { ConfigFile } from "../../lib/config.js";
import { Occurrence } from "../../lib/occurrence.js";
import { Capture } from "../../sessions/capture/index.js";
import { Event } from "../../sessions/event/index.js";

const area = { width: 100, height: 100 };
/** Of the GUI server, where no window is. */
const background = 0x20_24_2c;
const point = s.object({ x: s.integer({}), y: s.integer({}) });
const configSchema = s.object({ points: s.array(point), click: point.optional() });

component(async (env) => {
  const { points, click } = (await ConfigFile.open(env, configSchema)).current;
  const capture = await env.connect(Capture);
  await capture.buffer({ area, millimeters: { width: 0, height: 0 }, viewport: { x: 0, y: 0, ...area } });
  const press = async (x: number, y: number): Promise<void> => {
    const events = await env.connect(Event);
    await events.submit([
      { kind: "absolute-motion", x: (x + 0.5) / area.width, y: (y + 0.5) / area.height },
      { kind: "press", key: 0x110 },
    ]);
  };
  let pressed = false;
  const woken = new Occurrence();
  capture.onWakeup(() => woken.happened());
  let last = "";
  let captures = 0;
  for (;;) {
    const seen = woken.count;
    const { pixels } = await capture.captureAt();
    captures += 1;
    const shown = new Uint32Array(pixels.buffer);
    const at = (x: number, y: number): number => (shown[y * area.width + x] as number) & 0xffffff;
    const text = points.map(({ x, y }) => at(x, y).toString(16)).join(" ");
    if (text !== last) console.log(`${text} after ${captures}`);
    last = text;
    // From here on the picture may be another.
    const there = click !== undefined && at(click.x, click.y) !== background;
    if (there && !pressed) {
      pressed = true;
      await press(click.x, click.y);
    }
    await capture.captureStopped();
    await woken.after(seen);
  }
});
