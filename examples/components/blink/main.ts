/** A maker's first program: blinks a lamp, once a second. */
import { component } from "bulkhead";
import { PinControl } from "bulkhead/sessions/pin-control";
import { Timer } from "bulkhead/sessions/timer";

component(async (env) => {
  const timer = await env.connect(Timer);
  await using lamp = await env.connect(PinControl, { label: "lamp" });
  for await (const half of timer.periodic("500ms")) await lamp.state(half % 2 === 1);
});
