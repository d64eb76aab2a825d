/** What suites do with a hand before a screen, and what a client hears of it. */
import type { InputEvent } from "../../sessions/event/index.js";
import type { Area, Point } from "../../sessions/geometry/geometry.generated.js";
import type { InputConnection } from "../../sessions/input/index.js";
import type { Seat } from "../parts.js";
import { until } from "./case.js";

export const leftButton = 0x110;

export const press = (key: number): InputEvent => ({ kind: "press", key });
export const release = (key: number): InputEvent => ({ kind: "release", key });

/** A pointer at the middle of a pixel of the screen. */
export function pointAt({ width, height }: Area, { x, y }: Point): InputEvent {
  return { kind: "absolute-motion", x: (x + 0.5) / width, y: (y + 0.5) / height };
}

export async function click({ hand, screen }: Seat, point: Point): Promise<void> {
  await hand.submit([pointAt(screen.area, point), press(leftButton), release(leftButton)]);
}

/** All that a client has heard since the last time, until something fulfils a condition. */
export async function heardUntil(
  input: InputConnection,
  what: string,
  condition: (event: InputEvent) => boolean,
): Promise<InputEvent[]> {
  const events: InputEvent[] = [];
  await until(what, async () => {
    events.push(...(await input.flush()));
    return events.some(condition);
  });
  return events;
}

export function isRelease(key: number): (event: InputEvent) => boolean {
  return (event) => event.kind === "release" && event.key === key;
}

/** Presses and releases of keys of the keyboard, as words. */
export function keysOf(events: readonly InputEvent[]): string[] {
  return events.flatMap((event) =>
    (event.kind === "press" || event.kind === "release") && event.key < 0x100 ? [`${event.kind} ${event.key}`] : [],
  );
}
