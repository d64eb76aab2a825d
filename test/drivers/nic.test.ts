/**
 * The network driver on pairs, and on TAP interfaces of the real kernel: the file runs itself again in a fresh network
 * namespace, where every interface ends with the process.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import type { SessionError } from "../../base/errors.js";
import { checked } from "../../base/schema.js";
import { service } from "../../base/server.js";
import { native } from "../../bindings/native.js";
import { openNetPair, openPacketSocket, openTap } from "../../bindings/net.js";
import { configSchema } from "../../drivers/nic/config.js";
import { NicDriver } from "../../drivers/nic/driver.js";
import { formatMacAddress } from "../../lib/mac-address.js";
import { Nic, type NicConnection, NicInterface } from "../../sessions/nic/index.js";
import { Platform } from "../../sessions/platform/index.js";
import { UplinkInterface, UplinkSession } from "../../sessions/uplink/index.js";
import { cleanUp, installed, isRoot, run, runAgain, undo } from "../device/host.js";
import { frame, Port } from "../device/net-port.js";
import { pingProgram } from "../device/ping.js";
import { LocalParent } from "../support/local-parent.js";
import { type Context, suite } from "../support/suite.js";
import { again, type TestGrant, TestPlatform } from "./platform.js";

const inNamespace = process.argv[2] === "in-namespace";
const test = suite(inNamespace ? "nic-driver in a namespace" : "nic-driver");
test.after(cleanUp);

function system(context: Context, grant: TestGrant) {
  const platform = new TestPlatform({ net: grant });
  const parent = context.use(new LocalParent([platform.service]));
  let drivers = 0;
  return {
    platform,
    parent,
    async start(config: object = {}): Promise<NicDriver> {
      const env = parent.env(`nic ${++drivers}`);
      const driver = context.use(
        await NicDriver.open(
          env,
          await env.connect(Platform),
          checked(configSchema, { serve: "nic", defaultPolicy: {}, ...config }, "the configuration"),
        ),
      );
      await env.announce(NicInterface, (request) => driver.session(request));
      return driver;
    },
    client: async (options: object = {}): Promise<NicConnection> =>
      context.use(await parent.env("client").connect(Nic, options)),
  };
}

async function eventually(what: string, holds: () => boolean | Promise<boolean>, milliseconds = 5000): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what} did not happen within ${milliseconds} ms`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A frame without the device's header. */
function plain(seed: number, payload: number): Uint8Array {
  return frame(seed, payload).subarray(10);
}

function collect(nic: NicConnection): Uint8Array[] {
  const frames: Uint8Array[] = [];
  nic.onFrame((received) => void frames.push(received));
  return frames;
}

