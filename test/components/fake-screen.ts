/** A screen without a device: shows a picture, or one that changes, and says what input came. */
import { component, s } from "../../base/index.js";
import { ConfigFile } from "../../lib/config.js";
import { FakeScreen } from "../support/fake-screen.js";

const configSchema = s.object({
  width: s.integer({ min: 1, default: 1280 }),
  height: s.integer({ min: 1, default: 800 }),
  /** `window`: text that scrolls in a window; `text`: on all of the screen; `film`: every pixel, of all colours. */
  content: s.enumeration(["still", "window", "text", "film"], { default: "still" }),
  changesPerSecond: s.integer({ min: 1, default: 30 }),
});

/** A character cell of nonsense: some pixels of it are ink. */
function ink(x: number, y: number): boolean {
  const cell = Math.imul((x >> 3) * 73856093 + (y >> 4) * 19349663, 0x9e3779b1) >>> 0;
  if (cell % 5 === 0) return false;
  return Math.imul(cell ^ ((x & 7) * 31 + (y & 15) * 17), 0x85ebca6b) >>> 28 < 5 && (y & 15) < 12 && (x & 7) < 7;
}

component(async (env) => {
  const { current } = await ConfigFile.open(env, configSchema);
  const { width, height, content, changesPerSecond } = current;
  const screen = new FakeScreen({ width, height }, (events) => {
    for (const event of events) console.log(`event ${JSON.stringify(event)}`);
  });
  const whole = { x: 0, y: 0, width, height };
  // Quarters of one colour each, and a strip in which no pixel is like its neighbour.
  screen.draw(whole, (x, y) =>
    y < 16
      ? (x * 7919 + y * 104729) & 0xffffff
      : x < width / 2
        ? y < height / 2
          ? 0xff0000
          : 0x00ff00
        : y < height / 2
          ? 0x0000ff
          : 0xffff00,
  );
  await screen.announce(env);
  let step = 0;
  const text = (x: number, y: number): number => (ink(x, y + 16 * step) ? 0xd0d8e0 : 0x101418);
  const changes = {
    still: () => {},
    window: () => screen.draw({ x: 80, y: 80, width: 640, height: 480 }, text),
    text: () => screen.draw(whole, text),
    film: () =>
      screen.draw(whole, (x, y) => {
        const grain = Math.imul(x * y + step, 0x9e3779b1) >>> 28;
        return ((x + 3 * step) & 0xff) | (((y + step) & 0xff) << 8) | (((grain + ((x + y) >> 3)) & 0xff) << 16);
      }),
  };
  setInterval(() => {
    step += 1;
    changes[content]();
  }, 1000 / changesPerSecond);
});
