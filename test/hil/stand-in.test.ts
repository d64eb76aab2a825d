/** The tests that a user writes, on the bench of stand-ins: each part does what it says. */
import * as assert from "uvu/assert";
import { arp, test } from "../../hil/index.js";
import { arpOperations, arpPacket } from "../../lib/net/arp.js";
import { broadcast, ethernetFrame, etherTypes } from "../../lib/net/ethernet.js";
import { parseIpv4Address } from "../../lib/net/ipv4.js";

test("a line sends back what comes, until the test takes its other end", { needs: ["uart"] }, async ({ uart }) => {
  await uart.sendLine("loop");
  const { before } = await uart.expect("loop\r");
  assert.is(before, "");
  const { far } = uart;
  assert.ok(far);
  await uart.send("out");
  await far.expect("out");
  await far.send("login: ");
  const { at } = await uart.expect(/login: $/);
  assert.is(at, "loop\r".length);
});

test("a disk keeps what was written", { needs: ["block"] }, async ({ block, measure }) => {
  const data = new Uint8Array(block.info.blockSize).fill(7);
  const before = await block.hash({ block: 4 });
  const start = performance.now();
  await block.write(3, data);
  await block.sync();
  measure("write", performance.now() - start, { unit: "ms", max: 5000 });
  assert.equal(await block.read(3), data);
  assert.is(await block.hash({ block: 4 }), before);
});

test("frames reach the other end, and are matched by their fields", { needs: ["nic"] }, async ({ nic }) => {
  const hardware = Uint8Array.of(2, 0, 0, 0, 0, 1);
  nic.send(
    ethernetFrame({
      destination: broadcast,
      source: hardware,
      type: etherTypes.arp,
      payload: arpPacket({
        operation: arpOperations.request,
        senderHardware: hardware,
        sender: parseIpv4Address("10.0.0.1"),
        targetHardware: new Uint8Array(6),
        target: parseIpv4Address("10.0.0.2"),
      }),
    }),
  );
  await nic.far?.expect(arp({ operation: "request", sender: "10.0.0.1", target: "10.0.0.2" }));
  assert.is(nic.frames.length, 1);
});

test("several needs make one target", { needs: ["uart", "block", "nic", "timer", "log"] }, async (context) => {
  const { block, log, target, timer } = context;
  await timer.session.sleep("5ms");
  await log.session.write("from the test");
  assert.ok(block.info.blockCount > 0);
  await target.restart("block");
  assert.is((await block.read(0)).length, block.info.blockSize);
  assert.is(target.component("block").restarts, 1);
});
