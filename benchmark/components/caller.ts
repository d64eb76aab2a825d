/** Calls a server again and again, one call at a time: a number of times, or without end and with figures. */
import { component } from "../../base/index.js";
import { s } from "../../base/schema.js";
import { ConfigFile } from "../../lib/config.js";
import { Terminal } from "../../sessions/terminal/index.js";
import { Timer } from "../../sessions/timer/index.js";
import { Tally } from "../tally.js";

const schema = s.object({
  service: s.enumeration(["Terminal", "Timer"]),
  calls: s
    .integer({ min: 1, max: 1e9, doc: "How many; without it, calls go on, and every half second has its figures." })
    .optional(),
});

component(async (env) => {
  const { service, calls } = (await ConfigFile.open(env, schema)).current;
  let call: () => Promise<unknown>;
  if (service === "Timer") {
    const timer = await env.connect(Timer);
    call = () => timer.elapsed();
  } else {
    const terminal = await env.connect(Terminal);
    call = () => terminal.size();
  }
  if (calls !== undefined) {
    for (let count = 0; count < calls; ++count) await call();
    console.log("calls made");
    return;
  }
  const tally = new Tally();
  for (;;) {
    const before = performance.now();
    await call();
    tally.add(before, performance.now());
  }
});