if (!inNamespace) {
  test("frames pass a pair both ways, plain and with headers", async (context) => {
    for (const offloads of [false, true]) {
      const [own, far] = openNetPair();
      context.defer(() => native.closeDescriptor(own));
      const port = new Port(far);
      context.defer(() => port.device.close());
      const { start, client } = system(context, { kind: "pair", open: again(own) });
      await start();
      const nic = await client({ offloads });
      assert.is(nic.offloads, offloads);
      const received = collect(nic);
      const count = 300;
      const header = new Uint8Array(offloads ? 12 : 0);
      let arrived = 0;
      for (let index = 0; index < count; ++index) {
        const bytes = plain(index & 0xff, 100 + index);
        assert.is(nic.send(Uint8Array.of(...header, ...bytes)), true);
        if (index % 16 === 15)
          await eventually("arrival", () => {
            for (const got of port.receive()) assert.equal(got.subarray(10), plain(arrived & 0xff, 100 + arrived++));
            return arrived === index + 1;
          });
      }
      for (let index = 0; index < 40; ++index) assert.is(port.send(frame(index, 1400)).consumed, 1);
      await eventually("40 frames", () => received.length === 40);
      for (const [index, got] of received.entries()) {
        assert.equal(got, Uint8Array.of(...header, ...plain(index, 1400)));
      }
      await nic.close();
    }
  });

  test("other policies and another address hold for the session that comes", async (context) => {
    const [own, far] = openNetPair();
    context.defer(() => (native.closeDescriptor(own), native.closeDescriptor(far)));
    const { start, client } = system(context, { kind: "pair", open: again(own) });
    const driver = await start({ policies: [{ label: "client" }], defaultPolicy: undefined });
    const nic = await client();
    const first = [...(await nic.macAddress())];
    const configure = (config: object): void =>
      driver.configure(checked(configSchema, { serve: "nic", ...config }, "the configuration"));
    configure({ policies: [{ label: "client" }], macAddress: "02:00:00:00:00:77" });
    assert.equal([...(await nic.macAddress())], first, "an open session stays as it is");
    await nic.close();
    const next = await client();
    assert.equal([...(await next.macAddress())], [2, 0, 0, 0, 0, 0x77]);
    await next.close();
    configure({ policies: [] });
    assert.is(
      await client().then(
        () => "granted",
        (error: SessionError) => error.code,
      ),
      "Denied",
    );
  });

  test("one client at a time, and only whom a policy lets in", async (context) => {
    const [own, far] = openNetPair();
    context.defer(() => (native.closeDescriptor(own), native.closeDescriptor(far)));
    const { start, client, parent } = system(context, { kind: "pair", open: again(own) });
    await start({ policies: [{ label: "client" }], defaultPolicy: undefined });
    const denied = async (name: string): Promise<string> => {
      try {
        await (await parent.env(name).connect(Nic)).close();
        return "none";
      } catch (error) {
        return (error as SessionError).code;
      }
    };
    assert.is(await denied("stranger"), "Denied");
    const first = await client();
    assert.is(await denied("client"), "Denied");
    await first.close();
    await eventually("the device to be free", async () => (await denied("client")) === "none");
  });

  test("as an Uplink client, through restarts of the server, and anew for another address", async (context) => {
    const [own, far] = openNetPair();
    context.defer(() => native.closeDescriptor(own));
    const port = new Port(far);
    context.defer(() => port.device.close());
    const { start, parent } = system(context, {
      kind: "pair",
      open: again(own),
      facts: { macAddress: "02:00:00:00:00:07" },
    });
    const addresses: string[] = [];
    let closeLast = (): void => {};
    const router = parent.env("router");
    const echo = service(UplinkInterface, async (request) => {
      closeLast = () => request.session.close();
      const session = await UplinkSession.open(request, { onFrame: (shared, self) => void self.send(shared) });
      addresses.push(formatMacAddress(session.macAddress));
      return session;
    });
    await router.announce(UplinkInterface, echo.factory as never);
    const driver = await start({ serve: "uplink" });
    for (const generation of [1, 2, 3]) {
      await eventually("the uplink", () => addresses.length === generation);
      let echoes = 0;
      await eventually("an echo", () => {
        port.send(frame(generation, 200));
        echoes += port.receive().filter((got) => got[24] === frame(generation, 200)[24]).length;
        return echoes > 0;
      });
      if (generation === 1) closeLast();
      if (generation === 2)
        driver.configure(
          checked(configSchema, { serve: "uplink", macAddress: "02:00:00:00:00:09" }, "the configuration"),
        );
    }
    assert.equal(addresses, ["02:00:00:00:00:07", "02:00:00:00:00:07", "02:00:00:00:00:09"]);
  });

  test("wild descriptors end nothing but their own frames", async (context) => {
    const [own, far] = openNetPair();
    context.defer(() => native.closeDescriptor(own));
    const port = new Port(far);
    context.defer(() => port.device.close());
    const { start, parent } = system(context, { kind: "pair", open: again(own) });
    await start();
    const { Dataspace } = await import("../../base/dataspace.js");
    const { PacketSource } = await import("../../base/packet-stream.js");
    const { NicFrame, nicSlots } = await import("../../sessions/nic/nic.generated.js");
    const session = context.use(
      await parent
        .env("wild")
        .session(NicInterface, { txBufferSize: 65_536, rxBufferSize: 65_536 }, { ram: 1 << 20, reconnect: false }),
    );
    const memory = context.use(Dataspace.of(await session.client.txStream(), { writable: true }));
    const source = new PacketSource(memory, { slots: nicSlots, stride: NicFrame.stride }, NicFrame, session.rpc);
    source.bulk.set(plain(9, 300), 1024);
    const edges = [0, 1, 9, 13, 14, 1514, 65_535, 65_536, 65_537, 0x7fff_ffff, 0xffff_fff0, 0xffff_ffff];
    let sent = 0;
    let acknowledged = 0;
    let good = 0;
    await eventually(
      "all frames to come back",
      () => {
        acknowledged += source.acknowledged(() => {});
        while (sent < 20_000 && source.readyToSubmit) {
          const right = sent % 100 === 0;
          source.submit(
            right
              ? { offset: 1024, length: plain(9, 300).length }
              : {
                  offset: edges[(sent * 7) % edges.length] as number,
                  length: edges[(sent * 5 + (sent >> 4)) % edges.length] as number,
                },
          );
          sent += 1;
        }
        source.wakeup();
        good += port.receive().filter((got) => got.length === 10 + 314 && got[24] === plain(9, 300)[14]).length;
        return acknowledged === 20_000;
      },
      15_000,
    );
    assert.ok(session.rpc.open);
    assert.ok(good >= 100, `${good} good frames arrived`);
  });

  const missing = !isRoot
    ? "root"
    : !existsSync("/dev/net/tun")
      ? "/dev/net/tun"
      : !installed("unshare")
        ? "unshare"
        : !installed("ip")
          ? "ip"
          : !installed("perl")
            ? "perl"
            : undefined;
  if (missing !== undefined) test.skip("TAP interfaces", `needs ${missing}`);
  else
    test("TAP interfaces, in a namespace of their own", { timeout: 60_000 }, () =>
      runAgain("unshare", ["--net"], "in-namespace"),
    );
} else {
  const tapGrant = (name: string): TestGrant => ({
    kind: "tap",
    open: () => openTap({ name }).descriptor,
    facts: { macAddress: "02:11:22:33:44:55" },
  });

  /** Answers ARP and echo requests for 10.9.8.7: the smallest neighbour that ping knows. */
  const answer = (nic: NicConnection, address: readonly number[]): void => {
    nic.onFrame((received) => {
      const type = ((received[12] ?? 0) << 8) | (received[13] ?? 0);
      const reply = received.slice();
      reply.set(received.subarray(6, 12), 0);
      reply.set(address, 6);
      if (type === 0x0806 && received[21] === 1 && received[41] === 7) {
        reply[21] = 2;
        reply.set(received.subarray(22, 32), 32);
        reply.set(address, 22);
        reply.set([10, 9, 8, 7], 28);
        nic.send(reply);
      } else if (type === 0x0800 && received[23] === 1 && received[34] === 8) {
        reply.set(received.subarray(26, 30), 30);
        reply.set(received.subarray(30, 34), 26);
        reply[34] = 0;
        // The type went from 8 to 0, so the ones-complement checksum grows by 0x0800.
        const sum = (((received[36] ?? 0) << 8) | (received[37] ?? 0)) + 0x0800;
        const folded = (sum & 0xffff) + (sum >>> 16);
        reply[36] = folded >>> 8;
        reply[37] = folded & 0xff;
        nic.send(reply);
      }
    });
  };

  const ping = async (): Promise<string> => {
    const child = spawn("perl", ["-e", pingProgram, "10.9.8.7"], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (text: Buffer) => (output += text.toString()));
    await once(child, "close");
    return output;
  };

  test("the host pings a client of the driver, also after its TAP was deleted", {
    timeout: 30_000,
  }, async (context) => {
    const name = "bh-test0";
    const { start, client } = system(context, tapGrant(name));
    await start();
    undo(() => {
      if (existsSync(`/sys/class/net/${name}`)) run("ip", "link", "delete", name);
    });
    const nic = await client();
    const address = await nic.macAddress();
    assert.is(formatMacAddress(address), "02:11:22:33:44:54");
    answer(nic, address);
    run("ip", "address", "add", "10.9.8.1/24", "dev", name);
    assert.match(await ping(), /3 (packets )?received/);

    run("ip", "link", "delete", name);
    await eventually(
      "the link to go down or the TAP to come back",
      async () => !(await nic.linkState()) || existsSync(`/sys/class/net/${name}`),
    );
    await eventually("the link to come up again", () => nic.linkState());
    run("ip", "address", "add", "10.9.8.1/24", "dev", name);
    assert.match(await ping(), /3 (packets )?received/);
  });

  test("an interface that is removed while it is down is missed, and its successor found", async (context) => {
    const [own, peer] = ["bh-test1", "bh-test2"];
    const plug = (): void => {
      run("ip", "link", "add", own, "type", "veth", "peer", "name", peer);
      for (const name of [own, peer]) run("ip", "link", "set", name, "up");
    };
    plug();
    undo(() => {
      if (existsSync(`/sys/class/net/${own}`)) run("ip", "link", "delete", own);
    });
    const { start, client } = system(context, {
      kind: "packet_socket",
      open: () => openPacketSocket(own).descriptor,
      facts: { macAddress: "02:11:22:33:44:55" },
    });
    await start();
    const nic = await client();
    const received = collect(nic);
    const arrives = async (what: string): Promise<void> => {
      const port = new Port(openPacketSocket(peer).descriptor);
      await eventually(what, async () => {
        port.send(frame(7, 100));
        await delay(20);
        return received.some((bytes) => Buffer.compare(bytes, plain(7, 100)) === 0);
      });
      port.device.close();
      received.length = 0;
    };
    await arrives("a frame");
    // What the driver, in this process, finds behind the news.
    const waiting = new Port(openPacketSocket(peer).descriptor);
    waiting.send(frame(8, 100));
    run("ip", "link", "set", own, "down");
    waiting.device.close();
    // The driver has heard of it, and the kernel has nothing more to tell.
    await delay(100);
    run("ip", "link", "delete", own);
    await eventually("the loss", async () => !(await nic.linkState()));
    plug();
    await arrives("a frame from its successor");
  });
}

test.run();
