// exclusive
// tier: machine of this architecture
// timeout: 900s
/** The network driver on cards of a machine, by a packet socket. This process is the wire; tcpdump reads the emulator's own record of it. */
import { execFileSync } from "node:child_process";
import * as assert from "uvu/assert";
import type { EthernetEnd } from "../../bench/ethernet-end.js";
import { parseMacAddress } from "../../lib/mac-address.js";
import { installed } from "../device/host.js";
import { suite } from "../support/suite.js";
import { guestSystem, machineOf, patience } from "./guest.js";

const test = suite("network cards of a machine");
const cards = { lan: "virtio", lab: "e1000" } as const;
const addresses = { lan: "02:00:00:00:00:51", lab: "02:00:00:00:00:52" } as const;
const machine = machineOf(test, {
  bench: {
    machine: { spare: 0 },
    devices: Object.fromEntries(
      Object.entries(cards).map(([name, card]) => [
        name,
        { kind: "network", card, mac: addresses[name as keyof typeof cards] },
      ]),
    ),
  },
});

/** Who this process is on the wire. */
const own = { mac: Buffer.from("020000000099", "hex"), address: Buffer.from([10, 10, 0, 9]) };
const theirs = Buffer.from([10, 10, 0, 1]);

function arpRequest(): Buffer {
  const head = Buffer.from("ffffffffffff02000000009908060001080006040001020000000099", "hex");
  return Buffer.concat([head, own.address, Buffer.alloc(6), theirs, Buffer.alloc(18)]);
}

function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2)
    sum += at + 1 < bytes.length ? bytes.readUInt16BE(at) : (bytes[at] as number) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** An echo request with this many bytes of payload. */
function echoRequest(mac: Buffer, sequence: number, bytes: number): Buffer {
  const icmp = Buffer.alloc(8 + bytes, sequence);
  icmp.writeUInt32BE(0x0800_0000, 0);
  icmp.writeUInt16BE(0x1234, 4);
  icmp.writeUInt16BE(sequence, 6);
  icmp.writeUInt16BE(checksum(icmp), 2);
  const ip = Buffer.alloc(20);
  ip.writeUInt8(0x45, 0);
  ip.writeUInt16BE(ip.length + icmp.length, 2);
  ip.writeUInt8(64, 8);
  ip.writeUInt8(1, 9);
  own.address.copy(ip, 12);
  theirs.copy(ip, 16);
  ip.writeUInt16BE(checksum(ip), 10);
  const ether = Buffer.concat([mac, own.mac, Buffer.from("0800", "hex")]);
  return Buffer.concat([ether, ip, icmp]);
}

async function ping(wire: EthernetEnd, mac: Buffer, sequence: number, bytes: number): Promise<void> {
  const request = echoRequest(mac, sequence, bytes);
  await wire.send(request);
  const reply = await wire.receive(
    (frame) => frame.readUInt16BE(12) === 0x0800 && frame[34] === 0 && frame.readUInt16BE(40) === sequence,
    { within: patience },
  );
  assert.equal(reply.subarray(42, 42 + bytes), request.subarray(42), "the payload comes back");
}

for (const name of ["lan", "lab"] as const) {
  test(`${name}: frames pass both ways, and the record of the wire has them`, { timeout: 400_000 }, async (context) => {
    if (!installed("tcpdump")) context.skip("needs tcpdump");
    const guest = machine(context);
    const network = await guest.node(name, "net");
    await guest.output(["ip", "link", "set", network, "up"]);
    const wire = guest.ethernet(name);
    const system = guestSystem(context, guest, {
      nic: {
        binary: "drivers/nic",
        provides: ["Nic"],
        grants: { net: { interface: network } },
        config: { serve: "nic", defaultPolicy: {} },
      },
      neighbour: { binary: "apps/neighbour", config: { address: "10.10.0.1" } },
    });
    await system.said(network);

    // The neighbour comes up after its driver: asked until it answers, as on any network.
    const answer = (frame: Buffer): boolean =>
      frame.readUInt16BE(12) === 0x0806 && frame.readUInt16BE(20) === 2 && frame.subarray(28, 32).equals(theirs);
    let reply: Buffer | undefined;
    for (let attempt = 0; reply === undefined && attempt < 30; ++attempt) {
      await wire.send(arpRequest());
      reply = await wire.receive(answer, { within: "1s" }).catch(() => undefined);
    }
    assert.ok(reply, "somebody answers to 10.10.0.1");
    assert.equal([...(reply as Buffer).subarray(22, 28)], [...parseMacAddress(addresses[name])]);

    const mac = Buffer.from((reply as Buffer).subarray(22, 28));
    for (const [sequence, bytes] of [18, 100, 1000, 1472].entries()) await ping(wire, mac, sequence + 1, bytes);

    const isReply = (frame: Buffer): boolean => frame.readUInt16BE(12) === 0x0800 && frame[34] === 0;
    await wire.captured(isReply, 4, { within: "10s" });
    const record = execFileSync("tcpdump", ["-n", "-r", wire.captureFile, "icmp"], { encoding: "utf8", stdio: "pipe" });
    for (const sequence of [1, 2, 3, 4])
      assert.match(
        record,
        new RegExp(`10\\.10\\.0\\.1 > 10\\.10\\.0\\.9: ICMP echo reply, id 4660, seq ${sequence}, `),
      );
  });
}

test.run();
