/** Events of a script: what somebody would have done, without hands. */
import { keyCode } from "../../lib/input/key-codes.js";
import type { EventConnection, InputEvent } from "../../sessions/event/index.js";
import type { ScriptStep } from "./config.js";
import { typedKeys } from "./typed-keys.js";

/** What a step does, in the order in which its keys are described. */
function eventsOf(step: ScriptStep): InputEvent[] {
  const { press, release, type, move, point, wheel, touch, lift, axis } = step;
  return [
    ...(press === undefined ? [] : [{ kind: "press", key: keyCode(press) } as const]),
    ...(release === undefined ? [] : [{ kind: "release", key: keyCode(release) } as const]),
    ...(type === undefined ? [] : typedKeys(type)),
    ...(move === undefined ? [] : [{ kind: "relative-motion", ...move } as const]),
    ...(point === undefined ? [] : [{ kind: "absolute-motion", ...point } as const]),
    ...(wheel === undefined ? [] : [{ kind: "wheel", ...wheel } as const]),
    ...(touch === undefined ? [] : [{ kind: "touch", ...touch } as const]),
    ...(lift === undefined ? [] : [{ kind: "touch-release", id: lift } as const]),
    ...(axis === undefined ? [] : [{ kind: "axis", axis: axis.name, value: axis.value } as const]),
  ];
}

/** Between rounds of a script that waits nowhere, in milliseconds: others have their turn. */
const shortestRound = 1;

/** Carries out a script until it ends, or `signal` fires; what it holds then is released. */
export async function playScript(
  events: EventConnection,
  {
    script,
    repeat,
    signal,
  }: { readonly script: readonly ScriptStep[]; readonly repeat: boolean; readonly signal: AbortSignal },
): Promise<void> {
  do {
    for (const step of script) {
      await pause(step.after, signal);
      if (signal.aborted) return events.release();
      await events.submit(eventsOf(step));
    }
    await pause(shortestRound, signal);
  } while (repeat && script.length > 0 && !signal.aborted);
  await events.release();
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds === 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done, { once: true });
  });
}
