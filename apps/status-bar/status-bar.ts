/** The bar's window, and where what it shows comes from. */
import type { Env } from "../../base/env.js";
import { errorMessage } from "../../base/errors.js";
import { Window } from "../../lib/drawing/window.js";
import { printable } from "../../lib/readable.js";
import { UsageRates } from "../../lib/usage-rates.js";
import { Rom } from "../../sessions/rom/index.js";
import { System } from "../../sessions/system/index.js";
import { Timer } from "../../sessions/timer/index.js";
import { Bar } from "./bar.js";
import { clockText, runClock } from "./clock.js";
import type { StatusBarConfig } from "./config.js";

/** As wide as there is room. */
const widest = 1 << 20;
const measuredEvery = "2s";

export async function openStatusBar(env: Env, config: StatusBarConfig): Promise<Window<Bar>> {
  const text = clockText(config);
  const options = { title: "Status", size: { width: widest, height: config.height } };
  const window = await Window.open(env, options, (frame) => new Bar(config.name, () => frame.changed()));
  const bar = window.content;
  await runClock(env, config, (milliseconds) => {
    bar.clock = text(milliseconds);
  });
  if (config.focus) await followFocus(env, bar);
  if (config.load) await followLoad(env, window);
  return window;
}

async function followFocus(env: Env, bar: Bar): Promise<void> {
  const rom = await env.connect(Rom, { label: "focus" });
  const look = async (): Promise<void> => {
    try {
      const document = (await rom.json()) as { readonly label?: unknown } | undefined;
      bar.focus = typeof document?.label === "string" ? printable(document.label) : "";
    } catch (error) {
      console.error(`Cannot say who has the focus: ${errorMessage(error)}`);
    }
  };
  rom.onChange(() => void look());
  await look();
}

async function followLoad(env: Env, window: Window<Bar>): Promise<void> {
  const system = await env.connect(System);
  const timer = await env.connect(Timer);
  const rates = new UsageRates();
  const measure = async (): Promise<void> => {
    const all = [...rates.take(await system.usage()).values()];
    const sum = (of: (rate: (typeof all)[number]) => number): number =>
      all.reduce((total, rate) => total + of(rate), 0);
    window.content.measured({ processor: sum(({ processor }) => processor), memory: sum(({ memory }) => memory) });
  };
  const failed = (error: unknown): void => console.error(`Cannot measure the load: ${errorMessage(error)}`);
  // Nobody's look costs nothing: what a display has not fetched yet is measured no further.
  const follow = async (): Promise<void> => {
    for (;;) {
      await measure().catch(failed);
      await timer.sleep(measuredEvery);
      await window.fetched();
    }
  };
  follow().catch(failed);
}
