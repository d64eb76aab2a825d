/**
 * TAP interfaces, packet sockets and link states of the real kernel. The file runs itself again in a fresh network
 * namespace, where every interface ends with the process; a second namespace is removed at the end.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { closeSync, existsSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import * as assert from "uvu/assert";
import { watchDescriptor } from "../../base/event-loop.js";
import {
  largestFrame,
  netHeaderBytes,
  openLinkMonitor,
  openPacketSocket,
  openTap,
  readLinkState,
  setTapCarrier,
  type Tap,
  tapOffload,
} from "../../bindings/net.js";
import { suite } from "../support/suite.js";
import { cleanUp, errorCode, installed, isRoot, run, runAgain, turn, undo, until } from "./host.js";
import { etherType, frame, Port } from "./net-port.js";
import { pingProgram } from "./ping.js";

const Net = suite("net-kernel");
Net.after(cleanUp);

if (process.argv[2] === "in-namespace") {
  const peer = `bulkhead-test-${process.pid}`;
  run("ip", "link", "set", "lo", "up");
  run("ip", "netns", "add", peer);
  undo(() => run("ip", "netns", "delete", peer));

  /** A TAP whose kernel side has an address in the second namespace. */
  const tapInPeer = (name: string, address: string): Tap => {
    const tap = openTap({ name, up: false });
    run("ip", "link", "set", name, "netns", peer);
    run("ip", "-netns", peer, "address", "add", address, "dev", name);
    run("ip", "-netns", peer, "link", "set", name, "up");
    return tap;
  };

  const finished = async (child: ChildProcess): Promise<string> => {
    let output = "";
    child.stdout?.on("data", (data) => (output += String(data)));
    child.stderr?.on("data", (data) => (output += String(data)));
    const [code] = (await once(child, "close")) as [number | null];
    assert.is(code, 0, output);
    return output;
  };

  Net("tap: the kernel's ping is answered through the descriptor", async (context) => {
    if (!installed("ping") && !installed("perl")) context.skip("needs ping or perl");
    const tap = tapInPeer("pinged", "10.99.0.1/24");
    const port = new Port(tap.descriptor);
    assert.is(port.device.kind, "tap");
    assert.is(tap.offloads & (tapOffload.checksum | tapOffload.tcp4 | tapOffload.tcp6), 7);
    const pinger = installed("ping")
      ? ["ping", "-c", "3", "-i", "0.2", "-W", "2", "-s", "1000", "10.99.0.2"]
      : ["perl", "-e", pingProgram, "10.99.0.2"];
    const ping = spawn("ip", ["netns", "exec", peer, ...pinger]);
    let done = false;
    let answered = 0;
    const output = finished(ping).finally(() => (done = true));
    const own = Uint8Array.of(2, 0, 0, 0, 0, 2);
    while (!done) {
      for (const received of port.receive()) {
        const reply = received.slice();
        reply.fill(0, 0, netHeaderBytes);
        const ethernet = netHeaderBytes;
        reply.copyWithin(ethernet, ethernet + 6, ethernet + 12);
        reply.set(own, ethernet + 6);
        const body = reply.subarray(ethernet + 14);
        if (etherType(received) === 0x0806) {
          // ARP: the sender becomes the target, and we are the sender.
          body.copyWithin(18, 8, 18);
          body.set([...own, 10, 99, 0, 2], 8);
          body[7] = 2;
        } else if (etherType(received) === 0x0800 && body[9] === 1) {
          // ICMP echo: swap the addresses (which leaves the IP checksum as it was), and 8 becomes 0.
          const addresses = body.slice(12, 20);
          body.set(addresses.subarray(4), 12);
          body.set(addresses.subarray(0, 4), 16);
          body[20] = 0;
          const checksum = ((body[22] ?? 0) << 8) + (body[23] ?? 0) + 0x0800;
          const folded = (checksum & 0xffff) + (checksum >>> 16);
          body.set([folded >>> 8, folded & 0xff], 22);
          answered += 1;
        } else continue;
        assert.equal(port.send(reply), { consumed: 1, dropped: [] });
      }
      await turn();
    }
    assert.match(await output, /3 packets transmitted, 3 received, 0% packet loss/);
    assert.is(answered, 3);
    port.device.close();
  });

  Net("tap: TCP between two namespaces crosses two descriptors, segments whole", async () => {
    const far = new Port(tapInPeer("far", "10.98.0.1/24").descriptor);
    const nearTap = openTap({ name: "near" });
    const near = new Port(nearTap.descriptor);
    run("ip", "address", "add", "10.98.0.2/24", "dev", "near");

    const bytes = 24 << 20;
    const sender = `
      const chunk = Buffer.alloc(65536, "segments");
      const hash = require("crypto").createHash("sha256");
      const socket = require("net").connect(5001, "10.98.0.2", () => {
        let left = ${bytes / 65536};
        const more = () => { while (left-- > 0) { chunk.writeUInt32LE(left, 0); const copy = Buffer.from(chunk); hash.update(copy); if (!socket.write(copy)) return socket.once("drain", more); } socket.end(); console.log(hash.digest("hex")); };
        more();
      });`;
    const hash = createHash("sha256");
    let ended = false;
    const server = createServer((socket) =>
      socket.on("data", (data) => hash.update(data)).on("end", () => (ended = true)),
    );
    undo(() => server.close());
    await new Promise<void>((resolve) => server.listen(5001, "10.98.0.2", resolve));
    const child = spawn("ip", ["netns", "exec", peer, process.execPath, "-e", sender]);
    undo(() => child.kill());
    const output = finished(child);
    let largest = 0;
    await until(
      "the end of the stream",
      () => {
        for (const [from, to] of [
          [far, near],
          [near, far],
        ] as const) {
          const frames = from.receive();
          for (const received of frames) largest = Math.max(largest, received.length);
          if (frames.length > 0) to.send(...frames);
        }
        return ended;
      },
      30_000,
    );
    assert.is(hash.digest("hex"), (await output).trim());
    assert.ok(largest > 10_000, `the largest frame had ${largest} bytes`);
    far.device.close();
    near.device.close();
    await turn();
  });

  Net("tap: a refused frame is dropped alone; a removed interface is gone", async () => {
    const port = new Port(openTap({ name: "refuser" }).descriptor);
    const monitor = openLinkMonitor("refuser");
    // A header that promises a segment type that does not exist.
    const malformed = frame(1, 100);
    malformed[1] = 0x42;
    assert.equal(port.send(frame(2, 100), malformed, frame(3, 100)), { consumed: 3, dropped: [1] });
    assert.is(port.device.counters.sendDropped, 1);

    run("ip", "link", "set", "refuser", "down");
    assert.is(
      errorCode(() => port.send(frame(1, 100))),
      "EIO",
    );
    run("ip", "link", "delete", "refuser");
    assert.is(
      errorCode(() => port.receive()),
      "EBADFD",
    );
    assert.is(
      errorCode(() => port.send(frame(1, 100))),
      "EBADFD",
    );
    await until("gone", () => readLinkState(monitor.descriptor, monitor.index) === "gone");
    closeSync(monitor.descriptor);
    port.device.close();
  });

  Net("link: the monitor tells the state at once, then each change, and nothing of other interfaces", async () => {
    const tap = openTap({ name: "linked" });
    undo(() => closeSync(tap.descriptor));
    const monitor = openLinkMonitor("linked");
    undo(() => closeSync(monitor.descriptor));
    const next = (): Promise<string> =>
      until("a change of the link", () => readLinkState(monitor.descriptor, monitor.index));
    assert.is(await next(), "up");
    setTapCarrier(tap.descriptor, false);
    assert.is(await next(), "down");
    setTapCarrier(tap.descriptor, true);
    assert.is(await next(), "up");
    run("ip", "link", "add", "stranger", "type", "veth", "peer", "name", "stranger2");
    run("ip", "link", "set", "stranger", "up");
    run("ip", "link", "delete", "stranger");
    assert.is(readLinkState(monitor.descriptor, monitor.index), undefined);
    run("ip", "link", "set", "linked", "down");
    assert.is(await next(), "down");
    assert.is(
      errorCode(() => openLinkMonitor("nowhere")),
      "ENODEV",
    );
  });

  Net("tap: address, MTU and name are what was asked for; a held name is busy", () => {
    const address = Uint8Array.of(2, 0xb0, 1, 2, 3, 4);
    const tap = openTap({ name: "asked%d", address, mtu: 9000, up: false });
    undo(() => closeSync(tap.descriptor));
    assert.is(tap.name, "asked0");
    assert.equal(tap.address, address);
    const shown = run("ip", "link", "show", "asked0");
    assert.match(shown, /mtu 9000/);
    assert.match(shown, /02:b0:01:02:03:04/);
    assert.not.match(shown, /[<,]UP[,>]/);
    assert.is(
      errorCode(() => openTap({ name: "asked0" })),
      "EBUSY",
    );
    assert.throws(
      () => openTap({ name: "a-name-of-sixteen" }),
      /Cannot create TAP interface "a-name-of-sixteen": .*at most 15 characters/i,
    );
    const plain = openTap({ name: "plain", offloads: false });
    undo(() => closeSync(plain.descriptor));
    assert.is(plain.offloads, 0);
  });

  Net("packet socket: sees what arrives, not what the host sends; down is not gone", async () => {
    run("ip", "link", "add", "watched", "type", "veth", "peer", "name", "sender");
    run("ip", "link", "set", "watched", "up");
    run("ip", "link", "set", "sender", "up");
    const watchedSocket = openPacketSocket("watched", { promiscuous: true });
    assert.is(watchedSocket.mtu, 1500);
    assert.match(
      run("ip", "link", "show", "watched"),
      new RegExp([...watchedSocket.address].map((byte) => byte.toString(16).padStart(2, "0")).join(":")),
    );
    const watched = new Port(watchedSocket.descriptor);
    const sender = new Port(openPacketSocket("sender").descriptor);
    assert.is(watched.device.kind, "packet-socket");

    assert.equal(sender.send(...[1, 2, 3].map((seed) => frame(seed, 1000))), { consumed: 3, dropped: [] });
    const received: Uint8Array[] = [];
    await until(
      "three frames",
      () => received.push(...watched.receive().filter((bytes) => etherType(bytes) === 0x88b5)) === 3,
    );
    assert.equal(
      received,
      [1, 2, 3].map((seed) => frame(seed, 1000)),
    );
    assert.equal(
      sender.receive().filter((bytes) => etherType(bytes) === 0x88b5),
      [],
      "its own frames",
    );
    assert.equal(sender.send(frame(1, 100), frame(2, 3000), frame(3, 100)).dropped, [1], "larger than the MTU");

    run("ip", "link", "set", "watched", "down");
    assert.is(
      errorCode(() => watched.receive(largestFrame)),
      "ENETDOWN",
    );
    run("ip", "link", "set", "watched", "up");
    await until("a frame after the interface is up again", () => {
      sender.send(frame(9, 64));
      return watched.receive().some((bytes) => Buffer.compare(bytes, frame(9, 64)) === 0);
    });
    run("ip", "link", "delete", "watched");
    assert.is(
      errorCode(() => watched.receive()),
      "EBADFD",
    );
    assert.is(
      errorCode(() => openPacketSocket("watched")),
      "ENODEV",
    );
    watched.device.close();
    sender.device.close();
  });

  Net(
    "packet socket: its watch tells when the interface goes down, what comes after it is up, and its end",
    async () => {
      run("ip", "link", "add", "told", "type", "veth", "peer", "name", "teller");
      for (const name of ["told", "teller"]) run("ip", "link", "set", name, "up");
      const { descriptor } = openPacketSocket("told");
      const watched = new Port(descriptor);
      const sender = new Port(openPacketSocket("teller").descriptor);
      let news = 0;
      const unwatch = watchDescriptor(watched.device.descriptor, "readable", () => (news += 1));
      const toldOf = async (what: string, sign: () => boolean): Promise<void> => {
        const before = news;
        await until(`${what} is told`, () => news > before && sign());
      };
      const refusal = (code: string) => (): boolean => errorCode(() => watched.receive()) === code;
      const down = toldOf("going down", refusal("ENETDOWN"));
      run("ip", "link", "set", "told", "down");
      await down;
      run("ip", "link", "set", "told", "up");
      await turn();
      // What is sent before the other end is up is lost.
      const sending = setInterval(() => sender.send(frame(1, 100)), 20);
      undo(() => clearInterval(sending));
      await toldOf("a frame", () => watched.receive().some((bytes) => etherType(bytes) === 0x88b5));
      clearInterval(sending);
      const end = toldOf("the end", refusal("EBADFD"));
      run("ip", "link", "delete", "told");
      await end;
      unwatch();
      watched.device.close();
      sender.device.close();
    },
  );

  Net("packet socket: a TCP connection of the host is seen with its segments whole", async () => {
    // Below the size of the segments, so that only ones left whole exceed it.
    run("ip", "link", "set", "lo", "mtu", "1500");
    const watched = new Port(openPacketSocket("lo").descriptor);
    const server = createServer((socket) => socket.resume());
    undo(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const socket = createConnection((server.address() as { port: number }).port, "127.0.0.1");
    undo(() => socket.destroy());
    socket.write(Buffer.alloc(1 << 20));
    const segment = await until("a large segment", () => watched.receive().find((bytes) => bytes.length > 20_000));
    assert.is(segment[1], 1, "TCP over IPv4");
    watched.device.close();
  });
} else {
  Net("in a network namespace of its own", { timeout: 90_000 }, (context) => {
    if (!isRoot) context.skip("needs root, for a network namespace");
    for (const command of ["unshare", "ip"]) if (!installed(command)) context.skip(`needs ${command}`);
    if (!existsSync("/dev/net/tun")) context.skip("needs /dev/net/tun");
    // `ip netns` leaves a mount behind: here in a namespace that ends with the test.
    runAgain("unshare", ["--net", "--mount"], "in-namespace");
  });
}

Net.run();
