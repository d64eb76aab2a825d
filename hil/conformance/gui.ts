/** What every Gui does, wherever it puts windows: they are looked for on the screen. */
import assert from "node:assert/strict";
import type { GuiConnection, GuiView } from "../../sessions/gui/index.js";
import type { GuiPart } from "../parts.js";
import { refusal, type Suite, until } from "./case.js";
import { click, heardUntil, isRelease, keysOf, leftButton, pointAt, press, release } from "./hand.js";
import { color, find, found, paint, repaint, seen, syncs } from "./painting.js";

const size = { width: 120, height: 80 };

/** A painted window. */
async function window(gui: GuiConnection, { seed = 0, x = 20, y = 40 } = {}): Promise<GuiView> {
  paint(await gui.makeBuffer(size), seed);
  const view = await gui.view({ title: `window ${seed}`, rect: { x, y, ...size } });
  gui.refresh();
  return view;
}

/** Windows of two clients, of which neither hides the other, and where they are. */
async function two(part: GuiPart) {
  const second = await part.second();
  await window(part.session, { seed: 1 });
  await window(second, { seed: 2, x: 260, y: 200 });
  const places = [await found(part.screen, size, { seed: 1 }), await found(part.screen, size, { seed: 2 })] as const;
  return { second, places };
}

/** Waits until whoever was clicked has the keys. */
async function focus(part: GuiPart, client: GuiConnection, { x, y }: { x: number; y: number }): Promise<void> {
  // A window manager says a moment later who has the keys.
  await until("it has the keys", async () => {
    await click(part, { x: x + 10, y: y + 10 });
    await part.hand.submit([press(59), release(59)]);
    return keysOf(await client.input.flush()).includes("release 59");
  });
}

