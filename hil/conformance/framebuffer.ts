/** What every Framebuffer does, with the Input that comes with it. */
import assert from "node:assert/strict";
import type { FramebufferPart } from "../parts.js";
import { type Suite, until } from "./case.js";
import { click, heardUntil, isRelease, keysOf, leftButton, press, release } from "./hand.js";
import { color, found, paint, repaint, seen, syncs } from "./painting.js";

/** Paints the whole buffer; resolves to its size, and where it is seen. */
async function shown({ session, screen }: FramebufferPart) {
  const buffer = await session.map();
  paint(buffer);
  session.refresh();
  return { buffer, place: await found(screen, buffer.area) };
}

export const framebuffer: Suite<"framebuffer"> = {
  need: "framebuffer",
  cases: [
    {
      name: "the buffer has the size of the mode, and is seen pixel by pixel",
      async run(part) {
        const { buffer } = await shown(part);
        assert.deepEqual((await part.session.mode()).area, buffer.area);
      },
    },
    {
      name: "of what is painted later, what was refreshed is seen",
      async run(part) {
        const { buffer, place } = await shown(part);
        const { area, pixels } = buffer;
        pixels.fill(0xffffff);
        part.session.refresh({ x: 5, y: 6, width: 7, height: 8 });
        await until("the part is seen", async () => {
          const picture = await part.screen.screenshot();
          return seen(picture, place.x + 5, place.y + 6) === 0xffffff;
        });
        const picture = await part.screen.screenshot();
        assert.equal(seen(picture, place.x + 11, place.y + 13), 0xffffff);
        const last = { x: area.width - 1, y: area.height - 1 };
        assert.equal(seen(picture, place.x + last.x, place.y + last.y), color(last.x, last.y), "the rest is as before");
      },
    },
    {
      name: "what is copied within the buffer is seen",
      async run(part) {
        const { place } = await shown(part);
        await part.session.blit([{ from: { x: 0, y: 0, width: 10, height: 10 }, to: { x: 50, y: 40 } }]);
        await until("the copy is seen", async () => {
          const picture = await part.screen.screenshot();
          return seen(picture, place.x + 50, place.y + 40) === color(0, 0);
        });
        assert.equal(seen(await part.screen.screenshot(), place.x + 59, place.y + 49), color(9, 9));
      },
    },
    {
      name: "a sync comes once a display has fetched the picture",
      async run(part) {
        await shown(part);
        await syncs(part.session, part.screen);
      },
    },
    {
      name: "input comes in pixels of the buffer, keys in pairs",
      async run(part) {
        const { place } = await shown(part);
        await click(part, { x: place.x + 21, y: place.y + 12 });
        await part.hand.submit([press(30), release(30)]);
        const events = await heardUntil(part.input, "the key", isRelease(30));
        assert.deepEqual(
          events.find(({ kind }) => kind === "absolute-motion"),
          { kind: "absolute-motion", x: 21, y: 12 },
        );
        assert.ok(events.some((event) => event.kind === "press" && event.key === leftButton));
        assert.deepEqual(keysOf(events), ["press 30", "release 30"]);
      },
    },
    {
      name: "when the server was killed, another buffer is painted, and input comes again",
      async run(part, { restart }) {
        const { session } = part;
        repaint(session, 4);
        const { buffer } = await shown(part);
        await restart();
        const place = await found(part.screen, buffer.area, { seed: 4 });
        await click(part, { x: place.x + 1, y: place.y + 1 });
        await heardUntil(part.input, "the click", isRelease(leftButton));
      },
    },
  ],
};
