import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as assert from "uvu/assert";
import { Occurrence } from "../../lib/occurrence.js";
import { suite } from "../support/suite.js";

const test = suite("occurrence");

test("what happens between the look and the wait ends the wait at once", async () => {
  const arrived = new Occurrence();
  const seen = arrived.count;
  arrived.happened();
  await arrived.after(seen);
  assert.is(arrived.count, 1);
});

test("each of several signals ends a wait, and hears nothing of it afterwards", async () => {
  const arrived = new Occurrence();
  const [first, second] = [new AbortController(), new AbortController()];
  for (const one of [first, second]) {
    const wait = arrived.after(arrived.count, first.signal, undefined, second.signal);
    one.abort();
    await wait;
  }
  await arrived.after(arrived.count, second.signal);
  assert.is(arrived.count, 0);
});

test("a time-out that nobody else holds ends the wait, whatever garbage is collected meanwhile", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const arrived = new Occurrence();
  let ended = false;
  const wait = arrived.after(0, AbortSignal.timeout(200), new AbortController().signal).then(() => (ended = true));
  for (let round = 0; round < 5; ++round) {
    await delay(10);
    collect();
  }
  const limit = new AbortController();
  await Promise.race([wait, delay(5000, undefined, { signal: limit.signal }).catch(() => {})]);
  limit.abort();
  assert.ok(ended);
});

test.run();
