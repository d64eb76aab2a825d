/**
 * The far end of a stand-in's line, which is its keyboard, and a display: types into the window in the middle of the screen,
 * and says every half second how long it took from a press to the picture that shows it.
 */
import { component } from "../../base/index.js";
import { keyCode } from "../../lib/input/key-codes.js";
import { Occurrence } from "../../lib/occurrence.js";
import { Capture } from "../../sessions/capture/index.js";
import { Event } from "../../sessions/event/index.js";
import { Terminal } from "../../sessions/terminal/index.js";
import { Tally } from "../tally.js";

const click = keyCode("BTN_LEFT");
/** Each changes the picture: a character comes, and goes. */
const keys = ["x", "\x7f"];

component(async (env) => {
  const events = await env.connect(Event);
  const keyboard = await env.connect(Terminal);
  const capture = await env.connect(Capture);
  const area = await capture.screenSize();
  await capture.buffer({ area, millimeters: { width: 0, height: 0 }, viewport: { x: 0, y: 0, ...area } });
  const woken = new Occurrence();
  capture.onWakeup(() => woken.happened());
  /** Resolves once something else is shown. */
  const change = async (): Promise<void> => {
    for (;;) {
      const seen = woken.count;
      if ((await capture.captureAt()).changed.length > 0) return;
      await capture.captureStopped();
      await woken.after(seen);
    }
  };
  /** Until nothing changes any more for a while. */
  const rest = async (milliseconds: number): Promise<void> => {
    for (let last = performance.now(); performance.now() - last < milliseconds; ) {
      if ((await capture.captureAt()).changed.length > 0) last = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  await rest(1000);
  await events.submit([
    { kind: "absolute-motion", x: 0.5, y: 0.5 },
    { kind: "press", key: click },
    { kind: "release", key: click },
  ]);
  await rest(300);
  const tally = new Tally();
  for (let count = 0; ; count += 1) {
    const before = performance.now();
    const pressed = keyboard.write(keys[count % keys.length] as string);
    await change();
    tally.add(before, performance.now());
    await pressed;
    // Everything sleeps again when the next key comes, as it does when people type.
    await rest(20);
  }
});
