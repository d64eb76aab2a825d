/** Sits in front of a GUI server: types what its configuration says, and logs how many colours it sees where. */
import { component } from "../../base/index.js";
import { keyCode } from "../../lib/input/key-codes.js";
import { Capture } from "../../sessions/capture/index.js";
import { Event, type InputEvent } from "../../sessions/event/index.js";
import type { Rect } from "../../sessions/geometry/geometry.generated.js";
import { Rom } from "../../sessions/rom/index.js";

interface Config {
  readonly screen: { readonly width: number; readonly height: number };
  /** Clicked first, as shares of the screen; then this is typed. */
  readonly click?: { readonly x: number; readonly y: number };
  readonly type?: string;
  readonly regions: Readonly<Record<string, Rect>>;
}

const keys: Readonly<Record<string, string>> = { "\n": "KEY_ENTER", " ": "KEY_SPACE" };

function typed(character: string): InputEvent[] {
  const key = keyCode(keys[character] ?? `KEY_${character.toUpperCase()}`);
  return [
    { kind: "press", key, character: character.codePointAt(0) as number },
    { kind: "release", key },
  ];
}

component(async (env) => {
  const rom = await env.connect(Rom, { label: "config" });
  let config = (await rom.json()) as Config;
  const { screen } = config;
  const capture = await env.connect(Capture);
  const events = await env.connect(Event);
  await capture.buffer({ area: screen, millimeters: { width: 0, height: 0 }, viewport: { x: 0, y: 0, ...screen } });
  const act = async (): Promise<void> => {
    config = (await rom.json()) as Config;
    const button = keyCode("BTN_LEFT");
    if (config.click !== undefined)
      await events.submit([
        { kind: "absolute-motion", ...config.click },
        { kind: "press", key: button },
        { kind: "release", key: button },
      ]);
    for (const character of config.type ?? "") await events.submit(typed(character));
  };
  rom.onChange(() => void act());
  await act();
  let said = "";
  for (;;) {
    const { pixels } = await capture.captureAt();
    // private copy: the picture may change while its colours are counted
    const copy = pixels.bytes.copy(0, screen.width * screen.height * 4);
    const picture = new Uint32Array(copy.buffer);
    const colors = Object.entries(config.regions).map(([name, { x, y, width, height }]) => {
      const seen = new Set<number>();
      for (let row = y; row < y + height; ++row)
        for (let column = x; column < x + width; ++column)
          seen.add((picture[row * screen.width + column] as number) & 0xffffff);
      return `${name} ${seen.size}`;
    });
    const text = colors.join(", ");
    if (text !== said) console.log(text);
    said = text;
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
});
