// emulated
/** The network codecs: what is written is read back, what is damaged is not, and two hosts find each other. */
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { arpPacket, parseArp } from "../../lib/net/arp.js";
import { NetworkHost } from "../../lib/net/host.js";
import { echoMessage, parseEcho } from "../../lib/net/icmp.js";
import { formatIpv4Address, internetChecksum, ipv4Packet, parseIpv4, parseIpv4Address } from "../../lib/net/ipv4.js";
import { suite } from "../support/suite.js";

const test = suite("network codecs");
const address = fc.nat(0xffff_ffff);
const hardware = fc.uint8Array({ minLength: 6, maxLength: 6 });
const number = fc.nat(0xffff);

test("the checksum is that of RFC 1071's example", () => {
  assert.is(internetChecksum(Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7)), ~0xddf2 & 0xffff);
});

test("packets are read as they were written", () => {
  fc.assert(
    fc.property(
      address,
      address,
      fc.nat(255),
      fc.uint8Array({ maxLength: 1480 }),
      (source, destination, protocol, payload) => {
        assert.equal(parseIpv4(ipv4Packet({ source, destination, protocol, payload })), {
          source,
          destination,
          protocol,
          payload,
        });
        assert.is(parseIpv4Address(formatIpv4Address(source)), source);
      },
    ),
  );
  fc.assert(
    fc.property(
      number,
      hardware,
      address,
      hardware,
      address,
      (operation, senderHardware, sender, targetHardware, target) => {
        const packet = { operation, senderHardware, sender, targetHardware, target };
        assert.equal(parseArp(arpPacket(packet)), packet);
      },
    ),
  );
});

test("a flipped bit is found, and no bytes break the parsers", () => {
  fc.assert(
    fc.property(number, number, fc.uint8Array({ maxLength: 200 }), fc.nat(), (identifier, sequence, data, bit) => {
      const message = echoMessage({ type: 8, identifier, sequence, data });
      assert.equal(parseEcho(message), { type: 8, identifier, sequence, data });
      const at = bit % (message.length * 8);
      message[at >> 3] = (message[at >> 3] as number) ^ (1 << (at & 7));
      assert.is(parseEcho(message), undefined);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      parseIpv4(bytes);
      parseArp(bytes);
      parseEcho(bytes);
    }),
  );
});

test("two hosts on a wire ping each other, and nobody else", async () => {
  const hosts: NetworkHost[] = [];
  const wire = (far: number) => ({
    send: (frame: Uint8Array) => {
      queueMicrotask(() => hosts[far]?.accept(frame.slice()));
      return true;
    },
  });
  hosts.push(
    new NetworkHost(wire(1), Uint8Array.of(2, 0, 0, 0, 0, 1), 1),
    new NetworkHost(wire(0), Uint8Array.of(2, 0, 0, 0, 0, 2), 2),
  );
  assert.is((await (hosts[0] as NetworkHost).ping(2, 5000)).bytes, 64);
  assert.is((await (hosts[1] as NetworkHost).ping(1, 5000)).bytes, 64);
  const refusal = await (hosts[0] as NetworkHost).ping(3, 30).catch((error: { code: string }) => error);
  assert.is((refusal as { code: string }).code, "DeadlineExceeded");

  // The second address moves to other hardware, which says so.
  hosts[1] = new NetworkHost(wire(0), Uint8Array.of(2, 0, 0, 0, 0, 3), 2);
  const lost = await (hosts[0] as NetworkHost).ping(2, 30).catch((error: { code: string }) => error);
  assert.is((lost as { code: string }).code, "DeadlineExceeded", "the one before it is spoken to");
  hosts[1].announce();
  assert.is((await (hosts[0] as NetworkHost).ping(2, 5000)).bytes, 64);
});

test.run();
