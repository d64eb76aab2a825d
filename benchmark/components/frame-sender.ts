/** Sends frames of 64 bytes as fast as the network takes them. */
import { component } from "../../base/index.js";
import { Nic } from "../../sessions/nic/index.js";

/** Frames that a turn of the event loop publishes together. */
const batch = 64;

component(async (env) => {
  const nic = await env.connect(Nic);
  // A broadcast of an experimental ethertype (IEEE 802 local): no protocol answers it.
  const frame = new Uint8Array(64);
  frame.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x88, 0xb5]);
  const fill = (): void => {
    for (let count = 0; count < batch && nic.send(frame); ++count);
    setImmediate(fill);
  };
  fill();
  console.log("sending frames");
});
