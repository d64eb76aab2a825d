/** Prints the state of the pin "seen" and then its edges, a line each. */
import { component } from "../../base/index.js";
import { PinState } from "../../sessions/pin-state/index.js";

component(async (env) => {
  const pin = await env.connect(PinState, { label: "seen" });
  const edges = await pin.watch();
  console.log(`state: ${await pin.state()}`);
  for await (const { rising, time, lost, afterRestart } of edges)
    console.log(`edge: ${JSON.stringify({ rising, time: String(time), lost, afterRestart })}`);
});
