// needs: root
/** Frames of a target on the kernel's devices, as the test captures them and as others read them. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { hostBench } from "../../hil/benches/host.js";
import { standInBench } from "../../hil/benches/stand-in.js";
import { arp, echo, ethernet, ipv4, port } from "../../hil/frame-matchers.js";
import { captureFrame, captureHead } from "../../hil/pcapng.js";
import { RunFolder } from "../../hil/run-folder.js";
import { NeedError, Target } from "../../hil/target.js";
import { arpOperations, arpPacket } from "../../lib/net/arp.js";
import { broadcast, ethernetFrame, etherTypes } from "../../lib/net/ethernet.js";
import { echoMessage, echoTypes } from "../../lib/net/icmp.js";
import { ipv4Packet, parseIpv4Address, protocols } from "../../lib/net/ipv4.js";
import { installed } from "../device/host.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("network");
const near = Uint8Array.of(2, 0, 0, 0, 0, 1);
const [ours, theirs] = [parseIpv4Address("10.9.0.1"), parseIpv4Address("10.9.0.2")];

function folder(context: Context): string {
  const path = mkdtempSync(join(tmpdir(), "network-"));
  context.defer(() => rmSync(path, { recursive: true }));
  return path;
}

const question = ethernetFrame({
  destination: broadcast,
  source: near,
  type: etherTypes.arp,
  payload: arpPacket({
    operation: arpOperations.request,
    senderHardware: near,
    sender: ours,
    targetHardware: new Uint8Array(6),
    target: theirs,
  }),
});

function packet(protocol: number, payload: Uint8Array): Uint8Array {
  return ethernetFrame({
    destination: broadcast,
    source: near,
    type: etherTypes.ipv4,
    payload: ipv4Packet({ source: ours, destination: theirs, protocol, payload }),
  });
}

const ping = packet(
  protocols.icmp,
  echoMessage({ type: echoTypes.request, identifier: 7, sequence: 1, data: new Uint8Array(8) }),
);
const datagram = packet(protocols.udp, Uint8Array.of(0x12, 0x34, 0, 53, 0, 8, 0, 0));

test("matchers know frames by their fields", () => {
  const cases: [{ matches(frame: Uint8Array): boolean }, Uint8Array | undefined][] = [
    [arp(), question],
    [arp({ operation: "request", sender: "10.9.0.1", target: "10.9.0.2" }), question],
    [arp({ operation: "reply" }), undefined],
    [arp({ target: "10.9.0.3" }), undefined],
    [echo({ kind: "request", source: "10.9.0.1" }), ping],
    [echo({ kind: "reply" }), undefined],
    [port("udp", { sourcePort: 0x1234, destinationPort: 53 }), datagram],
    [port("udp", { destinationPort: 54 }), undefined],
    [port("tcp"), undefined],
    [ethernet({ source: "02:00:00:00:00:01", type: 0x0806 }), question],
    [ipv4({ destination: "10.9.0.9" }), undefined],
  ];
  for (const [number, [matcher, wanted]] of cases.entries())
    for (const frame of [question, ping, datagram])
      assert.is(matcher.matches(frame), frame === wanted, `case ${number}`);
});

test("matchers survive any bytes", () => {
  const all = [arp(), echo(), port("udp"), port("tcp"), ethernet(), ipv4()];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, ip) => {
      const frame = Uint8Array.from([...new Uint8Array(12), 8, ip ? 0 : 6, ...(ip ? [0x45] : []), ...bytes]);
      for (const matcher of all) {
        matcher.matches(bytes);
        matcher.matches(frame);
      }
    }),
  );
});

test("tcpdump and capinfos read a capture", (context) => {
  if (!installed("tcpdump") || !installed("capinfos"))
    context.skip("needs tcpdump and capinfos: apt-get install tcpdump wireshark-common");
  const file = join(folder(context), "capture.pcapng");
  const time = Date.UTC(2026, 0, 2, 3, 4, 5) + 0.25;
  writeFileSync(
    file,
    Buffer.concat([
      captureHead("nic"),
      captureFrame(question, "out", time),
      captureFrame(ping, "in", time + 1),
      captureFrame(datagram.subarray(0, 57), "in", time + 2),
    ]),
  );
  const dump = spawnSync("tcpdump", ["-n", "-e", "-tttt", "-r", file], { encoding: "utf8", env: { ...process.env, TZ: "UTC" } });
  assert.is(dump.status, 0, dump.stderr);
  assert.match(dump.stdout, "2026-01-02 03:04:05.000250 02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, ethertype ARP");
  assert.match(dump.stdout, "Request who-has 10.9.0.2 tell 10.9.0.1");
  assert.match(dump.stdout, "10.9.0.1 > 10.9.0.2: ICMP echo request, id 7, seq 1");
  const facts = spawnSync("capinfos", ["-c", "-E", "-t", "-I", file], { encoding: "utf8" });
  assert.is(facts.status, 0, facts.stderr);
  assert.match(facts.stdout, /Number of packets:\s+3/);
  assert.match(facts.stdout, /File encapsulation:\s+Ethernet/);
  assert.match(facts.stdout, /Name = nic/);
});

test("frames on a TAP are those that the witness saw, and the run has both captures", async (context) => {
  const files = new RunFolder(join(folder(context), "run"));
  const target = await Target.start(hostBench(), ["nic"], { files, providers: { nic: "TAP" } }).catch((error: unknown) => {
    if (error instanceof NeedError) return context.skip(error.message);
    throw error;
  });
  context.use(target);
  const { nic } = target.parts;
  nic.send(ping);
  const { frame } = (await nic.far?.expect(echo({ kind: "request" }))) ?? {};
  assert.is(Buffer.compare(frame ?? new Uint8Array(0), ping), 0);
  nic.far?.send(question);
  await nic.expect(arp({ operation: "request" }));
  const missing = await nic.expect(arp({ target: "10.9.0.77" }), { within: "50ms" }).catch((error: Error) => error.message);
  assert.match(String(missing), "Expected an ARP packet (target 10.9.0.77) on nic within 50ms.");
  assert.is(Buffer.compare(readFileSync(join(files.path as string, "nic.pcapng")), nic.capture()), 0);
  if (!installed("tcpdump")) return;
  for (const name of ["nic", "nic.far"]) {
    const dump = spawnSync("tcpdump", ["-n", "-r", join(files.path as string, `${name}.pcapng`), "icmp or arp"], { encoding: "utf8" });
    assert.match(dump.stdout, "ICMP echo request");
    assert.match(dump.stdout, "Request who-has 10.9.0.2");
  }
});

test("a target that cannot be had gives everything back", async () => {
  const start = Target.start(standInBench(), ["nic"], { components: { broken: { binary: "no-such-component" } }, within: "300ms" });
  const message = await start.then(() => "none", (error: Error) => error.message);
  assert.match(message, /Waited 300 ms in vain until all components serve/);
  assert.match(message, "no-such-component");
});

test.run();
