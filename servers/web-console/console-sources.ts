/** The sessions behind the pages: each may be missing, and a console without it shows the rest. */
import type { Env } from "../../base/env.js";
import { errorMessage, SessionError } from "../../base/errors.js";
import type { SessionType } from "../../base/session.js";
import { Capture, type CaptureConnection } from "../../sessions/capture/index.js";
import { Event, type EventConnection } from "../../sessions/event/index.js";
import type { LiveScreen } from "./live-screen.js";
import type { SharedInput } from "./shared-input.js";

/** A session, or undefined where no route leads to one. */
export async function connectIfRouted<Options extends object, Connection>(
  env: Env,
  type: SessionType<Options, Connection>,
  options: Options,
  what: string,
): Promise<Connection | undefined> {
  try {
    return await type.open(env, options);
  } catch (error) {
    if (!(error instanceof SessionError) || error.code !== "Denied") throw error;
    console.log(`This console does without ${what}: ${errorMessage(error)}`);
    return undefined;
  }
}

/** More than any frame can say, and than anybody wants to send. */
const largestSide = 16384;

/** Shows a Capture session's screen on `screen`, whatever size it has and gets. */
export async function showCapture(env: Env, screen: LiveScreen): Promise<CaptureConnection | undefined> {
  const capture = await connectIfRouted(env, Capture, { label: "screen" }, "a screen");
  if (capture === undefined) return undefined;
  let last = Promise.resolve();
  const fit = async (): Promise<void> => {
    const area = await capture.screenSize();
    const { width, height } = area;
    if (width === 0 || height === 0 || width > largestSide || height > largestSide) return;
    if (screen.size?.width === width && screen.size.height === height) return screen.wake();
    await capture.buffer({ area, millimeters: { width: 0, height: 0 }, viewport: { x: 0, y: 0, ...area } });
    screen.attach(capture, area);
  };
  const follow = (): void => {
    last = last.then(fit).catch((error: unknown) => console.error(`Cannot show the screen: ${errorMessage(error)}`));
  };
  capture.onScreenSizeChange(follow);
  capture.onWakeup(() => screen.wake());
  follow();
  await last;
  return capture;
}

/** Lets the input of browsers go into an Event session. */
export async function passEvents(env: Env, input: SharedInput): Promise<EventConnection | undefined> {
  const events = await connectIfRouted(env, Event, { label: "browsers" }, "input");
  if (events === undefined) input.refuse();
  else input.attach((batch) => events.submit(batch));
  return events;
}
