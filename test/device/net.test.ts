/** Network devices that need no privilege: pairs, and what all kinds refuse. */
import { closeSync } from "node:fs";
import * as assert from "uvu/assert";
import { NetDevice, netBatch, netHeaderBytes, openNetPair } from "../../bindings/net.js";
import { suite } from "../support/suite.js";
import { cleanUp, dataspace, errorCode, until } from "./host.js";
import { frame, Port } from "./net-port.js";

const Net = suite("net");
Net.after(cleanUp);

Net("pair: frames of every size arrive whole and in order; the end of one end is the end of the other", async () => {
  const [left, right] = openNetPair();
  const one = new Port(left);
  const other = new Port(right);
  assert.is(one.device.kind, "pair");
  assert.equal(other.receive(), [], "nothing waits");
  for (const payload of [0, 1, 46, 1500, 9000, 65535]) {
    assert.equal(one.send(frame(payload, payload), frame(payload + 1, payload)), { consumed: 2, dropped: [] });
    const received: Uint8Array[] = [];
    await until("two frames", () => received.push(...other.receive()) === 2);
    assert.equal(received, [frame(payload, payload), frame(payload + 1, payload)]);
  }
  one.device.close();
  assert.is(
    errorCode(() => other.receive()),
    "EBADFD",
  );
  assert.is(
    errorCode(() => other.send(frame(0, 0))),
    "EBADFD",
  );
  other.device.close();
  assert.throws(() => other.receive(), /Cannot use the network device: it is closed/);
});

Net(
  "pair: a full queue consumes less, a frame without headers is dropped, one too large for its place too",
  async () => {
    const [left, right] = openNetPair();
    const one = new Port(left);
    const other = new Port(right);
    assert.equal(one.send(frame(1, 10), new Uint8Array(0), new Uint8Array(netHeaderBytes + 13), frame(2, 10)), {
      consumed: 4,
      dropped: [1, 2],
    });
    assert.equal(other.receive(), [frame(1, 10), frame(2, 10)]);
    assert.is(one.device.counters.sendDropped, 2);

    one.send(frame(3, 2000), frame(4, 100));
    assert.equal(other.receive(1000), [frame(4, 100)]);
    assert.is(other.device.counters.receiveDropped, 1);

    let sent = 0;
    let consumed = 0;
    do {
      consumed = one.send(frame(sent, 60000)).consumed;
      sent += consumed;
    } while (consumed === 1 && sent < 10_000);
    assert.ok(sent > 0 && sent < 10_000, `the queue was full after ${sent} frames`);
    let received = 0;
    await until("all frames", () => {
      for (const bytes of other.receive()) assert.is(Buffer.compare(bytes, frame(received++, 60000)), 0);
      return received === sent;
    });
    one.device.close();
    other.device.close();
  },
);

Net("a place outside of its buffer moves nothing; other descriptors are no network devices", () => {
  const [left, right] = openNetPair();
  const one = new NetDevice(left);
  const other = new NetDevice(right);
  const { memfd } = dataspace(65536);
  const buffer = one.addBuffer(memfd);
  for (const [address, length] of [
    [65536, 100],
    [65500, 37],
    [0xffff_ffff, 24],
    [4096, 0xffff_ffff],
  ] as const) {
    assert.is(
      errorCode(() => one.send(buffer, Uint32Array.of(0, 100, address, length), 2)),
      "EFAULT",
    );
    assert.is(
      errorCode(() => one.receive(buffer, Uint32Array.of(address, length), 1)),
      "EFAULT",
    );
  }
  assert.is(
    errorCode(() => one.send(buffer + 1, Uint32Array.of(0, 100), 1)),
    "EINVAL",
  );
  assert.is(one.counters.sent, 0);
  // A count beyond the array is cut to what the array holds.
  assert.is(one.send(buffer, Uint32Array.of(0, 100), netBatch), 1);
  assert.is(
    errorCode(() => new NetDevice(memfd)),
    "EOPNOTSUPP",
  );
  one.close();
  other.close();
  closeSync(left);
  closeSync(right);
});

Net.run();
