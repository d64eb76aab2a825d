/** What every Timer does. How late it may be is a matter of measurements: a busy machine must not fail these. */
import assert from "node:assert/strict";
import type { Suite } from "./case.js";

export const timer: Suite<"timer"> = {
  need: "timer",
  cases: [
    {
      name: "no sleep is shorter than asked for",
      async run({ session }) {
        for (const milliseconds of [0.2, 1, 2.5, 20]) {
          const start = performance.now();
          await session.sleep(milliseconds);
          assert.ok(performance.now() - start >= milliseconds, `${milliseconds} ms`);
        }
      },
    },
    {
      name: "timeouts fire in the order of their ends",
      async run({ session }) {
        const fired: number[] = [];
        await new Promise<void>((resolve) => {
          for (const milliseconds of [30, 10, 20, 40, 5])
            session.after(milliseconds, () => {
              fired.push(milliseconds);
              if (fired.length === 5) resolve();
            });
        });
        assert.deepEqual(fired, [5, 10, 20, 30, 40]);
      },
    },
    {
      name: "a cancelled timeout never fires",
      async run({ session }) {
        let fired = false;
        session.after("10ms", () => (fired = true)).cancel();
        await session.sleep("30ms");
        assert.equal(fired, false);
      },
    },
    {
      name: "periods do not drift",
      async run({ session }) {
        const start = performance.now();
        let last = 0;
        for await (const number of session.periodic("10ms")) {
          assert.ok(number > last && performance.now() - start >= number * 10);
          last = number;
          if (number >= 10) break;
        }
      },
    },
    {
      name: "elapsed time only grows, and as fast as this machine's",
      async run({ session }) {
        const [first, start] = [await session.elapsed(), performance.now()];
        await session.sleep("50ms");
        const [second, end] = [await session.elapsed(), performance.now()];
        assert.ok(second - first >= 50 && second - first <= end - start + 50, `${second - first} ms`);
      },
    },
    {
      name: "no timeout is lost when the server is killed",
      async run({ session }, { restart }) {
        const before = await session.elapsed();
        const sleeps = Array.from({ length: 10 }, (_, number) => session.sleep(20 + number * 20));
        await restart();
        await Promise.all(sleeps);
        assert.ok((await session.elapsed()) >= before + 200);
      },
    },
  ],
};