export const gui: Suite<"gui"> = {
  need: "gui",
  cases: [
    {
      name: "a view shows its buffer, pixel by pixel",
      async run({ session, screen }) {
        await window(session);
        await found(screen, size);
      },
    },
    {
      name: "what is painted later is seen after its refresh",
      async run({ session, screen }) {
        await window(session);
        const place = await found(screen, size);
        const { pixels } = session.buffer ?? (await session.map());
        for (let x = 30; x < 50; ++x) pixels[20 * size.width + x] = 0xffffff;
        session.refresh({ x: 30, y: 20, width: 20, height: 1 });
        await until("the line is seen", async () => {
          const picture = await screen.screenshot();
          return (
            seen(picture, place.x + 30, place.y + 20) === 0xffffff &&
            seen(picture, place.x + 49, place.y + 20) === 0xffffff
          );
        });
        const picture = await screen.screenshot();
        assert.equal(seen(picture, place.x + 29, place.y + 20), color(29, 20));
        assert.equal(seen(picture, place.x + 50, place.y + 20), color(50, 20));
      },
    },
    {
      name: "a view shows the part of the buffer that its offset says",
      async run({ session, screen }) {
        const view = await window(session);
        await found(screen, size);
        view.offset({ x: -30, y: -20 });
        await found(screen, { width: size.width - 30, height: size.height - 20 }, { from: { x: 30, y: 20 } });
      },
    },
    {
      name: "a child lies in its view, is cut off at its edges, and goes with it",
      async run({ session, screen }) {
        const view = await window(session);
        const place = await found(screen, size);
        await session.view({ parent: view, rect: { x: 100, y: 50, width: 60, height: 60 } });
        await until("the child is seen", async () => {
          const picture = await screen.screenshot();
          return seen(picture, place.x + 100, place.y + 50) === color(0, 0);
        });
        const picture = await screen.screenshot();
        assert.equal(seen(picture, place.x + 119, place.y + 79), color(19, 29), "within the view");
        assert.notEqual(seen(picture, place.x + 120, place.y + 79), color(20, 29), "beyond it");
        await view.destroy();
        await until("both are gone", async () => {
          const empty = await screen.screenshot();
          return (
            seen(empty, place.x + 2, place.y + 2) !== color(2, 2) &&
            seen(empty, place.x + 110, place.y + 60) !== color(10, 10)
          );
        });
      },
    },
    {
      name: "another buffer is shown from its first refresh on",
      async run({ session, screen }) {
        const view = await window(session);
        await found(screen, size);
        const larger = { width: 160, height: 100 };
        paint(await session.makeBuffer(larger), 3);
        assert.ok(find(await screen.screenshot(), size), "the one before is seen until then");
        view.geometry({ ...view.rect, ...larger });
        session.refresh();
        await found(screen, larger, { seed: 3 });
      },
    },
    {
      name: "a sync comes once a display has fetched the picture",
      async run({ session, screen }) {
        await window(session);
        await found(screen, size);
        await syncs(session, screen);
      },
    },
    {
      name: "a click comes in pixels of the view that it hits",
      async run(part) {
        const { second, places } = await two(part);
        for (const [index, client] of [part.session, second].entries()) {
          const { x, y } = places[index] as { x: number; y: number };
          await click(part, { x: x + 70, y: y + 33 });
          const events = await heardUntil(client.input, "the click", isRelease(leftButton));
          const at = events.find(({ kind }) => kind === "absolute-motion");
          assert.deepEqual(at, { kind: "absolute-motion", x: 70, y: 33 });
          assert.ok(events.some((event) => event.kind === "press" && event.key === leftButton));
        }
      },
    },
    {
      name: "keys go to who was clicked, and nobody else learns of them",
      async run(part) {
        const { second, places } = await two(part);
        await focus(part, second, places[1]);
        await focus(part, part.session, places[0]);
        await second.input.flush();
        await part.hand.submit([press(30), press(31), release(30), release(31)]);
        const heard = keysOf(await heardUntil(part.session.input, "the keys", isRelease(31)));
        assert.deepEqual(heard.slice(-4), ["press 30", "press 31", "release 30", "release 31"]);
        assert.deepEqual(keysOf(await second.input.flush()), []);
      },
    },
    {
      name: "who got the press of a key gets its release",
      async run(part) {
        const { second, places } = await two(part);
        await focus(part, part.session, places[0]);
        await part.hand.submit([press(30)]);
        await heardUntil(part.session.input, "the key", (event) => event.kind === "press" && event.key === 30);
        await click(part, { x: places[1].x + 5, y: places[1].y + 5 });
        await part.hand.submit([release(30)]);
        await heardUntil(part.session.input, "its release", isRelease(30));
        assert.ok(!keysOf(await second.input.flush()).includes("release 30"));
      },
    },
    {
      name: "what a client that does not listen misses leaves no key pressed",
      async run(part) {
        await window(part.session);
        await focus(part, part.session, await found(part.screen, size));
        const taps = Array.from({ length: 3000 }, (_, number) => [
          press(2 + (number % 40)),
          release(2 + (number % 40)),
        ]);
        await part.hand.submit([...taps.flat(), press(57)]);
        const down = new Set<number>();
        for (const event of await heardUntil(
          part.session.input,
          "the last key",
          (one) => one.kind === "press" && one.key === 57,
        )) {
          if (event.kind === "press") down.add(event.key);
          if (event.kind === "release") assert.ok(down.delete(event.key), `${event.key} was released while it was up`);
        }
        assert.deepEqual([...down], [57]);
      },
    },
    {
      name: "the pointer's leaving is told",
      async run(part) {
        await window(part.session);
        const { x, y } = await found(part.screen, size);
        await part.hand.submit([pointAt(part.screen.area, { x: x + 10, y: y + 10 })]);
        await heardUntil(part.session.input, "the pointer", ({ kind }) => kind === "absolute-motion");
        const { width, height } = part.screen.area;
        await part.hand.submit([pointAt(part.screen.area, { x: width - 1, y: height - 1 })]);
        await heardUntil(part.session.input, "that it left", ({ kind }) => kind === "hover-leave");
      },
    },
    {
      name: "a token that nobody made names nothing",
      async run({ session }) {
        assert.equal(await refusal(session.associate(new Uint8Array(16))), "NoView");
      },
    },
    {
      name: "when the server was killed, the window is painted anew, and hears again",
      async run(part, { restart }) {
        const { session, screen } = part;
        repaint(session, 4);
        await window(session);
        await found(screen, size);
        await restart();
        const place = await found(screen, size, { seed: 4 });
        await focus(part, session, place);
      },
    },
  ],
};
