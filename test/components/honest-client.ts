/**
 * Calls honest-server all the time, with a rest of some milliseconds (`rest` of its config) after 16 calls each; prints once every 100 ms how many calls it made since, and how many of those that pass
 * a capability were refused. A wrong answer ends it.
 */
import { setTimeout as delay } from "node:timers/promises";
import { component, type SessionError } from "../../base/index.js";
import { s } from "../../base/schema.js";
import { native } from "../../bindings/native.js";
import { ConfigFile } from "../../lib/config.js";
import { Echo } from "../support/echo.js";

const configSchema = s.object({ rest: s.number({ min: 1, default: 1 }) });

component(async (env) => {
  const { rest } = (await ConfigFile.open(env, configSchema)).current;
  const session = await env.session(Echo, {}, { label: "honest", reconnect: false });
  const { dataspace } = await env.alloc(4096);
  for (let number = 0; ; ) {
    const end = performance.now() + 100;
    let calls = 0;
    let refused = 0;
    while (performance.now() < end) {
      const [answer] = await session.client.echo(Uint8Array.of(number & 0xff), { within: "5s" });
      if (answer !== (number & 0xff)) throw new Error(`${answer} is no echo of ${number & 0xff}`);
      number += 1;
      calls += 1;
      if (calls % 16 !== 0) continue;
      try {
        const { descriptors } = await session.client.pass(dataspace.capability, { within: "5s" });
        for (const descriptor of descriptors) native.closeDescriptor(descriptor);
      } catch (error) {
        if ((error as SessionError).code !== "Unavailable") throw error;
        refused += 1;
      }
      await delay(rest);
    }
    console.log(`calls ${calls}, refused ${refused}`);
  }
});
