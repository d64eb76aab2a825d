/**
 * Calls honest-server again and again; prints once every 100 ms how many calls it made since. A wrong answer ends it.
 * It rests as long as it works, so that others have their part of a slow processor too.
 */
import { setTimeout as delay } from "node:timers/promises";
import { component } from "../../base/index.js";
import { Echo } from "../support/echo.js";

component(async (env) => {
  const session = await env.session(Echo, {}, { label: "honest", reconnect: false });
  for (let number = 0; ; ) {
    const end = performance.now() + 100;
    let calls = 0;
    let begin = performance.now();
    while (performance.now() < end) {
      const [answer] = await session.client.echo(Uint8Array.of(number & 0xff), { within: "5s" });
      if (answer !== (number & 0xff)) throw new Error(`${answer} is no echo of ${number & 0xff}`);
      number += 1;
      calls += 1;
      if (calls % 16 > 0) continue;
      await delay(performance.now() - begin);
      begin = performance.now();
    }
    console.log(`calls ${calls}`);
  }
});
