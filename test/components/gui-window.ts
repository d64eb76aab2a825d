/**
 * Shows a window filled with one colour, says what keys come, and takes a larger and larger buffer until there is no more.
 * Config: `{ rect, color, grow? }`.
 */
import { component, type SessionError, s } from "../../base/index.js";
import { ConfigFile } from "../../lib/config.js";
import { Gui } from "../../sessions/gui/index.js";

const number = s.integer({});
const configSchema = s.object({
  rect: s.object({ x: number, y: number, width: number, height: number }),
  color: number,
  grow: s.boolean({ default: false }),
});

component(async (env) => {
  const { rect, color, grow } = (await ConfigFile.open(env, configSchema)).current;
  const gui = await env.connect(Gui, { label: "window" });
  const draw = async (size: { readonly width: number; readonly height: number }): Promise<void> => {
    const { pixels } = await gui.makeBuffer(size);
    pixels.fill(color);
    gui.refresh();
    await gui.mode();
  };
  await draw(rect);
  gui.onRedraw(({ pixels }) => {
    pixels.fill(color);
    gui.refresh();
  });
  await gui.view({ rect });
  console.log("shown");
  gui.input.onEvents((events) => {
    for (const event of events)
      if (event.kind === "press" || event.kind === "release") console.log(`${event.kind} ${event.key}`);
  });
  try {
    for (let height = 256; grow; height *= 2) {
      await draw({ width: 1024, height });
      console.log(`grown to ${height}`);
    }
  } catch (error) {
    console.log(`refused: ${(error as SessionError).code}`);
    await draw(rect);
    console.log("small again");
  }
});
