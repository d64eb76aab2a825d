// emulated
import * as assert from "uvu/assert";
import { formatMacAddress, numberedMacAddress, parseMacAddress } from "../../lib/mac-address.js";
import { Nic, NicInterface, NicSession } from "../../sessions/nic/index.js";
import { Uplink, UplinkInterface, UplinkSession } from "../../sessions/uplink/index.js";
import { LocalParent } from "../support/local-parent.js";
import { suite } from "../support/suite.js";

const test = suite("uplink and nic");

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

test("a driver's uplink and a client's nic meet in a server", async (context) => {
  const parent = context.use(new LocalParent());
  const macAddress = parseMacAddress("02:00:00:00:00:0a");
  let uplink: UplinkSession | undefined;
  let nic: NicSession | undefined;
  const server = parent.env("switch");
  await server.announce(UplinkInterface, async (request) => {
    uplink = await UplinkSession.open(request, {
      onFrame: (shared) => nic?.send(shared),
      onClose: () => {
        uplink = undefined;
        if (nic !== undefined) nic.linkUp = false;
      },
    });
    if (nic !== undefined) nic.linkUp = true;
    return uplink;
  });
  await server.announce(NicInterface, async (request) => {
    nic = await NicSession.open(request, {
      macAddress,
      linkUp: uplink !== undefined,
      offloads: true,
      onFrame: (shared) => uplink?.send(shared),
    });
    return nic;
  });

  const client = context.use(await parent.env("client").connect(Nic, { offloads: true }));
  const states: boolean[] = [];
  client.onLinkChange(() => void client.linkState().then((up) => states.push(up)));
  const received: string[] = [];
  // private copy: the connection hands one out
  client.onFrame((frame) => received.push(Buffer.from(frame).toString("latin1")));
  assert.ok(client.offloads);
  assert.not(await client.linkState());
  assert.is(formatMacAddress(await client.macAddress()), "02:00:00:00:00:0a");

  const driver = await parent
    .env("driver")
    .connect(Uplink, { macAddress: parseMacAddress("52:54:00:12:34:56"), offloads: true });
  await until(() => states.length === 1);
  assert.is(formatMacAddress(uplink?.macAddress ?? []), "52:54:00:12:34:56");
  assert.not(driver.offloads, "the server cannot");
  const transmitted: string[] = [];
  driver.onFrame((frame) => transmitted.push(Buffer.from(frame).toString("latin1")));
  driver.send(Buffer.from("from the wire"));
  client.send(Buffer.from("to the wire"));
  await until(() => received.length === 1 && transmitted.length === 1);
  assert.equal([received, transmitted], [["from the wire"], ["to the wire"]]);

  await driver.close();
  await until(() => states.length === 2);
  assert.equal(states, [true, false]);
});

test("a wrong address is refused", async (context) => {
  const parent = context.use(new LocalParent());
  await parent.env("server").announce(UplinkInterface, (request) => UplinkSession.open(request, { onFrame: () => {} }));
  const code = await parent
    .env("driver")
    .connect(Uplink, { macAddress: [1, 2, 3] })
    .then(
      () => "granted",
      (error: { code?: string }) => error.code,
    );
  assert.is(code, "Denied");
});

test("numbers addresses across bytes", () => {
  const prefix = parseMacAddress("02:00:00:00:00:00");
  assert.is(formatMacAddress(numberedMacAddress(prefix, 1)), "02:00:00:00:00:01");
  assert.is(formatMacAddress(numberedMacAddress(prefix, 258)), "02:00:00:00:01:02");
  assert.is(formatMacAddress(numberedMacAddress(parseMacAddress("02:00:00:00:00:ff"), 1)), "02:00:00:00:01:00");
});

test.run();
