/** What every Rtc does. How late an alarm may be is a matter of measurements: a busy machine must not fail these. */
import assert from "node:assert/strict";
import type { RtcConnection } from "../../sessions/rtc/index.js";
import { Rtc } from "../../sessions/rtc/index.js";
import { refusal, type Suite, until } from "./case.js";

async function shown(session: RtcConnection): Promise<number> {
  return (await session.time()).getTime();
}

/** A date so many seconds from now, as the clock says. */
async function later(session: RtcConnection, seconds: number): Promise<Date> {
  return new Date((await shown(session)) + seconds * 1000);
}

export const rtc: Suite<"rtc"> = {
  need: "rtc",
  cases: [
    {
      name: "what keeps the time is named, with its resolution",
      async run({ session }) {
        const { source, resolution } = await session.facts();
        assert.notEqual(source, "");
        assert.ok(resolution >= 1 && resolution <= 1_000_000, `${resolution} us`);
      },
    },
    {
      name: "the time goes on, and never back by itself",
      async run({ session }) {
        const first = await shown(session);
        let last = first;
        await until("a second has passed", async () => {
          const now = await shown(session);
          assert.ok(now >= last, `${now} after ${last}`);
          last = now;
          return now >= first + 1000;
        });
      },
    },
    {
      name: "an alarm is due when its second has come, not before",
      async run({ session }) {
        const date = await later(session, 2);
        await session.sleepUntil(date);
        assert.ok((await shown(session)) >= date.getTime());
      },
    },
    {
      name: "an alarm in the past is due at once",
      async run({ session }) {
        await session.sleepUntil(await later(session, -3600));
      },
    },
    {
      name: "alarms of several sessions are due in their order",
      async run({ session }, { target }) {
        const other = await target.connect(Rtc, { label: "other", within: "5s" });
        const due: string[] = [];
        await Promise.all([
          other.sleepUntil(await later(session, 3)).then(() => due.push("last")),
          session.sleepUntil(await later(session, 1)).then(() => due.push("first")),
        ]);
        assert.deepEqual(due, ["first", "last"]);
      },
    },
    {
      name: "updates come with the seconds, or are refused as unsupported",
      async run({ session }, { skip }) {
        if (!(await session.facts()).updates) {
          assert.equal(await refusal(session.onUpdate(() => {})), "Unsupported");
          return skip("the clock has no update interrupts");
        }
        const start = await shown(session);
        let count = 0;
        const end = await session.onUpdate((more) => (count += more));
        await until("three seconds have begun", () => count >= 3, 10_000);
        end();
        const passed = (await shown(session)) - start;
        assert.ok(passed > (count - 1) * 1000, `${count} updates in ${passed} ms`);
      },
    },
    {
      name: "the battery is told of, or refused as unsupported",
      async run({ session }) {
        const { battery } = await session.facts();
        assert.equal(await refusal(session.battery()), battery ? "none" : "Unsupported");
      },
    },
    {
      name: "the clock is set by policy, every session is told, and alarms follow",
      async run({ session }, { skip, target }) {
        if (!(await session.facts()).writeable) {
          assert.equal(await refusal(session.setTime(new Date())), "Denied");
          return skip("the bench does not let tests set the clock");
        }
        const other = await target.connect(Rtc, { label: "other", within: "5s" });
        let told = 0;
        other.onTimeChange(() => (told += 1));
        const ahead = 3600;
        const date = await later(session, ahead);
        const alarm = other.sleepUntil(date);
        await session.setTime(date);
        await alarm;
        await until("the other session was told", () => told > 0);
        const passed = (await shown(session)) - date.getTime();
        assert.ok(passed >= -1000 && passed < 60_000, `${passed} ms`);
        await session.setTime(await later(session, -ahead));
      },
    },
    {
      name: "alarms and updates outlive the driver's death",
      async run({ session }, { restart }) {
        const { source, updates } = await session.facts();
        const date = await later(session, 2);
        const alarm = session.sleepUntil(date);
        let count = 0;
        if (updates) await session.onUpdate((more) => (count += more));
        await restart();
        await alarm;
        assert.ok((await shown(session)) >= date.getTime());
        const before = count;
        if (updates) await until("updates come again", () => count > before);
        assert.equal((await session.facts()).source, source);
      },
    },
  ],
};
