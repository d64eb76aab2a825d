/** What every Event does: what sources submit is heard, and nothing stays pressed that nobody holds. */
import assert from "node:assert/strict";
import type { InputEvent } from "../../sessions/event/index.js";
import type { InputConnection } from "../../sessions/input/index.js";
import type { EventPart } from "../parts.js";
import { type Suite, until } from "./case.js";
import { heardUntil, isRelease, keysOf, leftButton, press, release } from "./hand.js";

/** Gives the client the keys. It may be there a moment after a server that was killed. */
async function focused({ session, heard }: EventPart): Promise<void> {
  await until("the click is heard", async () => {
    await session.submit([{ kind: "absolute-motion", x: 0.5, y: 0.5 }, press(leftButton), release(leftButton)]);
    return (await heard.flush()).some(isRelease(leftButton));
  });
}

const isPress =
  (key: number) =>
  (event: InputEvent): boolean =>
    event.kind === "press" && event.key === key;

/** Waits until what is down, of what was heard from now on, are these keys. */
async function holds(
  heard: InputConnection,
  expected: readonly number[],
  before: readonly number[] = [],
): Promise<void> {
  const down = new Set(before);
  await until(`${expected.join(" and ") || "nothing"} is held`, async () => {
    for (const event of await heard.flush()) {
      if (event.kind === "press") down.add(event.key);
      if (event.kind === "release") down.delete(event.key);
    }
    return down.size === expected.length && expected.every((key) => down.has(key));
  });
}

export const event: Suite<"event"> = {
  need: "event",
  cases: [
    {
      name: "events come in the order in which they were submitted",
      async run(part) {
        await focused(part);
        const keys = [30, 31, 32, 33];
        await part.session.submit(keys.flatMap((key) => [press(key), release(key)]));
        assert.deepEqual(
          keysOf(await heardUntil(part.heard, "the last", isRelease(33))),
          keys.flatMap((key) => [`press ${key}`, `release ${key}`]),
        );
      },
    },
    {
      name: "more events than a buffer holds are one stream",
      async run(part) {
        await focused(part);
        const count = 2000;
        const taps = Array.from({ length: count }, () => [press(30), release(30)]).flat();
        let came = 0;
        const listening = until("all have come", async () => {
          came += keysOf(await part.heard.flush()).length;
          return came >= 2 * count;
        });
        for (let first = 0; first < taps.length; first += 400) {
          await part.session.submit(taps.slice(first, first + 400));
          const sent = Math.min(first + 400, taps.length);
          await until("these have come", () => came >= sent);
        }
        await listening;
        assert.equal(came, 2 * count);
      },
    },
    {
      name: "wheels and touches keep their values",
      async run(part) {
        await focused(part);
        await part.session.submit([
          { kind: "wheel", x: 0, y: -1.5 },
          { kind: "touch", id: 3, x: 0.25, y: 0.75 },
          { kind: "touch-release", id: 3 },
        ]);
        const events = await heardUntil(part.heard, "the touch's end", ({ kind }) => kind === "touch-release");
        assert.deepEqual(
          events.find(({ kind }) => kind === "wheel"),
          { kind: "wheel", x: 0, y: -1.5 },
        );
        const touch = events.find((one) => one.kind === "touch");
        assert.ok(
          touch !== undefined && Math.abs(touch.x - 120) <= 1 && Math.abs(touch.y - 240) <= 1,
          JSON.stringify(touch),
        );
      },
    },
    {
      name: "what a source held is released when it goes",
      async run(part) {
        await focused(part);
        const second = await part.second();
        await second.submit([press(30), press(31)]);
        await heardUntil(part.heard, "the keys", isPress(31));
        await second.close();
        await holds(part.heard, [], [30, 31]);
      },
    },
    {
      name: "a key that two sources hold is up when both let go",
      async run(part) {
        await focused(part);
        const second = await part.second();
        await part.session.submit([press(30)]);
        await second.submit([press(30)]);
        await part.session.submit([release(30), press(40)]);
        const events = await heardUntil(part.heard, "the key after it", isPress(40));
        assert.deepEqual(keysOf(events), ["press 30", "press 40"]);
        await second.submit([release(30)]);
        await heardUntil(part.heard, "the release", isRelease(30));
      },
    },
    {
      name: "what is held is held again when the server was killed, and its release is heard",
      async run(part, { restart }) {
        await focused(part);
        await part.session.submit([press(30)]);
        await heardUntil(part.heard, "the key", isPress(30));
        await restart();
        await part.session.submit([release(30)]);
        await holds(part.heard, [], [30]);
        await focused(part);
        await part.session.submit([press(31), release(31)]);
        await heardUntil(part.heard, "another key", isRelease(31));
      },
    },
  ],
};
