/** Says the pixels at some points of the screen whenever they change, and clicks at one. Config: `{ points, click? }`. */
import { component, s } from "../../base/index.js";
import { ConfigFile } from "../../lib/config.js";
import { Occurrence } from "../../lib/occurrence.js";
import { Capture } from "../../sessions/capture/index.js";
import { Event } from "../../sessions/event/index.js";

const area = { width: 100, height: 100 };
const point = s.object({ x: s.integer({}), y: s.integer({}) });
const configSchema = s.object({ points: s.array(point), click: point.optional() });

component(async (env) => {
  const { points, click } = (await ConfigFile.open(env, configSchema)).current;
  const capture = await env.connect(Capture);
  await capture.buffer({ area, millimeters: { width: 0, height: 0 }, viewport: { x: 0, y: 0, ...area } });
  if (click !== undefined) {
    const events = await env.connect(Event);
    await events.submit([
      { kind: "absolute-motion", x: click.x / area.width, y: click.y / area.height },
      { kind: "press", key: 0x110 },
    ]);
  }
  const woken = new Occurrence();
  capture.onWakeup(() => woken.happened());
  let last = "";
  let captures = 0;
  for (;;) {
    const seen = woken.count;
    const { pixels } = await capture.captureAt();
    captures += 1;
    const shown = new Uint32Array(pixels.buffer);
    const text = points.map(({ x, y }) => ((shown[y * area.width + x] as number) & 0xffffff).toString(16)).join(" ");
    if (text !== last) console.log(`${text} after ${captures}`);
    last = text;
    await capture.captureStopped();
    await woken.after(seen);
  }
});
