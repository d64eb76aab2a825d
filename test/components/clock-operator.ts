/**
 * Does with its clock what its config says, and says what came of it; again each time that the config changes. Steps are
 * `["facts"]`, `["time"]`, `["battery"]`, `["set", DATE]`, `["updates", COUNT]`, `["alarm", SECONDS FROM NOW]`; alarms
 * are not waited for. When the clock may show another time it says what it shows.
 */
import { component } from "../../base/index.js";
import { type Infer, s } from "../../base/schema.js";
import { ConfigFile } from "../../lib/config.js";
import { Rtc, type RtcConnection } from "../../sessions/rtc/index.js";

const configSchema = s.object({ steps: s.array(s.array(s.union([s.string(), s.integer()]))) });
type Step = Infer<typeof configSchema>["steps"][number];

const say = (what: string, value: unknown): void => console.log(`${what}: ${JSON.stringify(value)}`);

/** Milliseconds from the first to the last of so many updates. */
function updates(clock: RtcConnection, wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let seen = 0;
    let first = 0;
    const ending = clock.onUpdate((count) => {
      if (seen === 0) first = performance.now();
      seen += seen === 0 ? 1 : count;
      if (seen < wanted) return;
      resolve(performance.now() - first);
      void ending.then((end) => end());
    });
    ending.catch(reject);
  });
}

async function take(clock: RtcConnection, [word, argument = 0]: Step): Promise<void> {
  switch (word) {
    case "facts":
      return say(word, await clock.facts());
    case "time":
      return say(word, await clock.time());
    case "battery":
      return say(word, await clock.battery());
    case "set":
      await clock.setTime(new Date(argument));
      return say(word, await clock.time());
    case "updates":
      return say(word, await updates(clock, Number(argument)));
    case "alarm": {
      const date = new Date((await clock.time()).getTime() + Number(argument) * 1000);
      const start = performance.now();
      clock.at(date, () => {
        const elapsed = performance.now() - start;
        void clock.time().then((shown) => say("due", { asked: date, shown, elapsed }));
      });
      return say(word, date);
    }
    default:
      return say("unknown", word);
  }
}

const codeOf = (error: unknown): unknown => (error as { code?: string }).code;

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const clock = await env.connect(Rtc);
  clock.onTimeChange(() => {
    clock.time().then(
      (time) => say("changed", time),
      (error: unknown) => say("changed", codeOf(error)),
    );
  });
  const run = async (): Promise<void> => {
    for (const step of config.current.steps) {
      await take(clock, step).catch((error: unknown) => say(`${step[0]} failed`, codeOf(error)));
    }
  };
  await run();
  config.follow(run);
});
